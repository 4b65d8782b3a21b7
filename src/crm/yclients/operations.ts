// Which cash movements are money for a sale. The ids of expenses are the same in all companies. Pure.
import type * as z from 'zod'
import type { NoRecord } from '#crm/contract.ts'
import { idIn, prefixed, readRecord, type Unmapped } from '#crm/kit/mapping.ts'
import { none } from '#crm/yclients/rules.ts'
import { Operation, Purpose } from '#crm/yclients/schema.ts'

/** Services, abonements, goods, certificates. Other income (8) counts by what was sold. */
const SALES: ReadonlySet<number | null> = new Set([5, 6, 7, 12])
/** Money that enters a client's deposit is not a sale; what is bought with it later is. */
const TOP_UP = 10
const TOP_UP_ITEMS: ReadonlySet<string> = new Set(['account_replenishment', 'client_account', 'personal_account'])

/** Incoming money that is no top-up. */
export function isRevenue(operation: Purpose): boolean {
  return noRevenueBy(operation) === null
}

/** Why an operation is no incoming money; null: it is. */
function noRevenueBy(operation: Purpose): NoRecord | null {
  if (operation.deleted) return none('operation_deleted')
  if (Number(operation.amount) <= 0) return none('operation_outgoing')
  const isTopUp = expenseOf(operation) === TOP_UP || TOP_UP_ITEMS.has(operation.sold_item_type)
  return isTopUp ? none('operation_top_up') : null
}

/** Why an operation is no money for a sale without an appointment; null: it is. */
function noSaleBy(operation: Purpose): NoRecord | null {
  const isSold = SALES.has(expenseOf(operation)) || operation.sold_item_type !== ''
  return (
    noRevenueBy(operation) ??
    ofVisitBy(operation) ??
    (operation.document_id ? null : none('operation_manual')) ??
    (isSold ? null : none('operation_other_income'))
  )
}

/** The record that an operation belongs to, or 0. */
export function recordOf({ record_id: id, record }: Pick<Purpose, 'record_id' | 'record'>): number {
  return id || record?.id || 0
}

const Owner = Purpose.pick({ record_id: true, visit_id: true, record: true })

function ofVisitBy(operation: z.infer<typeof Owner>): NoRecord | null {
  const record = recordOf(operation)
  const isOfVisit = record > 0 || (operation.visit_id ?? 0) > 0
  return isOfVisit ? none('operation_of_visit', { record: record > 0 ? String(record) : '…' }) : null
}

/** Why a row of the list of cash movements is no sale, whatever else of it can be read; null: it may be one. */
export function rowSkippedBy(raw: unknown): NoRecord | null {
  if (isEmpty(raw)) return none('operation_outgoing')
  const owner = Owner.safeParse(raw).data
  const purpose = Purpose.safeParse(raw).data
  return (owner ? ofVisitBy(owner) : null) ?? (purpose ? noSaleBy(purpose) : null)
}

/** A row that is a sale's, or the reason why it cannot be read; null: it is no sale. */
export function readSaleRow(raw: unknown): Operation | Unmapped | null {
  return rowSkippedBy(raw) ? null : readRecord(Operation, raw, prefixed('operation:', idIn(raw)))
}

/** PHP writes nothing as `[]`. */
export function isEmpty(raw: unknown): boolean {
  return raw === null || (typeof raw === 'object' && Object.keys(raw).length === 0)
}

function expenseOf({ expense, expense_id: id }: Pick<Purpose, 'expense' | 'expense_id'>): number | null {
  return expense?.id ?? id
}
