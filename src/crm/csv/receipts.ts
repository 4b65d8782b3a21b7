// What can only be put together at the end of a file: receipts with several rows (lines of goods, or means of payment),
// and refunds that may share the id of a sale. Their rows are first noted under their id; then each is assembled from
// its notes. So neither the order of the rows, nor their distance, nor a repeated page matters.
import * as z from 'zod'
import type { CanonicalTransaction, MappedRecord } from '#crm/contract.ts'
import type { Notes } from '#crm/files.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import { type KeyOf, type Named, toRecords } from '#crm/csv/identity.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import type { Plan } from '#crm/csv/plan.ts'

const REJECTED = 'rejected'
const text = z.string().nullable()

const Part = z.lazy(() =>
  z.object({
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
    raw: z.string(),
  }),
)
type Part = z.infer<typeof Part>

function partOf({ externalId, source: { row, line, raw } }: Named): Part {
  const { sum, refunded, currency, occurredAt, kind, status, customer, location } = row
  return { id: externalId, line, sum, refunded, currency, occurredAt, kind, status, customer, location, raw: raw() }
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

/** What is stored under some ids. */
export type StoredAmong = (
  ids: readonly string[],
) => Promise<ReadonlyMap<string, Pick<CanonicalTransaction, 'kind' | 'amountMinor' | 'occurredAt'>>>

/** Receipts and refunds from their notes. Notes on something else give nothing. */
export async function assemble(
  notes: readonly Notes[],
  plan: Plan,
  storedAmong: StoredAmong,
): Promise<readonly MappedRecord[]> {
  const isRefund = ({ kind, sum }: Part) => kind === 'refund' || (plan.rows === 'sales' && (sum ?? 0) < 0)
  const found = notes.map((one) => {
    const parts = Object.values(one).flatMap((part) => Part.safeParse(part).data ?? [])
    // A fiscal document is a sale or a refund, so one that is both contradicts itself.
    const refunds = plan.isFiscal ? [] : parts.filter(isRefund)
    return { one, refunds, sales: plan.isFiscal ? parts : parts.filter((part) => !isRefund(part)) }
  })
  const ids = new Set(found.flatMap(({ refunds: [first] }) => (first ? [first.id, `${first.id}${BACK}`] : [])))
  const stored: RefundIds['stored'] = ids.size === 0 ? new Map() : await storedAmong([...ids])
  return found.flatMap(({ one, sales, refunds }) => {
    const [{ id } = { id: '' }] = refunds
    const isShared = sales.length > 0 || stored.get(id)?.kind === 'sale'
    const base = isShared ? `${id}${BACK}` : id
    if (plan.rows === 'sales') return refundsOf(refunds, plan, { base, stored })
    return [...receiptOf(one, sales, plan), ...receiptOf(one, refunds, plan, base)]
  })
}

const BACK = ':refund'

interface RefundIds {
  readonly base: string
  readonly stored: Awaited<ReturnType<StoredAmong>>
}

/**
 * One refund has the id, others of the same sale have their time behind it. That of the id is the stored one, or the
 * first. Equal ones were exported twice.
 */
function refundsOf(parts: readonly Part[], plan: Plan, { base, stored }: RefundIds): readonly MappedRecord[] {
  const sorted = parts.toSorted(
    (a, b) => compare(a.occurredAt, b.occurredAt) || compare(a.sum, b.sum) || b.line - a.line,
  )
  const known = stored.get(base)
  const isKnown = ({ occurredAt, sum }: Part) =>
    known !== undefined &&
    (Date.parse(known.occurredAt) === Date.parse(occurredAt) || Math.abs(known.amountMinor) === Math.abs(sum ?? 0))
  const owner = known ? sorted.find(isKnown) : sorted[0]
  const byId = new Map<string, Part>()
  return sorted.flatMap((part): readonly MappedRecord[] => {
    const { occurredAt, sum } = part
    const isOwn = owner?.occurredAt === occurredAt && owner.sum === sum
    const id = isOwn ? base : `${base}@${occurredAt}`
    const other = byId.get(id)
    byId.set(id, other ?? part)
    if (other?.sum === sum) return []
    if (!other) return toRecords(id, part, plan)
    return broken('id_repeats', [part])
  })
}

function receiptOf(notes: Notes, found: readonly Part[], plan: Plan, id = found[0]?.id ?? ''): readonly MappedRecord[] {
  const parts = found.toSorted((a, b) => compare(a.occurredAt, b.occurredAt) || compare(a.customer, b.customer))
  const [first, ...others] = parts
  if (!first) return []
  const isOne = others.every(
    ({ kind, status, currency }) => kind === first.kind && status === first.status && currency === first.currency,
  )
  const sums = parts.flatMap(({ sum }) => sum ?? [])
  const isWhole = plan.rows === 'whole'
  // Without the rejected rows the sum would be wrong.
  if (REJECTED in notes) return broken('receipt_incomplete', parts)
  if (!isOne || (isWhole && sums.some((sum) => sum !== sums[0]))) return broken('receipt_mixed', parts)
  if (sums.length === 0) return broken('no_amount', parts)
  const backs = parts.map(({ refunded }) => refunded)
  const customers = parts.map(({ customer }) => customer).filter((one) => one !== null)
  const receipt = {
    ...first,
    line: parts.reduce((least, { line }) => Math.min(least, line), first.line),
    sum: isWhole ? (sums[0] ?? 0) : sums.reduce((all, sum) => all + sum, 0),
    refunded: isWhole ? Math.max(...backs) : backs.reduce((all, sum) => all + sum, 0),
    customer: customers.toSorted(compare)[0] ?? null,
    location: parts.flatMap(({ location }) => location ?? []).toSorted()[0] ?? null,
  }
  return toRecords(id, receipt, plan)
}

/** By content, so that the order of the rows does not matter. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left === right ? 0 : left < right ? -1 : 1
}

/** Each row of a receipt, so that it can be sent again as a whole. */
function broken(reason: keyof typeof MESSAGES, parts: readonly Part[]): readonly MappedRecord[] {
  return parts.map(({ line, raw }) => ({ ...unmapped(null, reason, raw), sourceLine: { line, column: null } }))
}
