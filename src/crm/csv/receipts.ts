// What can only be put together at the end of a file: receipts with several rows (lines of goods, or means of payment),
// and refunds that may share the id of a sale. Their rows are first noted under their id; then each is assembled from
// its notes. So neither the order of the rows, nor their distance, nor a repeated page matters.
import * as z from 'zod'
import type { MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import { type KeyOf, type Named, toRecords } from '#crm/csv/identity.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import type { Plan } from '#crm/csv/plan.ts'

const REJECTED = 'rejected'
const text = z.string().nullable()

const Part = z.object({
  id: z.string(),
  line: z.number(),
  sum: z.number().nullable(),
  refunded: z.number(),
  currency: z.string(),
  occurredAt: z.string(),
  kind: z.enum(['sale', 'refund']).nullable(),
  status: z.enum(['paid', 'unpaid', 'cancelled']),
  customer: z.object({ externalId: text, name: text, phone: text, email: text, card: text }).nullable(),
  location: text,
})
type Part = z.infer<typeof Part>

function partOf({ externalId, source: { row, line } }: Named): Part {
  const { sum, refunded, currency, occurredAt, kind, status, customer, location } = row
  return { id: externalId, line, sum, refunded, currency, occurredAt, kind, status, customer, location }
}

/** The same line of goods may appear twice in a receipt. Equal rows of another kind were exported twice. */
async function partName({ source }: Named, rows: Plan['rows'], keyOf: KeyOf): Promise<string> {
  return rows === 'lines' ? String(source.line) : keyOf(source.raw())
}

export async function noteReceipts(
  rows: readonly Named[],
  plan: Plan,
  keyOf: KeyOf,
): Promise<ReadonlyMap<string, Notes>> {
  const named = await Promise.all(
    rows.map(async (row) => ({ row, key: await keyOf(row.externalId), name: await partName(row, plan.rows, keyOf) })),
  )
  return noted(named)
}

/** Before the keys of refunds, which come after all others. */
export const REFUNDS_FROM = 'fffffffe-ffff-ffff-ffff-ffffffffffff'

/** Refunds in files whose rows are sales. */
export async function noteRefunds(rows: readonly Named[], keyOf: KeyOf): Promise<ReadonlyMap<string, Notes>> {
  return noted(
    await Promise.all(
      rows.map(async (row) => {
        const key = await keyOf(row.externalId)
        return { row, key: `ffffffff${key.slice(8)}`, name: String(row.source.line) }
      }),
    ),
  )
}

function noted(rows: readonly { readonly row: Named; readonly key: string; readonly name: string }[]) {
  const receipts = new Map<string, Record<string, Part>>()
  for (const { row, key, name } of rows) {
    const parts = receipts.get(key) ?? {}
    parts[name] = partOf(row)
    receipts.set(key, parts)
  }
  return receipts
}

/** Notes for receipts with a rejected row. */
export async function noteRejected(externalIds: readonly string[], keyOf: KeyOf): Promise<ReadonlyMap<string, Notes>> {
  return new Map(await Promise.all(externalIds.map(async (id) => [await keyOf(id), { [REJECTED]: true }] as const)))
}

/** Those of the ids under which a sale is stored, not a refund. */
export type SalesAmong = (ids: readonly string[]) => Promise<ReadonlySet<string>>

/** Receipts and refunds from their notes. Notes on something else give nothing. */
export async function assemble(
  notes: readonly Notes[],
  plan: Plan,
  salesAmong: SalesAmong,
): Promise<readonly MappedRecord[]> {
  const found = notes.map((one) => ({
    one,
    parts: Object.values(one).flatMap((part) => Part.safeParse(part).data ?? []),
  }))
  const isRefund = ({ kind, sum }: Part) => kind === 'refund' || (plan.rows === 'sales' && (sum ?? 0) < 0)
  const split = found.map(({ one, parts }) => ({
    one,
    // A fiscal document is a sale or a refund, so one that is both contradicts itself.
    sales: plan.isFiscal ? parts : parts.filter((part) => !isRefund(part)),
    refunds: plan.isFiscal ? [] : parts.filter(isRefund),
  }))
  const alone = split.flatMap(({ sales, refunds: [first] }) => (first && sales.length === 0 ? [first.id] : []))
  const shared = alone.length === 0 ? new Set<string>() : await salesAmong([...new Set(alone)])
  return split.flatMap(({ one, sales, refunds }) => {
    const isShared = sales.length > 0 || shared.has(refunds[0]?.id ?? '')
    const back = plan.rows === 'sales' ? refundsOf(refunds, plan, isShared) : receiptOf(one, refunds, plan, isShared)
    return plan.rows === 'sales' ? back : [...receiptOf(one, sales, plan, false), ...back]
  })
}

/** One refund under its id; others under the same one are rejected, not overwritten. Equal ones were exported twice. */
function refundsOf(parts: readonly Part[], plan: Plan, isShared: boolean): readonly MappedRecord[] {
  const sorted = parts.toSorted(
    (a, b) => compare(a.occurredAt, b.occurredAt) || compare(a.sum, b.sum) || b.line - a.line,
  )
  const [first] = sorted
  if (!first) return []
  const others = sorted.filter(({ occurredAt, sum }) => occurredAt !== first.occurredAt || sum !== first.sum)
  const rejected = others.map(({ id, line, sum }): MappedRecord => {
    const sourceLine = { line, column: null }
    return { ...unmapped(null, 'id_repeats', `${id}: ${sum}`), sourceLine }
  })
  return [...toRecords(isShared ? `${first.id}:refund` : first.id, first, plan), ...rejected]
}

function receiptOf(notes: Notes, found: readonly Part[], plan: Plan, isShared: boolean): readonly MappedRecord[] {
  const parts = found.toSorted((a, b) => compare(a.occurredAt, b.occurredAt) || compare(a.customer, b.customer))
  const [first, ...others] = parts
  if (!first) return []
  const isOne = others.every(
    ({ kind, status, currency }) => kind === first.kind && status === first.status && currency === first.currency,
  )
  const sums = parts.flatMap(({ sum }) => sum ?? [])
  const isWhole = plan.rows === 'whole'
  // Without the rejected rows the sum would be wrong.
  if (REJECTED in notes) return [broken('receipt_incomplete', first.id, parts)]
  if (!isOne || (isWhole && sums.some((sum) => sum !== sums[0]))) return [broken('receipt_mixed', first.id, parts)]
  if (sums.length === 0) return [broken('no_amount', first.id, parts)]
  const backs = parts.map(({ refunded }) => refunded)
  const customers = parts.map(({ customer }) => customer).filter((one) => one !== null)
  const receipt = {
    ...first,
    sum: isWhole ? (sums[0] ?? 0) : sums.reduce((all, sum) => all + sum, 0),
    refunded: isWhole ? Math.max(...backs) : backs.reduce((all, sum) => all + sum, 0),
    customer: customers.toSorted(compare)[0] ?? null,
    location: parts.flatMap(({ location }) => location ?? []).toSorted()[0] ?? null,
  }
  return toRecords(isShared ? `${first.id}:refund` : first.id, receipt, plan)
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
