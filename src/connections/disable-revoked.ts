import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import type { Granted } from '#connections/refresh.ts'

/** A connection whose grant is dead needs a person: it is turned off and says so. Twice is as good as once. */
export async function disableRevoked(context: Context, { id, crmType }: Granted): Promise<boolean> {
  const { messages } = connectorOf(crmType)
  const text = describeError({ kind: 'auth', reason: 'grant_dead', params: {} }, messages, { when: 'stopped' })
  const { rows } = await context.db.execute(sql`
    update crm_integrations i set connection_status = 'failed', sync_enabled = false, next_sync_at = null,
      last_error = ${`auth.grant_dead: ${text.en}`},
      connection_checked_at = now(), updated_at = clock_timestamp()
    from oauth_grants g where i.id = ${id}::uuid and g.integration_id = i.id and g.revoked_at is not null
      and (i.sync_enabled or i.connection_status <> 'failed')
    returning i.id`)
  return rows.length > 0
}
