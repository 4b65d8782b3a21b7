// What an install does to the business's integration: the branch comes into its settings, or leaves them.
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { HELD, marketplaceFor } from '#connections/marketplace.ts'
import { issues } from '#db/schema/issues.ts'
import { createIntegration } from '#integrations/create.ts'
import { deleteIntegration } from '#integrations/delete.ts'
import { listIntegrations } from '#integrations/list.ts'
import { findIntegration, type IntegrationRow } from '#integrations/queries.ts'
import { updateIntegration } from '#integrations/update.ts'
import type { IssueCode } from '#issues/codes.ts'
import { openIssue } from '#issues/statements.ts'
import { Problem } from '#lib/errors.ts'
import { cancelUnbegun } from '#runs/cancel-run.ts'
import { type Install, installsOf } from '#marketplace/installs.ts'
import type { Vendor } from '#marketplace/vendor.ts'

export async function integrationOf(context: Context, businessId: string): Promise<IntegrationRow | null> {
  const { items } = await listIntegrations(context, { tenant: businessId, limit: 1 })
  return items[0] ?? null
}

/** Throws Problem `integration_exists` where it is of another CRM, brand or address. */
export function requireSameVendor(context: Context, row: IntegrationRow, { connector, marketplace }: Vendor): void {
  const own = row.crmType === connector.type ? marketplaceFor(context, connector, row) : null
  if (own?.marketplace.brand === marketplace.brand) return
  throw new Problem('integration_exists', {
    detail: {
      en: `The business has another CRM than ${marketplace.title}, or one at another address. Delete that integration first.`,
      ru: `У компании подключена другая CRM, не ${marketplace.title}, или по другому адресу. Сначала удалите то подключение.`,
    },
  })
}

/** The business's integration, made where there is none. Throws Problem `integration_exists`. */
export async function ensureIntegration(
  context: Context,
  { businessId, branchId }: Pick<Install, 'businessId' | 'branchId'>,
  vendor: Vendor,
): Promise<IntegrationRow> {
  const { connector, settings, marketplace, app } = vendor
  const existing = await integrationOf(context, businessId)
  if (existing) {
    requireSameVendor(context, existing, vendor)
    return existing
  }
  const additionalConfig = settings.write({}, { brand: marketplace.brand, branchIds: [branchId] })
  try {
    return await createIntegration(context, businessId, {
      ...{ crmType: connector.type, additionalConfig, credentials: {}, branchId },
      syncIntervalMinutes: 5,
      ...(app.apiUrl !== null && { apiUrl: app.apiUrl }),
    })
  } catch (error) {
    const made = error instanceof Problem && error.code === 'integration_exists'
    const other = made ? await integrationOf(context, businessId) : null
    if (!other) throw error
    requireSameVendor(context, other, vendor)
    return other
  }
}

/** Neither limited nor in anybody's language: nobody reads the report. */
function byUs({ origin, businessId }: Install) {
  const request = { language: 'en', requestUrl: `${origin}/`, showsSales: false, isUncounted: true } as const
  return { ...request, tenant: businessId, precondition: null }
}

export function branchesIn(vendor: Vendor, { additionalConfig }: IntegrationRow): readonly string[] {
  return vendor.settings.read(additionalConfig ?? {})?.branchIds ?? []
}

function withBranches({ settings, marketplace }: Vendor, row: IntegrationRow, branchIds: readonly string[]) {
  return settings.write(row.additionalConfig ?? {}, { brand: marketplace.brand, branchIds })
}

/**
 * Brings all checked branches into the settings and switches sync on. Throws Problem `connection_test_failed`; false:
 * there is no such integration any more.
 */
export async function switchOn(context: Context, install: Install, vendor: Vendor): Promise<boolean> {
  const { integrationId } = install
  const row = integrationId === null ? null : await findIntegration(context.db, integrationId, install.businessId)
  if (!row || integrationId === null) return false
  const open = (await installsOf(context, row.id)).filter(({ state }) => state === 'checked' || state === 'active')
  const named = branchesIn(vendor, row)
  const missing = open.map(({ branchId }) => branchId).filter((branchId) => !named.includes(branchId))
  if (missing.length === 0 && row.syncEnabled === true) return true
  const additionalConfig = missing.length > 0 ? withBranches(vendor, row, [...named, ...missing]) : undefined
  const change = { syncEnabled: true, ...(additionalConfig && { additionalConfig }) }
  return (await updateIntegration(context, { ...byUs(install), integrationId, change })) !== null
}

/** Sync goes on for what a freeze has stopped, and for nothing else. Throws Problem `connection_test_failed`. */
export async function resume(context: Context, install: Install): Promise<void> {
  const { integrationId } = install
  const row = integrationId === null ? null : await findIntegration(context.db, integrationId, install.businessId)
  if (!row || integrationId === null || row.stoppedBy !== 'freeze') return
  await updateIntegration(context, { ...byUs(install), integrationId, change: { syncEnabled: true } })
}

/**
 * Takes the branch out of the settings; the others go on. Where it was the last one, an integration that has never
 * synced is removed if `isUndone`, and any other stops. Throws Problem `connection_test_failed`.
 */
export async function leaveIntegration(
  context: Context,
  install: Install,
  vendor: Vendor,
  { isUndone }: { readonly isUndone: boolean },
): Promise<void> {
  const { integrationId, businessId, branchId, origin } = install
  const row = integrationId === null ? null : await findIntegration(context.db, integrationId, businessId)
  if (!row || integrationId === null) return
  const named = branchesIn(vendor, row)
  if (!named.includes(branchId)) return
  // With others that are about to leave: each would be refused for the other's sake.
  const leaving = (await installsOf(context, row.id)).filter(({ state, hasStep }) => hasStep && !HELD.includes(state))
  const rest = named.filter((id) => id !== branchId && !leaving.some((one) => one.branchId === id))
  if (rest.length > 0) {
    const change = {
      additionalConfig: withBranches(vendor, row, rest),
      ...(row.syncEnabled === true && { syncEnabled: true }),
    }
    await updateIntegration(context, { ...byUs(install), integrationId, change })
    return
  }
  const isFresh = row.syncEnabled !== true && row.lastSyncAt === null && row.stoppedBy === null
  if (isUndone && isFresh) await deleteIntegration(context, { id: row.id, tenant: businessId, requestUrl: origin })
}

/** Whether another branch of the integration is still read: one that the app is installed in, or one by own tokens. */
async function hasOthers(context: Context, install: Install, vendor: Vendor): Promise<boolean> {
  const { integrationId, businessId } = install
  const row = integrationId === null ? null : await findIntegration(context.db, integrationId, businessId)
  if (!row) return false
  const installs = await installsOf(context, row.id)
  const isResting = (branchId: string) =>
    installs.some((one) => one.branchId === branchId && (one.state === 'frozen' || !HELD.includes(one.state)))
  return branchesIn(vendor, row).some((branchId) => branchId !== install.branchId && !isResting(branchId))
}

/**
 * The branch is not read any more; the last one stops its integration. What a person stopped stays so after a freeze.
 */
export async function stopStatements(context: Context, install: Install, vendor: Vendor, by: 'uninstall' | 'freeze') {
  const { db } = context
  const { integrationId, branchId } = install
  const code: IssueCode = by === 'uninstall' ? 'app_uninstalled' : 'app_frozen'
  const isStopped = by === 'freeze' ? sql`(i.sync_enabled or i.stopped_by = 'vendor')` : sql`true`
  const issue = db.execute(openIssue({ code, detailKey: branchId, params: { branch: branchId } }, ofId(integrationId)))
  if (await hasOthers(context, install, vendor)) return [issue] as const
  const stop =
    db.execute(sql`update crm_integrations i set sync_enabled = false, stopped_by = ${by}, next_sync_at = null,
    updated_at = clock_timestamp() where i.id = ${integrationId}::uuid and ${isStopped}`)
  return [issue, stop, db.execute(cancelUnbegun(integrationId ?? ''))] as const
}

export function issueStatement({ db }: Context, { integrationId, branchId }: Install, code: IssueCode) {
  return db.execute(openIssue({ code, detailKey: branchId, params: { branch: branchId } }, ofId(integrationId)))
}

/** What was told about this branch is over. */
export async function resolveBranchIssues({ db }: Context, { integrationId, branchId }: Install): Promise<void> {
  if (integrationId === null) return
  const { integrationId: of, detailKey, resolvedAt, code } = issues
  await db
    .update(issues)
    .set({ resolvedAt: sql`now()` })
    .where(
      and(
        eq(of, integrationId),
        eq(detailKey, branchId),
        isNull(resolvedAt),
        sql`${code} in ('app_uninstalled','app_frozen','install_expired')`,
      ),
    )
}

function ofId(integrationId: string | null): SQL {
  return sql`i.id = ${integrationId}::uuid`
}
