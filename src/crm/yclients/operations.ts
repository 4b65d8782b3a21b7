// Which cash movements are money for a sale. The ids of expenses are the same in all companies. Pure.
import type * as z from 'zod'
import { idIn, prefixed, readRecord, type Unmapped } from '#crm/kit/mapping.ts'
import { Operation, Purpose } from '#crm/yclients/schema.ts'

/** Services, abonements, goods, certificates. Other income (8) counts by what was sold. */
const SALES: ReadonlySet<number | null> = new Set([5, 6, 7, 12])
/** Money that enters a client's deposit is not a sale; what is bought with it later is. */
const TOP_UP = 10
const TOP_UP_ITEMS: ReadonlySet<string> = new Set(['account_replenishment', 'client_account', 'personal_account'])

/** Incoming money that is no top-up. */
export function isRevenue(operation: Purpose): boolean {
  if (operation.deleted || Number(operation.amount) <= 0) return false
  return expenseOf(operation) !== TOP_UP && !TOP_UP_ITEMS.has(operation.sold_item_type)
}

/** Whether an operation is money for a sale without an appointment. */
function isSaleRevenue(operation: Purpose): boolean {
  if (!isRevenue(operation) || isOfVisit(operation) || !operation.document_id) return false
  return SALES.has(expenseOf(operation)) || operation.sold_item_type !== ''
}

/** The record that an operation belongs to, or 0. */
export function recordOf({ record_id: id, record }: Pick<Purpose, 'record_id' | 'record'>): number {
  return id || record?.id || 0
}

const Owner = Purpose.pick({ record_id: true, visit_id: true, record: true })

function isOfVisit(operation: z.infer<typeof Owner>): boolean {
  return recordOf(operation) > 0 || (operation.visit_id ?? 0) > 0
}

/**
 * A row of the list of cash movements; null when it says that it is no sale, whatever else of it can be read; or the
 * reason why it cannot be read.
 */
export function readSaleRow(raw: unknown): Operation | Unmapped | null {
  if (isEmpty(raw)) return null
  const owner = Owner.safeParse(raw).data
  if (owner && isOfVisit(owner)) return null
  const purpose = Purpose.safeParse(raw).data
  if (purpose && !isSaleRevenue(purpose)) return null
  return readRecord(Operation, raw, prefixed('operation:', idIn(raw)))
}

/** PHP writes nothing as `[]`. */
export function isEmpty(raw: unknown): boolean {
  return raw === null || (typeof raw === 'object' && Object.keys(raw).length === 0)
}

function expenseOf({ expense, expense_id: id }: Pick<Purpose, 'expense' | 'expense_id'>): number | null {
  return expense?.id ?? id
}
