// A salon as it is, free of any wire format: what was sold, to whom, when. Sums are kopecks and times are instants; the
// wire forms are made from them, and so is the ledger that the database must equal.

import type { Document, Line, Loyalty, Operation, Payment, Person, Visit } from '#sandbox/yclients/books.ts'
import { isSale, type LedgerEntry, saleEntry, sumOf, visitEntry } from '#sandbox/yclients/ledger.ts'

export interface NewVisit {
  readonly at: Date
  readonly client?: Person | null
  readonly services?: Line[]
  readonly goods?: Line[]
  readonly attendance?: Visit['attendance']
}

export const EXPENSES = {
  services: { id: 5, title: 'Оказание услуг' },
  abonement: { id: 6, title: 'Продажа абонементов' },
  certificate: { id: 12, title: 'Продажа сертификатов' },
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

export function createSalon(now: () => Date, firstId = 900_000_000) {
  const visits = new Map<number, Visit>()
  const operations = new Map<number, Operation>()
  const documents = new Map<number, Document>()
  /** Sales without an appointment as they were last shown: one that is emptied keeps what it was. */
  const shownSales = new Map<number, LedgerEntry>()
  /** Visits that are in no list any more, nor to be read alone. */
  const vanished = new Set<Visit>()
  const listeners: ((event: SalonEvent) => void)[] = []
  const tell = (event: SalonEvent) => {
    for (const listen of listeners) listen(event)
  }
  let lastId = firstId
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
      ...{ documentId: 0, loyalty: NO_LOYALTY },
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

  /** Pays a visit in so many parts, as card and cash do; the rest with loyalty. */
  function pay(id: number, input: number | Payment = 1): void {
    const { parts = 1, deposit = 0, bonus = 0 } = typeof input === 'number' ? { parts: input } : input
    const visit = get(id)
    visit.documentId = nextId()
    visit.loyalty = { deposit, bonus }
    const due = sumOf([...visit.services, ...visit.goods]) - deposit - bonus
    for (const kopecks of split(due, parts)) {
      const payment = { documentId: visit.documentId, recordId: id, at: now(), kopecks, expense: EXPENSES.services }
      addOperation({ ...payment, itemId: 0, itemType: 'service', client: visit.client })
    }
    visit.paidFull = true
    touch(visit)
  }

  function withdrawPayment(id: number): void {
    const visit = get(id)
    for (const operation of paymentsOf(visit)) removeOperation(operation)
    visit.loyalty = NO_LOYALTY
    visit.paidFull = false
    touch(visit)
  }

  /** A sale over the counter. Each line is paid by operations of its own, the last one with loyalty too. */
  function sell(at: Date, lines: readonly Line[], client: Person | null = null, payment: Payment = {}): number {
    const { parts = 1, deposit = 0, bonus = 0 } = payment
    const documentId = nextId()
    documents.set(documentId, { lines, type: 'good', loyalty: { deposit, bonus } })
    for (const [index, line] of lines.entries()) {
      const sold = { itemId: line.id, itemType: 'goods_transaction', expense: EXPENSES.goods }
      const due = line.kopecks - (index === lines.length - 1 ? deposit + bonus : 0)
      for (const kopecks of split(due, parts)) {
        const operation = addOperation({ documentId, recordId: 0, at, kopecks, client, ...sold })
        tell({ resource: 'goods_operations_sale', status: 'create', operation })
      }
    }
    return documentId
  }

  /** An abonement or a certificate: the payment names no item. */
  function sellVoucher(at: Date, line: Line, expense: Operation['expense'], client: Person | null = null): number {
    const documentId = nextId()
    documents.set(documentId, { lines: [line], type: '', loyalty: NO_LOYALTY })
    addOperation({ documentId, recordId: 0, at, kopecks: line.kopecks, expense, itemId: 0, itemType: '', client })
    return documentId
  }

  function removeSale(documentId: number): void {
    documents.delete(documentId)
    for (const operation of saleOf(documentId)) removeOperation(operation)
  }

  /** Money that is no sale: it is in the same list and must never be counted. */
  function move(at: Date, kopecks: number, expense: Operation['expense'], itemType = ''): void {
    addOperation({ documentId: nextId(), recordId: 0, at, kopecks, expense, itemId: 0, itemType, client: null })
  }

  /** Income that somebody has entered by hand: it has no document. */
  function enterIncome(at: Date, kopecks: number): void {
    const income = { documentId: 0, recordId: 0, at, kopecks, expense: EXPENSES.services }
    addOperation({ ...income, itemId: 0, itemType: '', client: null })
  }

  /** A sale as the books have it now; null when nothing of it is left. */
  function sale(documentId: number): LedgerEntry | null {
    return saleEntry(documentId, saleOf(documentId), documents.get(documentId) ?? null)
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
      ([documentId, before]) => sale(documentId) ?? { ...before, status: 'cancelled' as const },
    )
    return [...shown, ...sales].toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
  }

  return {
    visits,
    operations,
    documents,
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
    sellVoucher,
    enterIncome,
    removeSale,
    sale,
    saleOf,
    listeners,
    move,
    touch,
    ledger,
    now,
  }
}

const NO_LOYALTY: Loyalty = { deposit: 0, bonus: 0 }

function split(kopecks: number, parts: number): number[] {
  const part = Math.floor(kopecks / parts)
  const all = Array.from({ length: parts }, (_, index) => (index === parts - 1 ? kopecks - part * (parts - 1) : part))
  return all.filter((sum) => sum > 0)
}
