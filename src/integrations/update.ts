// Changes an integration. The write is guarded by the `updated_at` that was read, so changes of two callers never mix.
// A new address, configuration or credential makes new settings: the connection is untested, older work is fenced off,
// and the cursor is removed.
import { type SQL, sql } from 'drizzle-orm'
import { auditLines, namesOf } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { describeError } from '#crm/messages.ts'
import { Problem } from '#lib/errors.ts'
import { hexBytes } from '#db/bytea.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { type Target, targetOf } from '#integrations/change-target.ts'
import { findIntegration, type IntegrationRow } from '#integrations/queries.ts'
import { checkReconnect } from '#integrations/reconnect.ts'
import type { UpdateIntegration } from '#integrations/schema.ts'
import { testChange } from '#integrations/test-change.ts'
import type { NewGrant, Update } from '#integrations/update-request.ts'
import { accountOf, type ConnectionReport } from '#integrations/test-connection.ts'
import { followChange } from '#integrations/webhook-registration.ts'
import { resolveIssues } from '#issues/statements.ts'
import { cancelUnbegun } from '#runs/cancel-run.ts'
import { ACTIVE, COUNTED } from '#runs/states.ts'

/**
 * Each lost try means that another write came between. Three in a row are rare; more would only delay a clear error.
 */
const TRIES_MAX = 3

/**
 * Null: no such integration. Throws Problem: `invalid_request`, `credentials_required`, `branch_not_claimed`,
 * `connection_test_failed`, `other_account`, `precondition_failed`, `conflict`, `too_many_requests`.
 */
export async function updateIntegration(context: Context, update: Update): Promise<IntegrationRow | null> {
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const row = await findIntegration(context.db, update.integrationId, update.tenant)
    if (!row) return null
    const isWritten = await tryUpdate(context, row, update)
    if (isWritten) return followHooks(context, row, update)
  }
  throw new Problem('conflict')
}

async function followHooks(
  context: Context,
  before: IntegrationRow,
  { requestUrl, change }: Update,
): Promise<IntegrationRow | null> {
  const after = await findIntegration(context.db, before.id, null)
  if (!after) return null
  await followChange(context, { before, after, requestUrl, mayRegister: change.registerWebhooks ?? true })
  return findIntegration(context.db, before.id, null)
}

async function tryUpdate(context: Context, row: IntegrationRow, update: Update): Promise<boolean> {
  await update.precondition?.(row)
  if (update.isReconnect) checkReconnect(row, update.change)
  const target = await targetOf(context, row, update)
  const passed = await testChange(context, row, target, update)
  return write(context, row, { target, change: update.change, passed, grant: update.grant ?? null })
}

interface Write {
  readonly target: Target
  readonly change: UpdateIntegration
  readonly passed: ConnectionReport | null
  readonly grant: NewGrant | null
}

/** The error of runs that worked under the former settings. */
function settingsChanged(): StoredError {
  const cause = { kind: 'rejected', reason: 'settings_changed', params: {} } as const
  const text = describeError(cause, {})
  return { ...cause, message: text.en, messageRu: text.ru }
}

/** The new schedule and connection status. */
function outcomeOf(row: IntegrationRow, { target, change, passed }: Write) {
  const { isNew, isNewSecret, mayDiffer } = target
  const wasOn = row.syncEnabled ?? false
  // New credentials that pass go on with what was on, and with what the vendor's refusal had stopped.
  const isEnabled = change.syncEnabled ?? (isNew ? passed !== null && (wasOn || row.stoppedBy === 'vendor') : wasOn)
  return {
    isEnabled,
    isNew,
    isTurnedOn: isEnabled && (!row.syncEnabled || isNew),
    minutes: change.syncIntervalMinutes ?? row.syncIntervalMinutes ?? 5,
    status: passed ? 'ok' : isNew ? 'untested' : row.connectionStatus,
    checkedAt: passed?.checkedAt ?? (isNew ? null : row.connectionCheckedAt),
    account: passed ? accountOf(passed, { ...row, ...target }) : null,
    isNewSecret,
    mayDiffer: !passed && mayDiffer,
  }
}

/** False: the integration was changed after it was read. Lock order: integration, then its runs. */
async function write(context: Context, row: IntegrationRow, input: Write): Promise<boolean> {
  const { target, grant } = input
  const outcome = outcomeOf(row, input)
  const { isEnabled, isNew, isTurnedOn, minutes } = outcome
  const config = target.additionalConfig && JSON.stringify(target.additionalConfig)
  const [isNewUrl, isNewKey] = [target.apiUrl !== row.apiUrl, target.apiKey !== row.apiKey]
  // The lock is taken first, so that the statement sees a page that was committed a moment ago.
  const [, written] = await context.db.batch([
    context.db.execute(sql`select id from crm_integrations where id = ${row.id}::uuid for no key update`),
    context.db.execute(sql`
    with changed as (
      update crm_integrations i set additional_config = ${config}::jsonb,
        -- A token refresh may have changed these two since they were read, and a change of keys any secret.
        api_url = case when ${isNewUrl}::bool then ${target.apiUrl} else i.api_url end,
        api_key = ${changedSecret(row.apiKey, target.apiKey, sql`i.api_key`)},
        api_secret = ${changedSecret(row.apiSecret, target.apiSecret, sql`i.api_secret`)},
        extra_secret = ${changedSecret(row.extraSecret, target.extraSecret, sql`i.extra_secret`)},
        sync_enabled = ${isEnabled}, sync_interval_minutes = ${minutes}::int,
        ${refusalColumns(input, outcome)},
        ${connectionColumns(outcome)}, ${nextSync(outcome)},
        settings_epoch = i.settings_epoch + ${isNew ? 1 : 0}::int,
        lease_epoch = i.lease_epoch + ${isNew ? 1 : 0}::int, lease_run_id = case when not ${isNew}::bool then i.lease_run_id end,
        lease_until = case when ${isNew}::bool then null else i.lease_until end,
        cursor = case when ${isNew}::bool then null else i.cursor end,
        session_token = case when ${isNew}::bool then null else i.session_token end,
        webhook_registration = case when ${isNew}::bool then null else i.webhook_registration end,
        webhook_missed_at = case when ${isNew}::bool then null else i.webhook_missed_at end,
        consecutive_failures = case when ${isNew || isTurnedOn}::bool then 0 else i.consecutive_failures end,
        last_sync_status = case when ${isNew}::bool and i.last_sync_status = 'in_progress' then (
          select case p.status when 'succeeded' then 'success' else 'failed' end from sync_runs p
          where p.integration_id = i.id and p.status in ('succeeded','failed') and p.task in ${COUNTED}
          order by p.finished_at desc limit 1)
          else i.last_sync_status end,
        transactions_synced = i.transactions_synced + case when ${isNew}::bool then coalesce((
          select sum(r.inserted + r.updated) from sync_runs r where r.integration_id = i.id and r.status in ${ACTIVE}
            and r.task in ${COUNTED}), 0)
          else 0 end::int,
        updated_at = clock_timestamp()
      where i.id = ${row.id}::uuid and i.updated_at = ${row.updatedAt}::timestamptz
      returning i.id, i.business_id
    ), audited as (${changedLine(context, input.change)}
    ), granted as (${grantStatement(grant, isNewKey)}
    ), superseded as (${supersede(isNew)}
    ), unpaid as (
      delete from unpaid_observations s using changed where ${isNew}::bool and s.integration_id = changed.id
    ), accepted as (${resolveIssues(sql`select id from changed where ${isTurnedOn}::bool`, ['connection_refused', 'refused_for_now'])})
    select id from changed`),
    context.db.execute(cancelUnbegun(row.id)),
  ])
  return written.rows.length > 0
}

/** Part of the statement above. */
function changedLine(context: Context, change: UpdateIntegration): SQL {
  const subject = sql`select business_id, id as integration_id from changed`
  return auditLines(context, { action: 'integration.changed', changes: namesOf(change) }, subject)
}

/** Part of the statement above. An undo goes on, since it reads nothing by the settings. */
function supersede(isNew: boolean): SQL {
  return sql`
      update sync_runs r set status = 'cancelled', finished_at = now(), resume_at = null,
        error = ${JSON.stringify(settingsChanged())}::jsonb
      from changed
      where ${isNew}::bool and r.integration_id = changed.id and r.status in ${ACTIVE} and r.task <> 'undo'`
}

function nextSync({ isEnabled, isTurnedOn, minutes }: ReturnType<typeof outcomeOf>): SQL {
  return sql`
    next_sync_at = case when not ${isEnabled}::bool then null when ${isTurnedOn}::bool then now()
      else least(i.next_sync_at, now() + ${minutes}::int * interval '1 minute') end`
}

/** What is known of the connection, and of the sales that came by it. */
function connectionColumns(outcome: ReturnType<typeof outcomeOf>): SQL {
  const { status, checkedAt, account, mayDiffer, isNew, isNewSecret } = outcome
  return sql`
    connection_status = ${status}, connection_checked_at = ${checkedAt}::timestamptz,
    account = coalesce(${account && JSON.stringify(account)}::jsonb,
      i.account || case when ${mayDiffer}::bool then '{"changed":"settings"}'::jsonb
        when ${isNewSecret}::bool or ${isNew}::bool and i.account -> 'changed' is null then '{"changed":"credentials"}'::jsonb
        else '{}'::jsonb end), as_of = case when ${isNew}::bool then null else i.as_of end`
}

/** What the row remembers of refusals belongs to the settings that were refused. */
function refusalColumns(
  { change: { syncEnabled }, grant }: Write,
  { isEnabled, isNew, isTurnedOn }: ReturnType<typeof outcomeOf>,
): SQL {
  const isAnew = isNew || isTurnedOn
  // Tokens of a consent are tested once they are stored. What was on goes on with the first test that passes, whenever
  // that is: nobody has switched it off.
  return sql`
    stopped_by = case when ${isEnabled}::bool then null when ${syncEnabled === false}::bool then 'person'
      when ${grant !== null}::bool and i.sync_enabled then 'vendor' else i.stopped_by end,
    refused_at = case when ${isNew}::bool then null else i.refused_at end,
    passing_refusal = case when ${isAnew}::bool then null else i.passing_refusal end,
    passing_refusal_since = case when ${isAnew}::bool then null else i.passing_refusal_since end`
}

/** The secret to store, or the stored one where the request does not change it. */
function changedSecret(before: Uint8Array | null, after: Uint8Array | null, stored: SQL): SQL {
  return after === before ? stored : sql`${after && hexBytes(after)}::bytea`
}

/** Part of the statement above: a new grant starts a new generation, and another key ends the former grant. */
function grantStatement(grant: NewGrant | null, isNewKey: boolean): SQL {
  if (!grant) {
    return sql`
      update oauth_grants g set generation = g.generation + 1, account_id = null, fence_owner = null, fence_until = null,
        previous_token = null, revoked_at = now()
      from changed where ${isNewKey}::bool and g.integration_id = changed.id`
  }
  return sql`
      insert into oauth_grants as g (integration_id, account_id, brand, access_until)
      select id, ${grant.accountId}, ${grant.brand}, now() + interval '1 second' * ${grant.expiresInSeconds}::float8 from changed
      on conflict (integration_id) do update set generation = g.generation + 1, account_id = excluded.account_id,
        brand = excluded.brand,
        access_until = excluded.access_until, refreshed_at = now(), fence_owner = null, fence_until = null,
        previous_token = null, revoked_at = null`
}
