// Nightly: our list of a marketplace's branches is held against the vendor's own. Its event of an uninstall may have
// been lost, and its list may be wrong: so one night counts nothing, and neither does a list that lacks many.
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { marketplaceInstalls } from '#db/schema/marketplace-installs.ts'
import { wrongRows } from '#issues/statements.ts'
import { CrmError } from '#lib/crm-error.ts'
import { findInstalls } from '#marketplace/installs.ts'
import { end } from '#marketplace/receive-event.ts'
import { callOf, MARKETPLACES, type Vendor, vendorOf } from '#marketplace/vendor.ts'

/** Owners leave one by one; a twentieth of them in one night is a fault of the list. */
const MISSING_SHARE = 0.05
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
    .select({ branchId: marketplaceInstalls.branchId, nights: marketplaceInstalls.missingNights })
    .from(marketplaceInstalls)
    .where(and(eq(marketplaceInstalls.brand, brand), inArray(marketplaceInstalls.state, ['active', 'frozen'])))
  const listed = await marketplace.list(callOf(context, vendor, { about: brand, lane: 'bulk' }))
  const missing = known.filter(({ branchId }) => !listed.has(branchId))
  const isTooMany = missing.length > known.length * MISSING_SHARE
  context.log.info('marketplace_compared', { brand, known: known.length, listed: listed.size, missing: missing.length })
  await context.db.batch([
    context.db.execute(isTooMany ? raiseAlarm(vendor, missing.length, known.length) : endAlarm(brand)),
    context.db.execute(isTooMany ? sql`select` : countNights(brand, missing)),
  ])
  if (isTooMany) return
  const over = missing.filter(({ nights }) => nights + 1 >= NIGHTS).map(({ branchId }) => branchId)
  for (const branchId of over) await endIfGone(context, vendor, branchId)
}

function countNights(brand: string, missing: readonly { readonly branchId: string }[]) {
  const ids = JSON.stringify(missing.map(({ branchId }) => branchId))
  return sql`
    with absent as (select json_array_elements_text(${ids}::json) as branch_id)
    update marketplace_installs i set missing_nights = case when a.branch_id is null then 0 else i.missing_nights + 1 end
    from marketplace_installs o left join absent a on a.branch_id = o.branch_id
    where i.id = o.id and i.brand = ${brand} and i.state in ('active','frozen')
      and (a.branch_id is not null or i.missing_nights > 0)`
}

/** The branch's own state decides. */
async function endIfGone(context: Context, vendor: Vendor, branchId: string): Promise<void> {
  const { marketplace } = vendor
  const call = callOf(context, vendor, { about: marketplace.brand, lane: 'bulk' })
  const { status } = await marketplace.stateOf(call, branchId)
  const [install] = await findInstalls(context, marketplace.brand, [branchId])
  context.log.warn('install_missing', { brand: marketplace.brand, branchId, status })
  if (status === 'none' && install) await end(context, install, vendor)
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
