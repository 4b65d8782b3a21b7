// Behind a backfill: the sales of its period that a check has found here and not in the CRM. A connector's own scan
// finds only those that it could have brought.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Page, Window } from '#crm/contract.ts'
import type { Vendor } from '#sync/open-vendor.ts'
import { readAgain } from '#sync/read-again.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** Each is a call of its own. */
const PAGE_RECORDS = 10

/**
 * Those that the run has not brought are read one by one. What cannot be read alone is missing in the second complete
 * reading: the first was the check's.
 */
export async function* extraPages<Cursor>(
  context: Context,
  { integrationId, startedAt }: TakenRun,
  vendor: Vendor,
  { window, cursor }: { readonly window: Window; readonly cursor: Cursor },
): AsyncGenerator<Page<Cursor>> {
  for (let after = ''; ;) {
    const { rows } = await context.db.execute<{ external_id: string }>(sql`
      select distinct c.external_id from check_records c join crm_transactions t
        on t.integration_id = c.integration_id and t.external_id = c.external_id
      where c.integration_id = ${integrationId}::uuid and c.outcome = 'extra' and c.external_id > ${after}
        and t.occurred_at >= ${window.from}::timestamptz and t.occurred_at < ${window.to}::timestamptz
        and t.status <> 'cancelled' and t.missing_since < ${startedAt.toISOString()}::timestamptz
      order by c.external_id limit ${PAGE_RECORDS}::int`)
    const ids = rows.map((row) => row.external_id)
    if (ids.length === 0) return
    const { records, unknown, left } = await readAgain(context, vendor, ids)
    after = ids.at(-1 - left.length) ?? ''
    const missing = unknown.map((externalId) => ({ type: 'missing', externalId }) as const)
    yield { records: [...records, ...missing], cursor }
  }
}
