import { and, eq, isNotNull, ne, or } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { auditFailed, failedConnection, openRefused } from '#connections/failed-connection.ts'
import type { Granted } from '#connections/refresh.ts'
import { cancelUnbegun } from '#runs/cancel-run.ts'

/** Switches sync off where the grant was revoked, since only a person can renew it. False: it was off already. */
export async function disableRevoked(context: Context, { id, crmType }: Granted): Promise<boolean> {
  const { messages } = connectorOf(crmType)
  const cause = { kind: 'auth', reason: 'grant_dead', params: {} } as const
  const text = describeError(cause, messages, { when: 'stopped' })
  const isOn = or(eq(crmIntegrations.syncEnabled, true), ne(crmIntegrations.connectionStatus, 'failed'))
  const [disabled] = await context.db.batch([
    context.db
      .update(crmIntegrations)
      .set(failedConnection({ ...cause, message: text.en, messageRu: text.ru }))
      .from(oauthGrants)
      .where(and(eq(crmIntegrations.id, id), eq(oauthGrants.integrationId, id), isNotNull(oauthGrants.revokedAt), isOn))
      .returning({ id: crmIntegrations.id }),
    context.db.execute(cancelUnbegun(id)),
    context.db.execute(openRefused(id, cause)),
    context.db.execute(auditFailed(context, id)),
  ])
  return disabled.length > 0
}
