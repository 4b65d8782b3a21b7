// Entering our address in the CRM's own webhook settings, where the CRM lets us. It is a convenience: whatever goes wrong
// here fails nothing else, and the integration shows how a person does it.
import { and, eq } from 'drizzle-orm'
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

/** A CRM that does not answer must not hold up the person who waits for an answer of ours. */
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
  await keep(context, row, state)
  return state
}

/** Takes the address out of the CRM's settings, as far as the CRM lets us. */
export async function unregisterWebhook(context: Context, row: IntegrationRow, requestUrl: string): Promise<void> {
  if (row.webhookRegistration === null || row.webhookRegistration === 'absent') return
  const opened = await openRegistration(context, row, requestUrl)
  if (!opened) return
  const state = await attempt(context, row, async () => {
    await opened.registration.unregister(await opened.session(), opened.target)
    return 'absent'
  })
  await keep(context, row, state)
}

export interface Changed {
  readonly before: IntegrationRow
  readonly after: IntegrationRow
  readonly requestUrl: string
  /** A person may prefer to set hooks up by hand. */
  readonly mayRegister: boolean
}

/** After a change of settings: hooks are wanted under those that sync was switched on with, and under no former ones. */
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

/** What the CRM's settings say of our address. Null: it has no API for that. Throws CrmError. */
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
  const session = async () => openSession(context, toSessionRow(row, await businessOf(context.db, row.businessId)))
  return { registration, target, session }
}

async function attempt(
  { log, clock }: Context,
  { id }: IntegrationRow,
  act: () => Promise<WebhookRegistrationState>,
): Promise<StoredRegistration> {
  const startedAt = clock.now().getTime()
  try {
    const state = await Promise.race([act(), tooLate(REGISTRATION_MS)])
    log.info('webhook_registration', { integrationId: id, state, ms: clock.now().getTime() - startedAt })
    return state
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    log.warn('webhook_registration_failed', { integrationId: id, kind: error.kind, reason: error.reason })
    return 'failed'
  }
}

async function tooLate(ms: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new CrmError('unavailable', { reason: 'timeout' })), ms)
  })
}

async function keep({ db }: Context, { id, settingsEpoch }: IntegrationRow, state: StoredRegistration): Promise<void> {
  await db
    .update(crmIntegrations)
    .set({ webhookRegistration: state })
    .where(and(eq(crmIntegrations.id, id), eq(crmIntegrations.settingsEpoch, settingsEpoch)))
}
