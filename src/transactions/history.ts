import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/instant.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import { presentTransaction, Transaction, type TransactionRow } from '#transactions/schema.ts'

/** One change of a stored transaction. */
export const TransactionChange = z
  .strictObject({
    changeSeq: z.int().meta({ description: 'The number that the transaction had from this change on.' }),
    at: z.iso.datetime(),
    source: z.enum(['schedule', 'manual', 'webhook', 'import', 'backfill']),
    runId: z.guid().nullable(),
    before: Transaction,
    after: Transaction,
  })
  .meta({ id: 'TransactionChange' })
type TransactionChange = z.infer<typeof TransactionChange>

interface ChangeRow extends Record<string, unknown> {
  change_seq: string | null
  at: string
  source: TransactionChange['source']
  run_id: string | null
  before: TransactionRow
  after: TransactionRow
}

export interface HistoryRequest {
  readonly integrationId: string
  readonly transactionId: string
  readonly tenant: string | null
  readonly limit: number
  readonly cursor: string | null
}

const HistoryCursor = z.tuple([z.int()])

/** Newest first, as far back as changes are kept. Null: no such transaction for this integration and tenant. */
export async function listHistory(
  context: Context,
  { integrationId, transactionId, tenant, limit, cursor }: HistoryRequest,
): Promise<{ readonly items: readonly TransactionChange[]; readonly nextCursor: string | null } | null> {
  const before = cursor === null ? null : decodeCursor(cursor, HistoryCursor)
  if (cursor !== null && before === null) throw cursorProblem()
  const { rows } = await context.db.execute<ChangeRow>(sql`
    select c.* from crm_transactions t join crm_integrations i on i.id = t.integration_id
    left join lateral (
      select c.change_seq, c.at, c.source, c.run_id, c.before, coalesce((
        select n.before from transaction_changes n
        where n.transaction_id = t.id and n.change_seq > c.change_seq order by n.change_seq limit 1), to_jsonb(t)) as after
      from transaction_changes c
      where c.transaction_id = t.id and (${before?.[0] ?? null}::bigint is null or c.change_seq < ${before?.[0] ?? null}::bigint)
      order by c.change_seq desc limit ${limit + 1}::int
    ) c on true
    where t.id = ${transactionId}::uuid and i.id = ${integrationId}::uuid
      and (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)
    order by c.change_seq desc`)
  if (rows.length === 0) return null
  const found = rows.flatMap((row) => (row.change_seq === null ? [] : [present(row, Number(row.change_seq))]))
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: found.length > limit && last ? encodeCursor([last.changeSeq]) : null }
}

function present(row: ChangeRow, changeSeq: number): TransactionChange {
  return {
    changeSeq,
    at: isoInstant(row.at),
    source: row.source,
    runId: row.run_id,
    before: presentTransaction(row.before),
    after: presentTransaction(row.after),
  }
}
