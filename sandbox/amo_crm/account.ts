// An amoCRM account as it is, free of any wire format: deals, people, purchases, invoices, and the log of what was
// deleted. Sums are kopecks and times are instants of whole seconds; the wire forms are made from them, and so is the
// ledger that the database must equal.

export const WON = 142
export const LOST = 143
/** A stage that is neither. */
export const OPEN = 7100
export const PIPELINES = [7001, 7002] as const

export interface Person {
  readonly id: number
  firstName: string
  lastName: string
  /** Some accounts have numbers that are JSON numbers. */
  phones: (string | number)[]
  email: string
}

export interface Deal {
  readonly id: number
  name: string
  kopecks: number | null
  pipelineId: number
  statusId: number
  contactIds: number[]
  readonly createdAt: Date
  updatedAt: Date
  closedAt: Date | null
  place: 'list' | 'bin' | 'nowhere'
  /** When it happened as it was last shown paid; a ledger entry exists from then on. */
  shownAt: Date | null
  /** As it was last shown. */
  isShownPaid: boolean
}

export interface Purchase {
  readonly id: number
  readonly customerId: number
  kopecks: number
  at: Date
  updatedAt: Date
  deleted: boolean
  isGone: boolean
  shownAt: Date | null
}

export interface Line {
  readonly kopecks: number
  readonly quantity: number
  /** Off the line, or so many percent of it. */
  readonly discountKopecks?: number
  readonly discountPercent?: number
  /** The line names its sum and no price. */
  readonly hasSumOnly?: true
}

export interface Invoice {
  readonly id: number
  kopecks: number
  /** Null: one line with the whole sum, and the total beside it. Otherwise nobody has edited the invoice on the web. */
  readonly lines: readonly Line[] | null
  /** The status has a text and no code. */
  readonly isByText: boolean
  readonly paymentDate: 'timestamp' | 'time' | 'day'
  /** Of the deal that it belongs to. */
  readonly dealId: number | null
  status: 'created' | 'paid' | 'partially_paid' | 'paid_in_advance'
  paidAt: Date | null
  payerId: number | null
  updatedAt: Date
  isGone: boolean
  shownAt: Date | null
}

export interface Happening {
  readonly id: string
  readonly type: string
  readonly entityId: number
  readonly at: Date
}

/** Something that the vendor tells by a webhook. */
export interface DealEvent {
  readonly action: 'add' | 'update' | 'status' | 'delete' | 'restore'
  readonly deal: Deal
}

export interface LedgerEntry {
  readonly externalId: string
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly customerId: string | null
}

export interface NewDeal {
  readonly kopecks?: number | null
  readonly contactIds?: number[]
  readonly pipelineId?: number
  readonly statusId?: number
  readonly at?: Date
}

export type Account = ReturnType<typeof createAccount>

export function createAccount(clock: () => Date, isPaid: (deal: Deal) => boolean = isWon) {
  const people = new Map<number, Person>()
  const deals = new Map<number, Deal>()
  const purchases = new Map<number, Purchase>()
  const invoices = new Map<number, Invoice>()
  /** Customers of the paid add-on: id → the contact behind it. */
  const customers = new Map<number, { readonly contactId: number; updatedAt: Date }>()
  const happenings: Happening[] = []
  const listeners: ((event: DealEvent) => void)[] = []
  const tell = (action: DealEvent['action'], one: Deal) => {
    for (const listener of listeners) listener({ action, deal: one })
  }
  // Ids of a real account need more than 32 bits.
  let lastId = 5_000_000_000
  const nextId = () => (lastId += 1)
  const startIdsAbove = (id: number) => void (lastId = Math.max(lastId, id))
  const now = () => wholeSecond(clock())
  const log = (type: string, entityId: number) =>
    void happenings.push({ id: `01h${happenings.length}`, type, entityId, at: now() })

  function addPerson(person: Partial<Person> = {}): Person {
    const added = { firstName: 'Анна', lastName: 'П.', phones: ['+79000000001'], email: '', ...person, id: nextId() }
    people.set(added.id, added)
    return added
  }

  function addDeal(input: NewDeal = {}): Deal {
    const { kopecks = 1_250_000, contactIds = [], pipelineId = PIPELINES[0], statusId = OPEN } = input
    const at = wholeSecond(input.at ?? now())
    const id = nextId()
    const deal: Deal = {
      ...{ id, name: `Заказ ${id}`, kopecks, pipelineId, statusId, contactIds: [...contactIds], createdAt: at },
      ...{ updatedAt: at, closedAt: statusId === WON || statusId === LOST ? at : null, place: 'list', shownAt: null },
      isShownPaid: false,
    }
    deals.set(id, deal)
    tell('add', deal)
    return deal
  }

  const deal = (id: number): Deal => found(deals.get(id))

  /** Somebody sees it. */
  function show(one: Deal): void {
    const paid = isPaid(one)
    // A deal that is paid and still open stays as old as it was when it was first seen so.
    if (paid && !(one.isShownPaid && one.closedAt === null)) one.shownAt = one.closedAt ?? one.updatedAt
    one.isShownPaid = paid
  }

  const touch = (one: { readonly id?: number; updatedAt: Date }) => {
    one.updatedAt = now()
    const changed = deals.get(one.id ?? 0)
    if (changed === one) tell('update', changed)
  }

  function moveTo(id: number, statusId: number): void {
    const one = deal(id)
    one.statusId = statusId
    one.closedAt = statusId === WON || statusId === LOST ? now() : null
    touch(one)
    tell('status', one)
  }

  /** Into the bin, where only those see it who ask for deleted ones; it leaves the lists without a new change time. */
  function remove(id: number, place: 'bin' | 'nowhere' = 'bin'): void {
    const one = deal(id)
    one.place = place
    if (place === 'bin') one.updatedAt = now()
    log('lead_deleted', id)
    tell('delete', one)
  }

  function restore(id: number): void {
    deal(id).place = 'list'
    log('lead_restored', id)
    tell('restore', deal(id))
  }

  function addCustomer(contactId: number): number {
    const id = nextId()
    customers.set(id, { contactId, updatedAt: now() })
    return id
  }

  function buy(customerId: number, kopecks: number, at = now()): Purchase {
    const id = nextId()
    const times = { at: wholeSecond(at), updatedAt: wholeSecond(at) }
    const purchase: Purchase = { id, customerId, kopecks, ...times, deleted: false, isGone: false, shownAt: null }
    purchases.set(id, purchase)
    touch(found(customers.get(customerId)))
    return purchase
  }

  function addInvoice(input: Partial<Omit<Invoice, 'id'>> = {}): Invoice {
    const paidAt = input.status === 'paid' ? (input.paidAt ?? now()) : null
    const basis = { status: 'created' as const, payerId: null, dealId: null, updatedAt: paidAt ?? now() }
    const form = { lines: null, isByText: false, paymentDate: 'timestamp' as const, isGone: false, shownAt: null }
    const kopecks = input.lines ? input.lines.reduce((sum, line) => sum + lineKopecks(line), 0) : 990_000
    const invoice: Invoice = { ...basis, ...form, kopecks, ...input, paidAt, id: nextId() }
    invoices.set(invoice.id, invoice)
    return invoice
  }

  /** What a service that has been shown everything must hold. */
  function ledger(): LedgerEntry[] {
    const entries = [
      ...[...deals.values()].map((one) => dealEntry(one, isPaid(one))),
      ...[...purchases.values()].map((one) => purchaseEntry(one, customers.get(one.customerId)?.contactId ?? null)),
      ...[...invoices.values()].map((one) => invoiceEntry(one, deals.get(one.dealId ?? 0)?.contactIds[0] ?? null)),
    ]
    return entries.filter((entry) => entry !== null).toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  }

  return {
    ...{ people, deals, purchases, invoices, customers, happenings, listeners, startIdsAbove, now },
    ...{ addPerson, addDeal, deal, show, touch, moveTo, remove, restore, addCustomer, buy, addInvoice, ledger },
  }
}

function isWon({ statusId }: Deal): boolean {
  return statusId === WON
}

function dealEntry(deal: Deal, isPaid: boolean): LedgerEntry | null {
  if (!deal.shownAt) return null
  const isGone = deal.place !== 'list'
  const status = isGone ? 'cancelled' : isPaid ? 'paid' : deal.statusId === LOST ? 'cancelled' : 'unpaid'
  const contactId = deal.contactIds[0] ?? null
  return {
    externalId: `lead:${deal.id}`,
    status,
    amountMinor: deal.kopecks ?? 0,
    occurredAt: (status === 'paid' ? (deal.closedAt ?? deal.shownAt) : deal.shownAt).toISOString(),
    customerId: contactId === null ? null : String(contactId),
  }
}

function purchaseEntry(purchase: Purchase, contactId: number | null): LedgerEntry | null {
  if (!purchase.shownAt) return null
  return {
    externalId: `purchase:${purchase.id}`,
    status: purchase.deleted || purchase.isGone ? 'cancelled' : 'paid',
    amountMinor: purchase.kopecks,
    occurredAt: purchase.at.toISOString(),
    customerId: contactId === null ? null : String(contactId),
  }
}

function invoiceEntry(invoice: Invoice, dealsContactId: number | null): LedgerEntry | null {
  if (!invoice.shownAt) return null
  const customerId = invoice.payerId ?? dealsContactId
  return {
    externalId: `invoice:${invoice.id}`,
    status: invoice.isGone ? 'cancelled' : invoice.status === 'paid' ? 'paid' : 'unpaid',
    amountMinor: invoice.kopecks,
    occurredAt: (invoice.status === 'paid' ? invoiceTime(invoice) : invoice.shownAt).toISOString(),
    customerId: customerId === null ? null : String(customerId),
  }
}

/** When it was paid, as exactly as it is told. */
export function invoiceTime({ paidAt, paymentDate, updatedAt }: Invoice): Date {
  if (!paidAt || paymentDate !== 'day') return paidAt ?? updatedAt
  // Midnight in Moscow, the account's zone.
  return new Date(Math.floor((paidAt.getTime() + MOSCOW_MS) / DAY_MS) * DAY_MS - MOSCOW_MS)
}

const MOSCOW_MS = 3 * 3_600_000
const DAY_MS = 86_400_000

function lineKopecks({ kopecks, quantity, discountKopecks = 0, discountPercent = 0 }: Line): number {
  const gross = kopecks * quantity
  return gross - discountKopecks - Math.round((gross * discountPercent) / 100)
}

export function wholeSecond(date: Date): Date {
  return new Date(date.getTime() - (date.getTime() % 1000))
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is nothing with this id')
  return value
}
