import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant } from '#db/columns.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { listOfIntegration } from '#db/list.ts'
import type { TenantScope } from '#db/tenant.ts'
import type { Language } from '#lib/localized.ts'
import { reasonIn } from '#quarantine/reasons.ts'

/** A vendor record that could not be mapped. Personal data in it is masked. */
export const QuarantinedRecord = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the entry.' }),
    externalId: z.string().nullable().meta({ description: 'The record’s id in the CRM; null where it has none.' }),
    reason: z.string().meta({ description: 'Why it could not be read, in the language of `Accept-Language`.' }),
    raw: z
      .unknown()
      .meta({ description: 'The record as the CRM gave it, people masked; null without `transactions:read`.' }),
    runId: z
      .guid()
      .nullable()
      .meta({ description: 'The run that saw it last; null where that run is no longer kept.' }),
    times: z.int().meta({ description: 'How often it was seen.' }),
    firstSeenAt: z.iso.datetime().meta({ description: 'When it was first seen.' }),
    lastSeenAt: z.iso.datetime().meta({ description: 'When it was last seen.' }),
  })
  .meta({ id: 'QuarantinedRecord', description: 'A record of the CRM that could not be read.' })
export type QuarantinedRecord = z.infer<typeof QuarantinedRecord>

export const ListQuarantine = Paging
type ListQuarantine = Paging

/** A row of `quarantined_records` as raw SQL returns it. */
export interface QuarantineRow extends Record<string, unknown> {
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
  request: TenantScope & ListQuarantine & { readonly showsRaw: boolean; readonly language: Language },
): Promise<Page<QuarantinedRecord> | null> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await listOfIntegration<QuarantineRow>(context.db, request, {
    ...{ table: 'quarantined_records', alias: 'q', columns: sql`q.*` },
    ...{ where: isAfter, order, limit },
  })
  if (!rows) return null
  const { items, nextCursor } = toPage(rows)
  return { items: items.map((row) => presentQuarantined(row, request)), nextCursor }
}

export function presentQuarantined(
  row: QuarantineRow,
  { showsRaw, language }: { readonly showsRaw: boolean; readonly language: Language },
): QuarantinedRecord {
  return {
    id: row.id,
    externalId: row.external_id,
    reason: reasonIn(row.reason, language),
    raw: showsRaw ? row.raw : null,
    runId: row.run_id,
    times: row.times,
    firstSeenAt: isoInstant(row.first_seen_at),
    lastSeenAt: isoInstant(row.last_seen_at),
  }
}
