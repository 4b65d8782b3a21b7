// Reading again, one by one, what could not be mapped: after the vendor's record or our mapper was mended.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Connector, MappedRecord, Page, Session } from '#crm/contract.ts'

const PAGE_RECORDS = 10

export const RetryCursor = z.strictObject({ after: z.guid(), done: z.int() })
type RetryCursor = z.infer<typeof RetryCursor>

/** What is still unreadable stays in quarantine; so does what has no id of its own to be asked for. */
export async function* quarantinePages(
  context: Context,
  integrationId: string,
  { connector, session }: { readonly connector: Connector<unknown, unknown>; readonly session: Session<unknown> },
  from: RetryCursor | null,
): AsyncGenerator<Page<RetryCursor>> {
  for (let cursor = from; ;) {
    const { rows } = await context.db.execute<{ id: string; external_id: string | null }>(sql`
      select id, external_id from quarantined_records
      where integration_id = ${integrationId}::uuid and (${cursor?.after ?? null}::uuid is null or id > ${cursor?.after ?? null}::uuid)
      order by id limit ${PAGE_RECORDS}::int`)
    const last = rows.at(-1)
    if (!last) return
    const records: MappedRecord[] = []
    for (const { external_id: externalId } of rows) {
      const record = externalId === null ? null : await connector.fetchOne?.(session, { externalId })
      if (record) records.push(record)
    }
    cursor = { after: last.id, done: (cursor?.done ?? 0) + rows.length }
    yield { records, cursor, progress: { done: cursor.done, total: null } }
  }
}
