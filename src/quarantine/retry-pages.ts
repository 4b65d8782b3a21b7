// Reads quarantined records again, one by one, after the vendor's record or our mapper was corrected.
import { and, eq, gt } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { MappedRecord, Page, Session } from '#crm/contract.ts'
import { quarantinedRecords } from '#db/schema/quarantined-records.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'

/**
 * Each record is a call to the vendor, so ten take some seconds. With hundreds a page would not end within its slice,
 * and a dead worker would lose them all; with one, every record would cost a write of its own.
 */
const PAGE_RECORDS = 10

export const RetryCursor = z.strictObject({ after: z.guid(), done: z.int() })
type RetryCursor = z.infer<typeof RetryCursor>

/** These concern all records. Any other error may be caused by the one record that was requested. */
const GENERAL: ReadonlySet<CrmErrorKind> = new Set(['auth', 'forbidden', 'rate_limited'])

interface Vendor {
  readonly connector: Connector<unknown, unknown>
  readonly session: Session<unknown>
}

/** Records that are still unreadable stay in quarantine, and so do those without an id to read them by. */
export async function* quarantinePages(
  context: Context,
  integrationId: string,
  vendor: Vendor,
  from: RetryCursor | null,
): AsyncGenerator<Page<RetryCursor>> {
  const { id, externalId } = quarantinedRecords
  for (let cursor = from; ;) {
    const isAfter = cursor ? gt(id, cursor.after) : undefined
    const rows = await context.db
      .select({ id, externalId })
      .from(quarantinedRecords)
      .where(and(eq(quarantinedRecords.integrationId, integrationId), isAfter))
      .orderBy(id)
      .limit(PAGE_RECORDS)
    const last = rows.at(-1)
    if (!last) return
    const ids = rows.flatMap((row) => row.externalId ?? [])
    const records = await readAgain(context, vendor, ids)
    cursor = { after: last.id, done: (cursor?.done ?? 0) + rows.length }
    yield { records, cursor, progress: { done: cursor.done, total: null } }
  }
}

/** A record that the CRM cannot return does not stop the others. Throws when the CRM fails for all of them. */
async function readAgain(
  context: Context,
  { connector, session }: Vendor,
  ids: readonly string[],
): Promise<MappedRecord[]> {
  const records: MappedRecord[] = []
  let failures = 0
  let failure: CrmError | null = null
  for (const externalId of ids) {
    try {
      const record = await connector.fetchOne?.(session, { externalId })
      if (record && record.type !== 'none') records.push(record)
    } catch (error) {
      if (!(error instanceof CrmError) || GENERAL.has(error.kind)) throw error
      context.log.warn('quarantine_read_failed', { externalId, kind: error.kind, reason: error.reason })
      failures += 1
      failure = error
    }
  }
  if (failure && failures === ids.length) throw failure
  return records
}
