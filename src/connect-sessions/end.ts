import { sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { isOfTenant } from '#db/tenant.ts'

/** False: there is none, or another tenant's, or it was ended before. */
export async function endConnectSession(context: Context, id: string, tenant: string | null): Promise<boolean> {
  const line = auditLines(context, { action: 'connect_session.ended' }, sql`select * from ended`)
  const { rows } = await context.db.execute<{ is_ended: boolean }>(sql`
    with ended as (
      update connect_sessions s set ended_at = now()
      where s.id = ${id}::uuid and s.ended_at is null and ${isOfTenant(tenant, sql`s.business_id`)}
      returning s.business_id, s.integration_id
    ), audited as (${line})
    select exists (select from ended) as is_ended`)
  return rows[0]?.is_ended === true
}
