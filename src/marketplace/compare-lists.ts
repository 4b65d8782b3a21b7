// Nightly: our list of a marketplace's branches is held against the vendor's own. Its event of an uninstall may have
// been lost, and its list may be wrong: so one night counts nothing, and neither does a list that is empty or lacks
// many.
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { marketplaceInstalls } from '#db/schema/marketplace-installs.ts'
import { wrongRows } from '#issues/statements.ts'
import { CrmError } from '#lib/crm-error.ts'
import { findInstalls } from '#marketplace/installs.ts'
import { recheck } from '#marketplace/steps.ts'
import { callOf, MARKETPLACES, type Vendor, vendorOf } from '#marketplace/vendor.ts'

/** Owners leave one by one; a twentieth of them in one night is a fault of the list. */
const MISSING_SHARE = 0.05
/** Of fewer branches a single owner who leaves is more than that share: there only an empty list is a fault. */
const SHARE_FROM = 20
const NIGHTS = 2

export async function compareLists(context: Context): Promise<void> {
  const vendors = MARKETPLACES.flatMap(({ marketplace }) => vendorOf(context, marketplace.brand) ?? [])
  for (const vendor of vendors) {
    try {
      await compareList(context, vendor)
    } catch (error) {
      if (!(error instanceof CrmError)) throw error
      const { brand } = vendor.marketplace
      context.log.error('marketplace_list_failed', { brand, kind: error.kind, reason: error.reason })
    }
  }
}

async function compareList(context: Context, vendor: Vendor): Promise<void> {
  const { marketplace } = vendor
  const { brand } = marketplace
  // Read before the list, so that none of them was installed after it.
  const known = await context.db
    .select({ branchId: marketplaceInstalls.branchId })
    .from(marketplaceInstalls)
    .where(and(eq(marketplaceInstalls.brand, brand), inArray(marketplaceInstalls.state, ['active', 'frozen'])))
  const listed = await marketplace.list(callOf(context, vendor, { about: brand, lane: 'bulk' }))
  const missing = known.map(({ branchId }) => branchId).filter((branchId) => !listed.has(branchId))
  const lacksMany = known.length >= SHARE_FROM && missing.length > known.length * MISSING_SHARE
  const isTooMany = lacksMany || (known.length > 0 && listed.size === 0)
  context.log.info('marketplace_compared', { brand, known: known.length, listed: listed.size, missing: missing.length })
  if (isTooMany) {
    await context.db.execute(raiseAlarm(vendor, missing.length, known.length))
    return
  }
  const night = context.clock.now().toISOString().slice(0, 'YYYY-MM-DD'.length)
  const [, counted] = await context.db.batch([
    context.db.execute(endAlarm(brand)),
    context.db.execute<{ branch_id: string }>(countNight(brand, missing, night)),
  ])
  for (const { branch_id: branchId } of counted.rows) await askOf(context, brand, branchId)
}

/** Returns those that are missing for long enough. A night that is compared twice is one night. */
function countNight(brand: string, missing: readonly string[], night: string) {
  return sql`
    with absent as (select json_array_elements_text(${JSON.stringify(missing)}::json) as branch_id),
    counted as (
      update marketplace_installs i set
        missing_nights = case when a.branch_id is null then 0
          else i.missing_nights + (i.missing_on is distinct from ${night}::date)::int end,
        missing_on = case when a.branch_id is not null then ${night}::date end
      from marketplace_installs o left join absent a on a.branch_id = o.branch_id
      where i.id = o.id and i.brand = ${brand} and i.state in ('active','frozen')
        and (a.branch_id is not null or i.missing_nights > 0)
      returning i.branch_id, i.missing_nights
    )
    select branch_id from counted where missing_nights >= ${NIGHTS}::int`
}

/** The branch's own state decides. */
async function askOf(context: Context, brand: string, branchId: string): Promise<void> {
  const [install] = await findInstalls(context, brand, [branchId])
  context.log.warn('install_missing', { brand, branchId })
  if (install) await recheck(context, install)
}

function raiseAlarm({ marketplace: { brand, title } }: Vendor, missing: number, known: number) {
  const params = { brand: title, missing: String(missing), known: String(known) }
  return sql`
    insert into issues as s (code, detail_key, severity, whose_turn, params)
    select w.* from (${wrongRows([{ code: 'installs_missing', detailKey: brand, params }])}) w
    on conflict (code, detail_key) where resolved_at is null and integration_id is null
    do update set last_seen_at = now(), count = s.count + 1, params = excluded.params`
}

function endAlarm(brand: string) {
  return sql`update issues set resolved_at = now() where code = 'installs_missing' and detail_key = ${brand}
    and integration_id is null and resolved_at is null`
}
