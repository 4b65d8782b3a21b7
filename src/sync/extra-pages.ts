// Behind a backfill: the sales of its period that a check has found here and not in the CRM. A connector's own scan
// finds only those that it could have brought.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { LeftOut, Page, Window } from '#crm/contract.ts'
import { isoInstant } from '#db/columns.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Vendor } from '#sync/open-vendor.ts'
import { type ReadAgain, readAgain } from '#sync/read-again.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** Each is a call of its own. */
const PAGE_RECORDS = 10

interface Reading<Cursor> {
  readonly window: Window
  /** After its last page. */
  readonly cursor: Cursor
  /** What it could not read. */
  readonly leftOut: readonly LeftOut[]
}

interface ExtraSale extends Record<string, unknown> {
  readonly external_id: string
  readonly occurred_at: string
  readonly location_external_id: string | null
}

/**
 * Those that the run has not brought are read one by one. What cannot be read alone is missing in the second complete
 * reading: the first was the check's.
 */
export async function* extraPages<Cursor>(
  context: Context,
  { integrationId, startedAt }: TakenRun,
  vendor: Vendor,
  { window, cursor, leftOut }: Reading<Cursor>,
): AsyncGenerator<Page<Cursor>> {
  for (let after = ''; ;) {
    const { rows } = await context.db.execute<ExtraSale>(sql`
      select distinct c.external_id, t.occurred_at::text, t.location_external_id from check_records c
        join crm_transactions t
        on t.integration_id = c.integration_id and t.external_id = c.external_id
      where c.integration_id = ${integrationId}::uuid and c.outcome = 'extra' and c.external_id > ${after}
        and t.occurred_at >= ${window.from}::timestamptz and t.occurred_at < ${window.to}::timestamptz
        and t.status <> 'cancelled' and t.missing_since < ${startedAt.toISOString()}::timestamptz
      order by c.external_id limit ${PAGE_RECORDS}::int`)
    const ids = rows.map((row) => row.external_id)
    if (ids.length === 0) return
    const { records, unknown, left } = await readAllowed(context, vendor, ids)
    after = ids.at(-1 - left.length) ?? ''
    const isMissing = (sale: ExtraSale) =>
      unknown.includes(sale.external_id) && isShown(vendor, sale, { leftOut, now: context.clock.now() })
    const missing = rows.filter(isMissing).map((row) => ({ type: 'missing', externalId: row.external_id }) as const)
    yield { records: [...records, ...missing], cursor }
  }
}

/** A reading without a sale proves nothing where it could not have shown it. */
function isShown(
  { connector, session }: Vendor,
  sale: ExtraSale,
  { leftOut, now }: { readonly leftOut: readonly LeftOut[]; readonly now: Date },
): boolean {
  const { external_id: externalId, location_external_id: locationId } = sale
  if (leftOut.some((list) => list.locationId === undefined || list.locationId === locationId)) return false
  const occurredAt = isoInstant(sale.occurred_at)
  return connector.shows?.(session.settings, { externalId, occurredAt, locationId }, now) !== false
}

/** One that may not be read now, such as that of a frozen branch, stays as it is, and the backfill goes on. */
async function readAllowed(context: Context, vendor: Vendor, ids: readonly string[]): Promise<ReadAgain> {
  try {
    return await readAgain(context, vendor, ids)
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== 'forbidden') throw error
    return { records: [], unknown: [], left: ids.slice(1) }
  }
}
