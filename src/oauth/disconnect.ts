// The vendor tells that somebody has switched the app off in an account. The notice can be replayed for ever, so it only
// makes us look: a connection that still works is left alone.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { Problem } from '#lib/errors.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { disableRevoked } from '#connections/disable-revoked.ts'
import { flowOf } from '#oauth/start-consent.ts'

export interface Notice {
  readonly crmType: CrmType
  readonly query: CallbackQuery
}

/** Throws Problem: `unauthenticated` when the signature is not the vendor's, `misconfigured`. */
export async function handleDisconnectNotice(context: Context, { crmType, query }: Notice): Promise<void> {
  const flow = flowOf(context, crmType)
  if (!flow)
    throw new Problem('misconfigured', { detail: 'The operator has not registered this service with the CRM.' })
  const accountId = await flow.oauth.disconnected(flow.app, query)
  if (accountId === null) throw new Problem('unauthenticated', { detail: 'The signature is not the CRM’s.' })
  const { rows } = await context.db.execute<{ id: string }>(sql`
    select i.id from oauth_grants g join crm_integrations i on i.id = g.integration_id
    where g.account_id = ${accountId} and g.revoked_at is null and i.crm_type = ${crmType}`)
  for (const { id } of rows) await look(context, id)
}

async function look(context: Context, integrationId: string): Promise<void> {
  const row = await findForSession(context.db, integrationId, null)
  if (!row) return
  await connectorOf(row.crmType).check(await openSession(context, row))
  const isClosed = await disableRevoked(context, row)
  context.log.info('disconnect_heard', { integrationId, isClosed })
}
