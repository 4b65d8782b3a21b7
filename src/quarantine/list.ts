import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/instant.ts'
import { cursorProblem, decodeCursor, encodeCursor } from '#lib/page-cursor.ts'
import type { TenantScope } from '#runs/start-run.ts'

/** A vendor record that could not be mapped, without the people in it. */
export const QuarantinedRecord = z
  .strictObject({
    id: z.guid(),
    externalId: z.string().nullable(),
    reason: z.string(),
    raw: z.unknown(),
    runId: z.guid().nullable(),
    times: z.int(),
    firstSeenAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
  })
  .meta({ id: 'QuarantinedRecord' })
type QuarantinedRecord = z.infer<typeof QuarantinedRecord>

interface QuarantineRow extends Record<string, unknown> {
  id: string | null
  external_id: string | null
  reason: string
  raw: unknown
  run_id: string | null
  times: number
  first_seen_at: string
  last_seen_at: string
}

const QuarantineCursor = z.tuple([z.string(), z.guid()])

/** Newest first. Null: no such integration for this tenant. */
export async function listQuarantine(
  context: Context,
  { integrationId, tenant, limit, cursor }: TenantScope & { readonly limit: number; readonly cursor: string | null },
): Promise<{ readonly items: readonly QuarantinedRecord[]; readonly nextCursor: string | null } | null> {
  const after = cursor === null ? null : decodeCursor(cursor, QuarantineCursor)
  if (cursor !== null && after === null) throw cursorProblem()
  const older = after ? sql`and (q.first_seen_at, q.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const { rows } = await context.db.execute<QuarantineRow>(sql`
    select q.* from crm_integrations i left join lateral (
      select * from quarantined_records q where q.integration_id = i.id ${older}
      order by q.first_seen_at desc, q.id desc limit ${limit + 1}::int
    ) q on true
    where i.id = ${integrationId}::uuid and (${tenant}::uuid is null or i.business_id = ${tenant}::uuid)
    order by q.first_seen_at desc, q.id desc`)
  if (rows.length === 0) return null
  const found = rows.flatMap((row) => (row.id === null ? [] : [{ ...row, id: row.id }]))
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const items = page.map((row) => ({
    id: row.id,
    externalId: row.external_id,
    reason: row.reason,
    raw: row.raw,
    runId: row.run_id,
    times: row.times,
    firstSeenAt: isoInstant(row.first_seen_at),
    lastSeenAt: isoInstant(row.last_seen_at),
  }))
  return { items, nextCursor: found.length > limit && last ? encodeCursor([last.first_seen_at, last.id]) : null }
}
