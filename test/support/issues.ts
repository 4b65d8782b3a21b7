import { sql } from 'drizzle-orm'
import type { Connected } from '#test/tenants.ts'

/** The open issues of an integration, by code and detail. */
export async function openIssues({ context, integrationId }: Pick<Connected, 'context' | 'integrationId'>) {
  const { rows } = await context.db.execute<{ code: string; detail_key: string; params: object; count: number }>(sql`
    select code, detail_key, params, count, severity, whose_turn, since from issues
    where integration_id = ${integrationId}::uuid and resolved_at is null order by code, detail_key`)
  return rows
}
