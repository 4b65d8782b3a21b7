// Visits → canonical transactions (`CanonicalTransaction` in crm/contract.ts). Pure.
import type { Item, MappedRecord } from '#crm/contract.ts'
import { idIn, mapGuarded, prefixed, readRecord, type Ruled, type Unmapped } from '#crm/kit/mapping.ts'
import type { Decision } from '#crm/rules.ts'
import { toMinor } from '#lib/money.ts'
import { instantOf, localDateTime, zonedToUtc } from '#lib/time.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { toCustomer } from '#crm/yclients/customer.ts'
import { sum } from '#crm/yclients/money.ts'
import { isRevenue } from '#crm/yclients/operations.ts'
import { decide } from '#crm/yclients/rules.ts'
import { Visit } from '#crm/yclients/schema.ts'

export function readVisit(raw: unknown): Visit | Unmapped {
  return readRecord(Visit, raw, prefixed('record:', idIn(raw)))
}

/**
 * `depositMinor`: what was paid from the client's deposit, as the sale documents say. It fills up the sum due at most.
 */
export function mapVisit(visit: Visit, account: AccountContext, depositMinor = 0): MappedRecord {
  return mapGuarded(`record:${visit.id}`, visit, () => visitTransaction(visit, account, depositMinor))
}

function visitTransaction(visit: Visit, account: AccountContext, depositMinor: number): Ruled {
  const short = shortMinor(visit, account)
  const deposit = Math.min(depositMinor, short)
  return {
    externalId: `record:${visit.id}`,
    kind: 'sale',
    ...(unpaidBy(visit) ?? paidBy(visit, deposit, short)),
    amountMinor: paidMinor(visit, account) + deposit,
    currency: account.currency,
    // The offset of `datetime` is sometimes wrong; the naive `date` is the salon's local time.
    occurredAt: zonedToUtc(visit.date, account.timezone),
    customer: toCustomer(visit.client, account),
    items: itemsOf(visit, account),
    location: { externalId: account.companyId, name: account.title },
    sourceUpdatedAt: visit.last_change_date ? changeTime(visit.last_change_date, account.timezone) : null,
  }
}

/** Null: it is paid. */
function unpaidBy({
  deleted,
  attendance,
  paid_full: isPaidFull,
  finance_transactions: operations,
}: Visit): Decision | null {
  if (deleted) return decide('visit_deleted')
  if (attendance === -1) return decide('visit_no_show')
  if (attendance === 1) {
    if (isPaidFull) return null
    return decide(operations?.some(isRevenue) ? 'visit_paid_in_part' : 'visit_unpaid')
  }
  if (attendance !== 0 && attendance !== 2) return decide('visit_attendance_unknown', { attendance: `${attendance}` })
  if (isPaidFull) return decide('visit_prepaid')
  return decide(attendance === 2 ? 'visit_confirmed' : 'visit_waiting')
}

/** By how the money came. `short`: what the operations leave open of the sum due, of which the deposit paid so much. */
function paidBy({ finance_transactions: operations }: Visit, deposit: number, short: number): Decision {
  if (!operations) return decide('visit_paid_unlisted')
  if (deposit > 0) return decide('visit_paid_deposit')
  return decide(short > 0 ? 'visit_paid_loyalty' : 'visit_paid')
}

/**
 * How much of the sum due a paid visit's operations leave open: it was paid with loyalty, of which a deposit is money.
 * 0 for a visit without a list of operations. Throws MoneyError.
 */
export function shortMinor(visit: Visit, account: AccountContext): number {
  if (unpaidBy(visit) || !visit.finance_transactions) return 0
  return Math.max(dueMinor(visit, account) - paidMinor(visit, account), 0)
}

/** The sale documents of a visit. Others are stock movements and deposits. */
export function documentIdsOf(visit: Visit): readonly string[] {
  const own = visit.documents.filter(({ type_id: type }) => type === null || SALE_DOCUMENTS.has(type))
  const paid = (visit.finance_transactions ?? []).filter(isRevenue).map(({ document_id: id }) => id ?? 0)
  return [...new Set([...own.map(({ id }) => id), ...paid.filter((id) => id > 0).map(String)])]
}

/** A sale of goods, of services, a visit. */
const SALE_DOCUMENTS: ReadonlySet<number> = new Set([1, 2, 7])

/** An absent list of operations means that what was to pay was paid. */
function paidMinor(visit: Visit, account: AccountContext): number {
  if (!visit.finance_transactions) return dueMinor(visit, account)
  return sum(visit.finance_transactions.filter(isRevenue).map(({ amount }) => toMinor(amount, account.currency)))
}

function dueMinor(visit: Visit, account: AccountContext): number {
  return sum(itemsOf(visit, account).map(({ amountMinor }) => amountMinor))
}

function itemsOf({ services, goods_transactions: goods }: Visit, { currency }: AccountContext): Item[] {
  return [
    ...services.map((service) => ({
      externalId: service.id,
      name: service.title,
      quantity: Math.abs(Number(service.amount ?? 1)),
      amountMinor: toMinor(service.cost_to_pay ?? service.cost ?? 0, currency),
    })),
    ...goods.map((good) => ({
      externalId: good.good_id ?? good.id,
      name: good.title,
      quantity: Math.abs(Number(good.amount ?? 1)),
      amountMinor: toMinor(good.cost ?? 0, currency),
    })),
  ]
}

/**
 * The offset counts only when the branch's zone has it at that moment: some are wrong. In the hour that comes twice a
 * year only a correct offset shows which time is later.
 */
function changeTime(text: string, zone: string): string {
  const byOffset = instantOf(text, zone)
  const naive = text.trim().slice(0, 19).replace(' ', 'T')
  return localDateTime(new Date(byOffset), zone) === naive ? byOffset : zonedToUtc(text, zone)
}
