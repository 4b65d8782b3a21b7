// Enters our address in the CRM's own webhook settings, where the CRM has an API for it. This is a convenience: a
// failure here fails nothing else, and the integration shows the steps for a person.
import { and, eq, sql } from 'drizzle-orm'
import type { Action } from '#audit/actions.ts'
import { auditLines, ofIntegration } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import type { Session } from '#crm/contract.ts'
import { findConnector } from '#crm/registry.ts'
import type { WebhookRegistration, WebhookRegistrationState, WebhookTarget } from '#crm/webhook.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { CrmError } from '#lib/crm-error.ts'
import { businessOf, type IntegrationRow, toSessionRow } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { webhookTarget } from '#integrations/webhook-target.ts'

export type StoredRegistration = WebhookRegistrationState | 'failed'

/**
 * A person waits for this call, which makes a few requests to the CRM. One second would cut off slow CRMs that work; a
 * minute looks like a failure of ours. Chosen, not measured.
 */
const REGISTRATION_MS = 10_000

/** Enters the address. Null: this CRM has no API for it, or sends no hooks. */
export async function registerWebhook(
  context: Context,
  row: IntegrationRow,
  requestUrl: string,
): Promise<StoredRegistration | null> {
  const opened = await openRegistration(context, row, requestUrl)
  if (!opened) return null
  const { registration, target } = opened
  const state = await attempt(context, row, async () => registration.register(await opened.session(), target))
  await storeState(context, row, state, 'webhook.registered')
  return state
}

/** Removes the address from the CRM's settings, if we entered it. */
export async function unregisterWebhook(context: Context, row: IntegrationRow, requestUrl: string): Promise<void> {
  if (row.webhookRegistration === null || row.webhookRegistration === 'absent') return
  const opened = await openRegistration(context, row, requestUrl)
  if (!opened) return
  const state = await attempt(context, row, async () => {
    await opened.registration.unregister(await opened.session(), opened.target)
    return 'absent'
  })
  await storeState(context, row, state, 'webhook.unregistered')
}

export interface Changed {
  readonly before: IntegrationRow
  readonly after: IntegrationRow
  readonly requestUrl: string
  /** A person may prefer to set hooks up by hand. */
  readonly mayRegister: boolean
}

/**
 * After a change: hooks must be registered under the settings that sync was switched on with, and under no former ones.
 */
export async function followChange(
  context: Context,
  { before, after, requestUrl, mayRegister }: Changed,
): Promise<void> {
  const isNew = before.settingsEpoch !== after.settingsEpoch
  const isTurnedOn = after.syncEnabled === true && (isNew || before.syncEnabled !== true)
  if (isNew) await unregisterWebhook(context, before, requestUrl)
  if (mayRegister && isTurnedOn && after.webhookRegistration !== 'registered') {
    await registerWebhook(context, after, requestUrl)
  }
}

/** Reads the state of our address in the CRM's settings. Null: the CRM has no API for it. Throws CrmError. */
export async function readRegistration(
  context: Context,
  row: Parameters<typeof webhookTarget>[1],
  { session, requestUrl }: { readonly session: Session<unknown>; readonly requestUrl: string },
): Promise<WebhookRegistrationState | null> {
  const registration = findConnector(row.crmType)?.webhook?.registration
  const target = registration ? await webhookTarget(context, row, requestUrl) : null
  return registration && target ? registration.read(session, target) : null
}

interface Opened {
  readonly registration: WebhookRegistration<unknown>
  readonly target: WebhookTarget
  readonly session: () => Promise<Session<unknown>>
}

async function openRegistration(context: Context, row: IntegrationRow, requestUrl: string): Promise<Opened | null> {
  const registration = findConnector(row.crmType)?.webhook?.registration
  const target = registration ? await webhookTarget(context, row, requestUrl) : null
  if (!registration || !target) return null
  const session = async () =>
    openSession(context, toSessionRow(row, await businessOf(context.db, row.businessId)), { lane: 'people' })
  return { registration, target, session }
}

async function attempt(
  { log, clock }: Context,
  { id }: IntegrationRow,
  act: () => Promise<WebhookRegistrationState>,
): Promise<StoredRegistration> {
  const startedAt = clock.now().getTime()
  try {
    const state = await Promise.race([act(), timeoutAfter(REGISTRATION_MS)])
    log.info('webhook_registration', { integrationId: id, state, ms: clock.now().getTime() - startedAt })
    return state
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    log.warn('webhook_registration_failed', { integrationId: id, kind: error.kind, reason: error.reason })
    return 'failed'
  }
}

async function timeoutAfter(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new CrmError('unavailable', { reason: 'timeout' })), ms)
  })
}

/** What was read just now, or written by this action. */
export async function storeState(
  context: Context,
  { id, settingsEpoch }: IntegrationRow,
  state: StoredRegistration,
  action?: Action,
): Promise<void> {
  const { db } = context
  const update = db
    .update(crmIntegrations)
    .set({ webhookRegistration: state, webhookCheckedAt: sql`now()` })
    .where(and(eq(crmIntegrations.id, id), eq(crmIntegrations.settingsEpoch, settingsEpoch)))
  if (!action || state === 'failed') await update
  else await db.batch([update, db.execute(auditLines(context, { action }, ofIntegration(id)))])
}
