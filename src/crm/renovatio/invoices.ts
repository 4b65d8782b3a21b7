// Rows of invoices → records: each number once, with its customer, and never beside a visit that was counted while
// invoices could not be read.
import type { MappedRecord, StoredSale } from '#crm/contract.ts'
import type { Unmapped } from '#crm/kit/mapping.ts'
import { type Contacts, isSamePatient, type Payer, payerOf } from '#crm/renovatio/contacts.ts'
import type { ToVerify } from '#crm/renovatio/cursor.ts'
import { conflict, isDraft, isPaid, mapInvoice, readInvoice } from '#crm/renovatio/map.ts'
import type { PullContext } from '#crm/renovatio/pull-context.ts'
import type { Invoice } from '#crm/renovatio/schema.ts'
import { isOurs, type AccountContext } from '#crm/renovatio/account-context.ts'

export interface InvoiceRows {
  readonly unreadable: readonly Unmapped[]
  readonly numbers: ReadonlyMap<string, readonly Invoice[]>
  /** How many rows are no sales yet and have no number. */
  readonly drafts: number
}

export function readRows(rows: readonly unknown[]): InvoiceRows {
  const unreadable: Unmapped[] = []
  const numbers = new Map<string, readonly Invoice[]>()
  const numbered = rows.filter((row) => !isDraft(row))
  for (const row of numbered.map(readInvoice)) {
    if ('type' in row) unreadable.push(row)
    else numbers.set(row.number, [...(numbers.get(row.number) ?? []), row])
  }
  return { unreadable, numbers, drafts: rows.length - numbered.length }
}

/** What is known without a call to the vendor. */
export interface LookupContext {
  readonly stored: ReadonlyMap<string, StoredSale>
  readonly contacts: Contacts
  readonly isNews: boolean
  readonly refill: boolean
}

/** Stored sales of these invoices, and of the visits behind them. */
export async function readStored(
  { storedSales }: AccountContext,
  { numbers }: InvoiceRows,
): Promise<LookupContext['stored']> {
  const visits = [...numbers.values()].flat().flatMap(({ appointment_id: id }) => (id ? [`appointment:${id}`] : []))
  return storedSales([...new Set([...[...numbers.keys()].map((number) => `invoice:${number}`), ...visits])])
}

export interface ResolvedInvoice {
  readonly invoice: Invoice
  readonly stored: StoredSale | undefined
  readonly payer: Payer
  /** Other patients' invoices with the same number. */
  readonly conflicts: readonly Unmapped[]
  /** It belongs to another clinic, or its visit is already counted. */
  readonly isElsewhere: boolean
  /** It is stored for another patient. */
  readonly isOtherPatient: boolean
}

/** Resolves all rows with one number; null when there are none. */
export function resolveInvoice(
  context: AccountContext,
  rows: readonly Invoice[],
  lookup: LookupContext,
): ResolvedInvoice | null {
  const stored = lookup.stored.get(`invoice:${rows[0]?.number}`)
  const rank = (row: Invoice) => Number(isOurs(context, row.clinic_id)) + 2 * Number(isSamePatient(row, stored))
  const order = (row: Invoice) => `${row.clinic_id} ${row.patient_id}`
  const [invoice, ...others] = rows.toSorted((a, b) => rank(b) - rank(a) || (order(a) < order(b) ? -1 : 1))
  if (!invoice) return null
  const otherPatients = others.filter(({ patient_id: id }) => id !== invoice.patient_id)
  return {
    invoice,
    stored,
    payer: payerOf(invoice, {
      ...lookup,
      callingCode: context.callingCode,
      stored,
      contact: lookup.contacts.of(invoice),
    }),
    conflicts: otherPatients.filter((row) => isOurs(context, row.clinic_id)).map(conflict),
    isElsewhere: !stored && (!isOurs(context, invoice.clinic_id) || isCounted(invoice, lookup)),
    isOtherPatient: !isSamePatient(invoice, stored),
  }
}

function isCounted({ appointment_id: id }: Invoice, { stored }: LookupContext): boolean {
  const visit = id === null ? undefined : stored.get(`appointment:${id}`)
  return visit !== undefined && visit.status !== 'cancelled'
}

export interface InvoiceRecords {
  readonly records: readonly MappedRecord[]
  /** 1: it is no sale, whatever else its row lacks. */
  readonly skipped: number
}

/** The records of one number; the patient's card is read when that is worth a call, else the visit that it bills. */
export async function toRecords(
  context: PullContext,
  resolved: ResolvedInvoice,
  lookup: LookupContext,
): Promise<InvoiceRecords> {
  const { invoice, stored, payer } = resolved
  if (resolved.isElsewhere || payer.cardOf === null) return recordsOf(context, resolved)
  const card = (await context.readCard(payer.cardOf)) ?? (await context.visitReader.of(invoice))
  if (!card) return recordsOf(context, resolved)
  const sources = { ...lookup, callingCode: context.callingCode, stored, contact: card }
  return recordsOf(context, { ...resolved, payer: payerOf(invoice, sources) })
}

/** The same without a call to the vendor. */
export function recordsOf(
  context: AccountContext,
  { invoice, stored, payer, conflicts, isElsewhere }: ResolvedInvoice,
): InvoiceRecords {
  if (isElsewhere) return { records: conflicts, skipped: 0 }
  const record = mapInvoice(invoice, payer.customer, context, stored)
  const isNoSale = record.type === 'unmapped' && !stored && !isPaid(invoice)
  return isNoSale ? { records: conflicts, skipped: 1 } : { records: [record, ...conflicts], skipped: 0 }
}

type Likeness = Pick<StoredSale, 'amountMinor' | 'occurredAt' | 'customer'>

/** What stays the same when an invoice gets another number. Null: too little to compare. */
function likenessOf({ amountMinor, occurredAt, customer }: Likeness): string | null {
  return customer?.externalId ? `${customer.externalId} ${amountMinor} ${Date.parse(occurredAt)}` : null
}

/** Up to so many new sales are compared one by one; for more, all stored sales of their period are read. */
const FEW = 20

/** Stored invoices that equal a new one and are not shown: their number may have changed. */
export async function findRenumbered(
  context: AccountContext,
  all: readonly ResolvedInvoice[],
  shown: readonly string[],
): Promise<ToVerify[]> {
  const sales = all.flatMap(({ invoice, stored, payer, isElsewhere }) => {
    if (stored || isElsewhere || !isPaid(invoice)) return []
    const record = mapInvoice(invoice, payer.customer, context)
    return record.type === 'transaction' && likenessOf(record.transaction) ? [record.transaction] : []
  })
  const times = [...new Set(sales.map(({ occurredAt }) => occurredAt))].toSorted()
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined) return []
  const spans = times.length > FEW ? [[first, last] as const] : times.map((time) => [time, time] as const)
  const storedIds = await Promise.all(
    spans.map(async ([from, to]) => context.session.storedIds({ prefix: 'invoice:', from, to })),
  )
  const isShown = new Set(shown)
  const stored = await context.storedSales(storedIds.flat().filter((externalId) => !isShown.has(externalId)))
  const newOnes = new Map(sales.map((sale) => [likenessOf(sale), sale.externalId]))
  return [...stored].flatMap(([externalId, sale]) => {
    const by = newOnes.get(likenessOf(sale))
    return by === undefined ? [] : [{ externalId, why: 'replaced', by }]
  })
}
