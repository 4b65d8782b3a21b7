import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import { runColumns, type RunRow } from '#runs/schema.ts'
import type { TenantScope } from '#runs/start-run.ts'

const RunCursor = z.tuple([z.string(), z.guid()])

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listRuns(
  context: Context,
  request: TenantScope & { readonly limit: number; readonly cursor: string | null },
): Promise<{ readonly items: readonly RunRow[]; readonly nextCursor: string | null } | null> {
  const after = request.cursor === null ? null : decodeCursor(request.cursor, RunCursor)
  if (request.cursor !== null && after === null) throw cursorProblem()
  const older = after ? sql`and (r.created_at, r.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const { rows } = await context.db.execute<RunRow & { position: string }>(sql`
    select ${runColumns('r')}, r.created_at::text as position
    from crm_integrations i left join lateral (
      select * from sync_runs r where r.integration_id = i.id ${older}
      order by r.created_at desc, r.id desc limit ${request.limit + 1}::int
    ) r on true
    where i.id = ${request.integrationId}::uuid
      and (${request.tenant}::uuid is null or i.business_id = ${request.tenant}::uuid)
    order by r.created_at desc, r.id desc`)
  if (rows.length === 0) return null
  const found = rows.filter((row) => row.id !== null)
  const page = found.slice(0, request.limit)
  const last = page.at(-1)
  const hasMore = found.length > request.limit && last !== undefined
  return { items: page, nextCursor: hasMore ? encodeCursor([last.position, last.id]) : null }
}

/** Null: no such run for this integration and tenant. */
export async function getRun(
  context: Context,
  { integrationId, runId, tenant }: TenantScope & { readonly runId: string },
): Promise<RunRow | null> {
  const { rows } = await context.db.execute<RunRow>(sql`
    select ${runColumns('r')} from sync_runs r join crm_integrations i on i.id = r.integration_id
    where r.id = ${runId}::uuid and i.id = ${integrationId}::uuid
      and (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)`)
  return rows[0] ?? null
}
