// Receipts with several rows: lines of goods, or means of payment. All rows are first noted under their receipt; then
// each receipt is assembled from its notes. So neither the order of the rows, nor their distance, nor a repeated page
// matters.
import * as z from 'zod'
import type { MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import { type KeyOf, type Named, transactionOf } from '#crm/csv/identity.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import type { Plan } from '#crm/csv/plan.ts'
import { settle } from '#crm/csv/rows.ts'

const REJECTED = 'rejected'
const text = z.string().nullable()

const Part = z.object({
  id: z.string(),
  line: z.number(),
  sum: z.number(),
  currency: z.string(),
  occurredAt: z.string(),
  kind: z.enum(['sale', 'refund']).nullable(),
  status: z.enum(['paid', 'unpaid', 'cancelled']),
  customer: z.object({ externalId: text, name: text, phone: text, email: text, card: text }).nullable(),
})
type Part = z.infer<typeof Part>

/** The same line of goods may appear twice in a receipt. Equal rows of another kind were exported twice. */
async function partName({ source }: Named, rows: Plan['rows'], keyOf: KeyOf): Promise<string> {
  return rows === 'lines' ? String(source.line) : keyOf(source.raw())
}

export async function noteReceipts(
  rows: readonly Named[],
  plan: Plan,
  keyOf: KeyOf,
): Promise<ReadonlyMap<string, Notes>> {
  const receipts = new Map<string, Record<string, Part>>()
  const named = await Promise.all(
    rows.map(async (row) => ({ row, key: await keyOf(row.externalId), name: await partName(row, plan.rows, keyOf) })),
  )
  for (const { row, key, name } of named) {
    const { sum, currency, occurredAt, kind, status, customer } = row.source.row
    const parts = receipts.get(key) ?? {}
    parts[name] = { id: row.externalId, line: row.source.line, sum, currency, occurredAt, kind, status, customer }
    receipts.set(key, parts)
  }
  return receipts
}

/** Notes for receipts with a rejected row. */
export async function noteRejected(
  externalIds: readonly string[],
  keyOf: KeyOf,
): Promise<ReadonlyMap<string, Notes>> {
  return new Map(await Promise.all(externalIds.map(async (id) => [await keyOf(id), { [REJECTED]: true }] as const)))
}

/** Null: a minus that means that it is not a sale, or notes on something else. */
export function toReceipt(notes: Notes, plan: Plan): MappedRecord | null {
  const parts = Object.values(notes).flatMap((part) => Part.safeParse(part).data ?? [])
  const [first, ...others] = parts.toSorted(
    (a, b) => compare(a.occurredAt, b.occurredAt) || compare(a.customer, b.customer),
  )
  if (!first) return null
  const isOne = others.every(
    ({ kind, status, currency }) => kind === first.kind && status === first.status && currency === first.currency,
  )
  const isWhole = plan.rows === 'whole'
  // Without the rejected rows the sum would be wrong.
  if (REJECTED in notes) return broken('receipt_incomplete', first.id, parts)
  if (!isOne || (isWhole && others.some(({ sum }) => sum !== first.sum)))
    return broken('receipt_mixed', first.id, parts)
  const sum = isWhole ? first.sum : parts.reduce((all, part) => all + part.sum, 0)
  const settled = settle(sum, first.kind, plan.negative)
  const customer =
    parts
      .map((part) => part.customer)
      .filter((one) => one !== null)
      .toSorted(compare)[0] ?? null
  return settled && { type: 'transaction', transaction: transactionOf(first.id, { ...first, customer }, settled) }
}

/** By content, so that the order of the rows does not matter. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left === right ? 0 : left < right ? -1 : 1
}

function broken(reason: keyof typeof MESSAGES, id: string, parts: readonly Part[]): MappedRecord {
  const lines = parts.map(({ line }) => line).toSorted((a, b) => a - b)
  const sourceLine = { line: lines[0] ?? 0, column: null }
  return { ...unmapped(null, reason, `${id}: ${lines.join(', ')}`), sourceLine }
}
