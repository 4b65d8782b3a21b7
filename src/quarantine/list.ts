import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import type { TenantScope } from '#db/tenant.ts'

/** A vendor record that could not be mapped. Personal data in it is masked. */
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

export const ListQuarantine = Paging
type ListQuarantine = Paging

interface QuarantineRow extends Record<string, unknown> {
  id: string
  external_id: string | null
  reason: string
  raw: unknown
  run_id: string | null
  times: number
  first_seen_at: string
  last_seen_at: string
}

const newest = keyset({ first_seen_at: [sql`q.first_seen_at`, 'timestamptz'], id: [sql`q.id`, 'uuid'] })

/** Newest first. Null: no such integration for this tenant. Throws Problem `invalid_request` for a foreign cursor. */
export async function listQuarantine(
  context: Context,
  request: TenantScope & ListQuarantine & { readonly showsRaw: boolean },
): Promise<Page<QuarantinedRecord> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await listOfIntegration<QuarantineRow>(context.db, request, {
    ...{ table: 'quarantined_records', alias: 'q', columns: sql`q.*` },
    ...{ where: isAfter, order, limit },
  })
  if (!rows) return null
  const { items, nextCursor } = toPage(rows)
  return { items: items.map((row) => ({ ...present(row), ...(!request.showsRaw && { raw: null }) })), nextCursor }
}

function present(row: QuarantineRow): QuarantinedRecord {
  return {
    id: row.id,
    externalId: row.external_id,
    reason: row.reason,
    raw: row.raw,
    runId: row.run_id,
    times: row.times,
    firstSeenAt: isoInstant(row.first_seen_at),
    lastSeenAt: isoInstant(row.last_seen_at),
  }
}
