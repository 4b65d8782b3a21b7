// A salon as it is, free of any wire format: what was sold, to whom, when. Sums are kopecks and times are instants; the
// wire forms are made from them, and so is the ledger that the database must equal.

export interface Person {
  id: number
  name: string
  surname: string
  phone: string
  email: string
}

export interface Line {
  id: number
  title: string
  quantity: number
  kopecks: number
}

export interface Visit {
  readonly id: number
  at: Date
  client: Person | null
  services: Line[]
  goods: Line[]
  attendance: -1 | 0 | 1 | 2
  paidFull: boolean
  deleted: boolean
  changedAt: Date
  /** The time it had when it was last shown paid; a ledger entry exists from then on. */
  shownPaidAt: Date | null
}

export interface Operation {
  readonly id: number
  documentId: number
  recordId: number
  at: Date
  kopecks: number
  expense: { id: number; title: string }
  itemId: number
  itemType: string
  client: Person | null
  changedAt: Date
}

export interface LedgerEntry {
  readonly externalId: string
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
  readonly items: readonly { readonly externalId: string | null; readonly amountMinor: number }[]
}

export interface NewVisit {
  readonly at: Date
  readonly client?: Person | null
  readonly services?: Line[]
  readonly goods?: Line[]
  readonly attendance?: Visit['attendance']
}

export const EXPENSES = {
  services: { id: 5, title: 'Оказание услуг' },
  goods: { id: 7, title: 'Продажа товаров' },
  deposit: { id: 10, title: 'Пополнение счета' },
  salary: { id: 1, title: 'Зарплата персонала' },
} as const

/** Something that the vendor tells by a webhook. */
export type SalonEvent =
  | { readonly resource: 'record'; readonly status: 'create' | 'update' | 'delete'; readonly visit: Visit }
  | {
      readonly resource: 'finances_operation' | 'goods_operations_sale'
      readonly status: 'create' | 'delete'
      readonly operation: Operation
    }

export type Salon = ReturnType<typeof createSalon>

export function createSalon(now: () => Date) {
  const visits = new Map<number, Visit>()
  const operations = new Map<number, Operation>()
  /** Sales without an appointment as they were last shown: one that is emptied keeps what it was. */
  const shownSales = new Map<number, LedgerEntry>()
  /** Visits that are in no list any more, nor to be read alone. */
  const vanished = new Set<Visit>()
  const listeners: ((event: SalonEvent) => void)[] = []
  const tell = (event: SalonEvent) => {
    for (const listen of listeners) listen(event)
  }
  let lastId = 900_000_000
  const nextId = () => (lastId += 1)
  /** What is added from now on has ids above this. */
  const startIdsAbove = (id: number) => void (lastId = Math.max(lastId, id))

  const touch = (visit: Visit) => {
    visit.changedAt = now()
    tell({ resource: 'record', status: visit.deleted ? 'delete' : 'update', visit })
    return visit
  }
  const get = (id: number): Visit => {
    const visit = visits.get(id)
    if (!visit) throw new Error(`no visit ${id}`)
    return visit
  }
  const paymentsOf = (visit: Visit) => [...operations.values()].filter(({ recordId }) => recordId === visit.id)

  function addVisit({ at, client = null, services = [], goods = [], attendance = 0 }: NewVisit): Visit {
    const visit: Visit = {
      ...{ id: nextId(), at, client, services, goods, attendance, paidFull: false, deleted: false },
      ...{ changedAt: now(), shownPaidAt: null },
    }
    visits.set(visit.id, visit)
    tell({ resource: 'record', status: 'create', visit })
    return visit
  }

  function addOperation(operation: Omit<Operation, 'id' | 'changedAt'>): Operation {
    const added = { id: nextId(), changedAt: now(), ...operation }
    operations.set(added.id, added)
    tell({ resource: 'finances_operation', status: 'create', operation: added })
    return added
  }

  function removeOperation(operation: Operation): void {
    operations.delete(operation.id)
    tell({ resource: 'finances_operation', status: 'delete', operation })
  }

  /** Pays a visit in so many parts, as card and cash do. */
  function pay(id: number, parts = 1): void {
    const visit = get(id)
    const due = [...visit.services, ...visit.goods].reduce((sum, { kopecks }) => sum + kopecks, 0)
    const documentId = nextId()
    for (let part = 0; part < parts; part += 1) {
      const kopecks = part === parts - 1 ? due - Math.floor(due / parts) * part : Math.floor(due / parts)
      const payment = {
        documentId,
        recordId: id,
        at: now(),
        kopecks,
        expense: EXPENSES.services,
        itemId: 0,
        itemType: 'service',
      }
      if (kopecks > 0) addOperation({ ...payment, client: visit.client })
    }
    visit.paidFull = true
    touch(visit)
  }

  function withdrawPayment(id: number): void {
    const visit = get(id)
    for (const operation of paymentsOf(visit)) removeOperation(operation)
    visit.paidFull = false
    touch(visit)
  }

  /** A sale over the counter. Each line is paid by an operation of its own. */
  function sell(at: Date, lines: readonly Line[], client: Person | null = null): number {
    const documentId = nextId()
    for (const line of lines) {
      const sold = { itemId: line.id, itemType: 'goods_transaction', expense: EXPENSES.goods }
      const operation = addOperation({ documentId, recordId: 0, at, kopecks: line.kopecks, client, ...sold })
      tell({ resource: 'goods_operations_sale', status: 'create', operation })
    }
    return documentId
  }

  function removeSale(documentId: number): void {
    for (const operation of saleOf(documentId)) removeOperation(operation)
  }

  /** Money that is no sale: it is in the same list and must never be counted. */
  function move(at: Date, kopecks: number, expense: { id: number; title: string }): void {
    addOperation({ documentId: nextId(), recordId: 0, at, kopecks, expense, itemId: 0, itemType: '', client: null })
  }

  function vanish(id: number): void {
    vanished.add(get(id))
    visits.delete(id)
  }

  const saleOf = (documentId: number) =>
    [...operations.values()].filter((operation) => operation.documentId === documentId && isSale(operation))

  /** What a service that has been shown everything must hold. */
  function ledger(): LedgerEntry[] {
    const shown = [...visits.values(), ...vanished]
      .filter(({ shownPaidAt }) => shownPaidAt !== null)
      .map((visit) => ({
        ...visitEntry(visit, paymentsOf(visit)),
        ...(vanished.has(visit) && { status: 'cancelled' as const }),
      }))
    const sales = [...shownSales].map(
      ([documentId, before]) =>
        saleEntry(documentId, saleOf(documentId)) ?? { ...before, status: 'cancelled' as const },
    )
    return [...shown, ...sales].toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  }

  return {
    visits,
    operations,
    shownSales,
    startIdsAbove,
    addVisit,
    addOperation,
    get,
    pay,
    paymentsOf,
    withdrawPayment,
    vanish,
    sell,
    removeSale,
    saleOf,
    listeners,
    move,
    touch,
    ledger,
    now,
  }
}

export function isSale(operation: Operation): boolean {
  return operation.recordId === 0 && operation.kopecks > 0 && operation.itemType !== ''
}

export function isPaid(visit: Visit): boolean {
  return visit.attendance === 1 && visit.paidFull && !visit.deleted
}

function visitEntry(visit: Visit, payments: readonly Operation[]): LedgerEntry {
  const isCancelled = visit.deleted || visit.attendance === -1
  const at = isPaid(visit) ? visit.at : (visit.shownPaidAt ?? visit.at)
  return {
    externalId: `record:${visit.id}`,
    status: isCancelled ? 'cancelled' : isPaid(visit) ? 'paid' : 'unpaid',
    amountMinor: payments.reduce((sum, { kopecks }) => sum + kopecks, 0),
    occurredAt: at.toISOString(),
    phone: visit.client?.phone ?? null,
    customerId: visit.client ? String(visit.client.id) : null,
    items: [...visit.services, ...visit.goods].map(({ id, kopecks }) => ({
      externalId: String(id),
      amountMinor: kopecks,
    })),
  }
}

/** Null when nothing of the sale is left. */
export function saleEntry(documentId: number, operations: readonly Operation[]): LedgerEntry | null {
  const first = operations.map(({ at }) => at.getTime()).toSorted((a, b) => a - b)[0]
  if (first === undefined) return null
  const client = operations.find((operation) => operation.client)?.client ?? null
  return {
    externalId: `sale:${documentId}`,
    status: 'paid',
    amountMinor: operations.reduce((sum, { kopecks }) => sum + kopecks, 0),
    occurredAt: new Date(first).toISOString(),
    phone: client?.phone ?? null,
    customerId: client ? String(client.id) : null,
    items: operations.map(({ itemId, kopecks }) => ({ externalId: String(itemId), amountMinor: kopecks })),
  }
}
