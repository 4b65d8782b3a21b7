// Sales that outlive their integration. They stay under its id, and an integration of the same account goes on with
// them under that id: its counters continue, and its fences are above those of any work for the deleted one.
import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import type { StoredAccount } from '#db/schema/crm-integrations.ts'
import { keptIntegrations } from '#db/schema/kept-integrations.ts'
import { removals } from '#db/schema/removals.ts'
import { isOfTenant, isVisible, type TenantScope } from '#db/tenant.ts'
import { openSession, type SessionRow } from '#connections/session.ts'
import { businessOf } from '#integrations/queries.ts'
import { removeRows } from '#integrations/remove-rows.ts'
import { isSameAccount } from '#integrations/same-account.ts'
import { accountOf } from '#integrations/test-connection.ts'
import { countTestOf } from '#integrations/test-limit.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'

/** Addresses and settings as jsonb writes them, so equal ones have equal hashes. */
const hashOf = (apiUrl: SQL, config: SQL): SQL =>
  sql`sha256(convert_to(jsonb_build_array(${apiUrl}, coalesce(${config}, '{}'))::text, 'UTF8'))`

/**
 * Deletes an integration but for its sales, which are of this account; null: of the stored one. No row: there is none,
 * or another tenant owns it.
 */
export function deleteButSales(scope: TenantScope, account: StoredAccount | null): SQL {
  return sql`
    with gone as (
      delete from crm_integrations i where ${isVisible(scope)}
      returning i.*
    )
    insert into kept_integrations (integration_id, business_id, crm_type, account, connection_hash, change_seq, page_seq,
      settings_epoch, lease_epoch, map_version)
    select g.id, g.business_id, g.crm_type, coalesce(${account && JSON.stringify(account)}::jsonb, g.account - 'changed'),
      ${hashOf(sql`g.api_url`, sql`g.additional_config`)}, g.change_seq, g.page_seq, g.settings_epoch, g.lease_epoch,
      g.map_version
    from gone g returning integration_id as id`
}

/** What a deleted business has kept goes like the rows of a deleted integration. Sent behind the deletion. */
export function removeKept(businessId: string): SQL {
  return sql`
    with kept as (
      delete from kept_integrations k
      where ${isOfTenant(businessId, sql.raw('k.business_id'))} returning k.integration_id)
    insert into removals (integration_id) select integration_id from kept
    on conflict (integration_id) do update set emptied_at = null`
}

/** The account that a connection opens. Null: it cannot be read now, or the CRM has none. */
export async function accountAt(context: Context, row: SessionRow): Promise<StoredAccount | null> {
  try {
    const session = await openSession(context, row, { lane: 'people' })
    const { account, locations = [] } = await connectorOf(row.crmType).check(session)
    return accountOf({ account, locations: locations.map((location) => ({ ...location })) }, row)
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    context.log.warn('account_unread', { integrationId: row.id, kind: error.kind, reason: error.reason })
    return null
  }
}

/** A new integration, and its account where a consent has shown it. */
export interface Newcomer extends Omit<SessionRow, 'timezone' | 'currency'> {
  readonly accountId: string | null
  /** The account is a branch, and others may be kept with it. */
  readonly isBranch: boolean
}

export type Kept = typeof keptIntegrations.$inferSelect

/**
 * The kept sales that a new integration goes on with. The CRM is asked for the account only where sales of such an
 * integration are kept. Throws Problem `too_many_requests`.
 */
export async function findKept(context: Context, newcomer: Newcomer): Promise<Kept | null> {
  const { businessId, crmType, apiUrl, additionalConfig } = newcomer
  const config = additionalConfig && JSON.stringify(additionalConfig)
  const hash = hashOf(sql`${apiUrl}::text`, sql`${config}::jsonb`)
  const found = await context.db
    .select({ kept: keptIntegrations, isSameConnection: sql<boolean>`${keptIntegrations.connectionHash} = ${hash}` })
    .from(keptIntegrations)
    .where(and(eq(keptIntegrations.businessId, businessId), eq(keptIntegrations.crmType, crmType)))
    .orderBy(desc(keptIntegrations.keptAt))
  if (found.length === 0) return null
  const { isAccountless = false } = connectorOf(crmType)
  const account = isAccountless ? null : await accountOfNewcomer(context, newcomer)
  const match = found.find(({ kept, isSameConnection }) =>
    account && kept.account ? isSameAccount(account, kept.account) : isAccountless || isSameConnection,
  )
  return match ? { ...match.kept, account: account ?? match.kept.account } : null
}

async function accountOfNewcomer(context: Context, newcomer: Newcomer) {
  const { accountId, businessId, isBranch } = newcomer
  const branches = isBranch && accountId !== null ? [{ externalId: accountId, name: '', timezone: null }] : []
  if (accountId !== null) return { externalId: accountId, name: '', locations: branches }
  await countTestOf(context, businessId)
  return accountAt(context, { ...newcomer, ...(await businessOf(context.db, businessId)) })
}

/**
 * An integration that was created before its account was known cannot take up sales any more, and would store them
 * twice. Throws Problem `conflict`.
 */
export async function refuseKept(
  { db }: Context,
  { businessId, crmType }: Pick<Newcomer, 'businessId' | 'crmType'>,
  account: StoredAccount | null,
): Promise<void> {
  if (!account) return
  const kept = await db
    .select({ account: keptIntegrations.account })
    .from(keptIntegrations)
    .where(and(eq(keptIntegrations.businessId, businessId), eq(keptIntegrations.crmType, crmType)))
  if (kept.some((one) => one.account && isSameAccount(one.account, account))) {
    throw new Problem('conflict', { detail: KEPT })
  }
}

const KEPT: LocalizedText = {
  en: 'The sales of this account are kept from a former integration. Delete this one and create it again with its credentials: it then goes on with them.',
  ru: 'Продажи этого аккаунта сохранены от прежнего подключения. Удалите это подключение и создайте его заново сразу с ключами: тогда оно продолжит ту же историю.',
}

/** Leaves time for the rest of the request. */
const EMPTYING_MS = 10_000

/**
 * Deletes what is left of the deleted integration, so that nothing of it comes back with its sales. Throws Problem
 * `conflict` where that takes longer than a request may.
 */
export async function finishRemoval(context: Context, { integrationId }: Kept): Promise<void> {
  const startedAt = context.clock.now().getTime()
  do {
    await context.db.execute(removeRows(integrationId))
    const [left] = await context.db
      .select({ id: removals.integrationId })
      .from(removals)
      .where(and(eq(removals.integrationId, integrationId), isNull(removals.emptiedAt)))
    if (!left) return
  } while (context.clock.now().getTime() - startedAt < EMPTYING_MS)
  throw new Problem('conflict', { detail: BEING_REMOVED })
}

const BEING_REMOVED: LocalizedText = {
  en: 'The former integration of this account is still being removed. Try again in a minute.',
  ru: 'Прежнее подключение этого аккаунта ещё удаляется. Повторите через минуту.',
}

/** The columns with which a new integration goes on where the deleted one has ended. */
export function continuing({ integrationId, account, changeSeq, pageSeq, mapVersion, ...fences }: Kept) {
  return {
    ...{ id: integrationId, account, changeSeq, pageSeq, mapVersion },
    settingsEpoch: fences.settingsEpoch + 1,
    leaseEpoch: fences.leaseEpoch + 1,
  }
}

/** Statements of the transaction that creates it. */
export function takeUp({ db }: Context, { integrationId }: Kept) {
  return [
    db.delete(keptIntegrations).where(eq(keptIntegrations.integrationId, integrationId)),
    db.delete(removals).where(eq(removals.integrationId, integrationId)),
  ] as const
}
