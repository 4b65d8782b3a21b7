// The vendor reports that the app was switched off in an account. Its notice can be replayed for ever, so it only
// starts a check of the connection: one that still works stays on.
import { and, eq, isNull } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { Problem } from '#lib/errors.ts'
import { findForSession } from '#integrations/queries.ts'
import { secondsUntilTest } from '#integrations/test-limit.ts'
import { openSession } from '#connections/session.ts'
import { disableRevoked } from '#connections/disable-revoked.ts'
import { flowsOf } from '#oauth/start-consent.ts'

export interface Notice {
  readonly crmType: CrmType
  readonly query: CallbackQuery
}

/** Throws Problem: `unauthenticated` when the signature is not the vendor's, `misconfigured`. */
export async function handleDisconnectNotice(context: Context, { crmType, query }: Notice): Promise<void> {
  const flows = flowsOf(context, crmType)
  if (flows.length === 0)
    throw new Problem('misconfigured', {
      detail: {
        en: 'The operator has not registered this service with the CRM.',
        ru: 'Оператор не зарегистрировал этот сервис в CRM.',
      },
    })
  const accounts = await Promise.all(flows.map(async ({ oauth, app }) => oauth.disconnected(app, query)))
  const accountId = accounts.find((account) => account !== null)
  if (accountId === undefined)
    throw new Problem('unauthenticated', {
      detail: { en: 'The signature is not the CRM’s.', ru: 'Подпись не принадлежит CRM.' },
      // RFC 9110, 11.6.1: a 401 names how to authenticate.
      headers: { 'www-authenticate': 'Signature' },
    })
  const { integrationId, revokedAt } = oauthGrants
  const granted = await context.db
    .select({ integrationId })
    .from(oauthGrants)
    .innerJoin(crmIntegrations, eq(crmIntegrations.id, integrationId))
    .where(and(eq(oauthGrants.accountId, accountId), isNull(revokedAt), eq(crmIntegrations.crmType, crmType)))
  for (const grant of granted) await verifyGrant(context, grant.integrationId)
}

async function verifyGrant(context: Context, integrationId: string): Promise<void> {
  const row = await findForSession(context.db, integrationId, null)
  // A notice that is replayed asks the vendor no more often than tests may; the next sync finds out as well.
  if (!row || (await secondsUntilTest(context, row.id)) !== null) return
  await connectorOf(row.crmType).check(await openSession(context, row))
  const isClosed = await disableRevoked(context, row)
  context.log.info('disconnect_heard', { integrationId, isClosed })
}
