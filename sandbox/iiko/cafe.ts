// A café as it is, free of any wire format: what was ordered, sold and taken back, by whom, when. Sums are kopecks and
// times are instants; the wire forms of the cloud and of the restaurant's own server are made from them, and so is the
// ledger that the database must equal.

export interface Person {
  /** Null: a one-time customer, as aggregators have them. */
  readonly id: string | null
  readonly name: string
  readonly surname: string
  readonly phone: string
}

export interface Line {
  readonly id: string
  readonly title: string
  quantity: number
  kopecks: number
  type: 'Product' | 'Compound' | 'Service'
  /** Taken out of the order, or out of the receipt with or without a write-off. */
  removed: boolean
  /** Not part of the line's own sum. */
  modifiers?: readonly Modifier[]
}

export interface Modifier {
  readonly id: string
  readonly title: string
  readonly kopecks: number
}

/** By what the till itself calls a payment; an order's own kinds do not have all of them. */
export interface Payment {
  readonly kind: string
  readonly kopecks: number
  /** It stands beside the real one. */
  readonly isPreliminary?: boolean
}

export interface Guest {
  readonly phone: string | null
  readonly name: string | null
  readonly card: string | null
}

export type Status =
  | 'Unconfirmed'
  | 'CookingStarted'
  | 'OnWay'
  | 'Delivered'
  | 'Closed'
  | 'Cancelled'
  | 'New'
  | 'Deleted'

export interface Order {
  readonly id: string
  readonly posId: string
  readonly kind: 'delivery' | 'table'
  readonly number: number
  readonly organizationId: string
  createdAt: Date
  plannedAt: Date
  closedAt: Date | null
  status: Status
  creation: 'Success' | 'InProgress' | 'Error'
  isDeleted: boolean
  movedTo: string | null
  customer: Person | null
  lines: Line[]
  payments: Payment[]
  changedAt: Date
  revision: bigint
  /** When it was closed as the cloud last showed it paid: that stays whatever becomes of it. */
  shownAt: Date | null
  /** Only the server's reports have shown it. */
  isReported: boolean
}

/** A receipt of the till: only the restaurant's server knows it. */
export interface Receipt {
  readonly id: string
  readonly number: number
  closedAt: Date
  lines: Line[]
  isReturn: boolean
  returnOf: string | null
  isDeleted: boolean
  /** Still open: it has no time of closing, and is no sale yet. */
  isOpen: boolean
  payGroup: 'CASH' | 'CARD' | 'WRITEOFF' | 'IikoCard'
  guest: Guest
  /** Who paid for nothing, or after the guest. */
  others: readonly Guest[]
  shown: boolean
}

export interface LedgerEntry {
  readonly externalId: string
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
  readonly card: string | null
}

export interface NewOrder {
  readonly at: Date
  readonly kind?: Order['kind']
  readonly organizationId?: string
  readonly customer?: Person | null
  readonly lines?: Line[]
  readonly payment?: string
  readonly plannedAt?: Date
}

export type Cafe = ReturnType<typeof createCafe>

export const ORGANIZATION = '7bc05553-4b68-44e8-b7bc-37be63c6d9e9'

export function line(id: string, title: string, kopecks: number, type: Line['type'] = 'Product'): Line {
  return { id, title, quantity: 1, kopecks, type, removed: false }
}

/** Revisions that no JavaScript number has room for; by the clock, so that they go up over restarts too. */
const FIRST_REVISION = 9_007_199_254_740_993n

export function createCafe(now: () => Date, seed = 1) {
  const orders = new Map<string, Order>()
  const receipts = new Map<string, Receipt>()
  /** Stored once and in no report any more. */
  const vanished = new Map<string, LedgerEntry>()
  let revision = FIRST_REVISION + BigInt(now().getTime())
  let counter = seed * 1_000_000
  const guid = (kind: number) => `0000000${kind}-0000-4000-8000-${String((counter += 1)).padStart(12, '0')}`

  /** Payments that are no money, as the settings say. */
  const excludedKinds = new Set(['Writeoff'])
  const listeners: ((order: Order) => void)[] = []
  const touch = (order: Order): Order => {
    Object.assign(order, { changedAt: now(), revision: (revision += 1n) })
    for (const listener of listeners) listener(order)
    return order
  }
  const get = (id: string): Order => {
    const order = orders.get(id)
    if (!order) throw new Error(`no order ${id}`)
    return order
  }

  function open({ at, kind = 'delivery', customer = null, lines = [], ...rest }: NewOrder): Order {
    const order: Order = {
      ...{
        id: guid(1),
        posId: guid(2),
        kind,
        number: counter % 10_000,
        organizationId: rest.organizationId ?? ORGANIZATION,
      },
      ...{ createdAt: at, plannedAt: rest.plannedAt ?? new Date(at.getTime() + 50 * 60_000), closedAt: null },
      ...{ status: kind === 'table' ? ('New' as const) : ('CookingStarted' as const), creation: 'Success' as const },
      ...{
        isDeleted: false,
        movedTo: null,
        customer,
        lines,
        payments: [],
        changedAt: now(),
        revision,
        shownAt: null,
        isReported: false,
      },
    }
    orders.set(order.id, touch(order))
    return order
  }

  function close(id: string, at = now(), payment = 'Card'): Order {
    const order = get(id)
    const payments = [{ kind: payment, kopecks: dueOf(order.lines) }]
    return touch(Object.assign(order, { status: 'Closed', closedAt: at, payments }))
  }

  /** Opened and closed at one time in the past. */
  function sell(input: NewOrder): Order {
    const order = open({ ...input, at: new Date(input.at.getTime() - 45 * 60_000) })
    return close(order.id, input.at, input.payment)
  }

  function ring(at: Date, lines: Line[], change: Partial<Receipt> = {}): Receipt {
    const receipt: Receipt = {
      ...{ id: guid(3), number: counter % 100, closedAt: at, lines, isReturn: false, returnOf: null, isDeleted: false },
      ...{ isOpen: false, payGroup: 'CARD' as const, guest: { phone: null, name: null, card: null }, others: [] },
      shown: false,
      ...change,
    }
    receipts.set(receipt.id, receipt)
    return receipt
  }

  function giveBack(id: string, at = now()): Receipt {
    const sold = receipts.get(id)
    if (!sold) throw new Error(`no receipt ${id}`)
    return ring(
      at,
      sold.lines.map((one) => ({ ...one })),
      { isReturn: true, returnOf: id, guest: sold.guest },
    )
  }

  /** No report shows it any more, without a word. */
  function vanish(id: string): void {
    const receipt = receipts.get(id)
    if (receipt?.shown) vanished.set(id, { ...receiptEntry(receipt, excludedKinds), status: 'cancelled' })
    receipts.delete(id)
  }

  /** What a service that has been shown everything must hold. */
  function ledger(): LedgerEntry[] {
    const ordered = [...orders.values()].flatMap((order) => {
      if (order.shownAt) return [orderEntry(order, order.shownAt, excludedKinds)]
      return order.isReported ? [reportEntry(order, excludedKinds)] : []
    })
    const rung = [...receipts.values()].filter(({ shown }) => shown).map((one) => receiptEntry(one, excludedKinds))
    return [...ordered, ...rung, ...vanished.values()].toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  }

  return {
    listeners,
    excludedKinds,
    ...{ orders, receipts, open, close, sell, ring, giveBack, vanish, touch, get, ledger, now },
    revision: () => revision,
    /** What is added from now on has ids above this. */
    startIdsAbove: (id: number) => void (counter = Math.max(counter, id)),
  }
}

export function dueOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { kopecks, removed, modifiers = [] }) => {
    const withModifiers = modifiers.reduce((total, modifier) => total + modifier.kopecks, kopecks)
    return sum + (removed ? 0 : withModifiers)
  }, 0)
}

export function isPaid(order: Order): boolean {
  return order.creation === 'Success' && order.status === 'Closed' && !order.isDeleted && order.movedTo === null
}

function orderEntry(order: Order, shownAt: Date, excludedKinds: ReadonlySet<string>): LedgerEntry {
  const isOver = order.isDeleted || order.movedTo !== null || ['Cancelled', 'Deleted'].includes(order.status)
  const excluded = order.payments.filter(({ kind, isPreliminary }) => !isPreliminary && excludedKinds.has(kind))
  const noMoney = excluded.reduce((sum, { kopecks }) => sum + kopecks, 0)
  return {
    externalId: order.id,
    status: isOver ? 'cancelled' : isPaid(order) ? 'paid' : 'unpaid',
    amountMinor: Math.max(dueOf(order.lines) - noMoney, 0),
    occurredAt: (isPaid(order) ? (order.closedAt ?? shownAt) : shownAt).toISOString(),
    phone: order.customer?.phone ?? null,
    customerId: order.customer?.id ?? null,
    card: null,
  }
}

/** An order that only the till and its server know as paid. */
function reportEntry(order: Order, excludedKinds: ReadonlySet<string>): LedgerEntry {
  const entry = orderEntry(order, order.closedAt ?? order.createdAt, excludedKinds)
  return { ...entry, externalId: `olap:${order.posId}`, customerId: null }
}

function receiptEntry(receipt: Receipt, excludedKinds: ReadonlySet<string>): LedgerEntry {
  const isMoney = ![...excludedKinds].some((kind) => kind.toUpperCase() === receipt.payGroup.toUpperCase())
  const due = isMoney ? dueOf(receipt.lines) : 0
  return {
    externalId: `olap:${receipt.id}`,
    status: receipt.isDeleted ? 'cancelled' : 'paid',
    amountMinor: receipt.isReturn ? -due : due,
    occurredAt: receipt.closedAt.toISOString(),
    phone: receipt.guest.phone,
    customerId: null,
    card: receipt.guest.card,
  }
}
