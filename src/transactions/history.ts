import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant, safeInteger } from '#db/columns.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { presentTransaction, Transaction, type TransactionRow } from '#transactions/schema.ts'

/** One change of a stored transaction. */
export const TransactionChange = z
  .strictObject({
    changeSeq: z.int().meta({ description: 'The number that the transaction had from this change on.' }),
    at: z.iso.datetime().meta({ description: 'When it was stored.' }),
    source: z
      .enum(['schedule', 'manual', 'webhook', 'import', 'backfill', 'undo', 'erasure'])
      .meta({ description: 'What brought it.' }),
    runId: z.guid().nullable().meta({ description: 'The run that brought it; null where that run is no longer kept.' }),
    before: Transaction.meta({ description: 'The transaction before the change.' }),
    after: Transaction.meta({ description: 'The transaction after it.' }),
  })
  .meta({ id: 'TransactionChange', description: 'One change of a stored transaction.' })
type TransactionChange = z.infer<typeof TransactionChange>

interface ChangeRow extends Record<string, unknown> {
  change_seq: string
  at: string
  source: TransactionChange['source']
  run_id: string | null
  before: TransactionRow
  after: TransactionRow
}

export const ListHistory = Paging
type ListHistory = Paging

const newest = keyset({ change_seq: [sql`c.change_seq`, 'bigint'] })

/** Newest first, as far back as changes are kept. Null: no such transaction for this integration and tenant. */
export async function listHistory(
  context: Context,
  request: TenantScope & ListHistory & { readonly transactionId: string },
): Promise<Page<TransactionChange> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const { rows } = await context.db.execute<ChangeRow>(sql`
    select c.* from crm_transactions t join crm_integrations i on i.id = t.integration_id
    left join lateral (
      select * from (
        -- A change keeps only what it has changed, so what was before it is what is now, with all changes taken back.
        select h.change_seq, h.at, h.source, h.run_id, to_jsonb(t) || jsonb_merge(h.before) over newest as before,
          to_jsonb(t) || coalesce(
            jsonb_merge(h.before) over (newest rows between unbounded preceding and 1 preceding), '{}') as after
        from transaction_changes h where h.transaction_id = t.id
        window newest as (order by h.change_seq desc)
      ) c where ${isAfter} order by ${order} limit ${limit}::int
    ) c on true
    where t.id = ${request.transactionId}::uuid and ${isVisible(request)} order by ${order}`)
  // One empty row: the transaction exists and has never changed.
  if (rows.length === 0) return null
  const { items, nextCursor } = toPage(rows.filter((row) => row.change_seq !== null))
  return { items: items.map(present), nextCursor }
}

function present(row: ChangeRow): TransactionChange {
  return {
    changeSeq: safeInteger(row.change_seq),
    at: isoInstant(row.at),
    source: row.source,
    runId: row.run_id,
    before: presentTransaction(row.before),
    after: presentTransaction(row.after),
  }
}
