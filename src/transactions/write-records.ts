import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { safeInteger } from '#db/columns.ts'
import { pageStatement } from '#transactions/page-statement.ts'
import { toPageRows, toPostgresJson } from '#transactions/page-rows.ts'

export interface HookWrite {
  readonly integrationId: string
  /** The settings epoch that the records were read under: when it has changed, nothing is written. */
  readonly settingsEpoch: number
  /** The change counter from before the vendor was asked, or from the arrival of the bodies with the records. */
  readonly snapshotSeq: number
  readonly records: readonly MappedRecord[]
  readonly canRecheck: boolean
}

export interface HookWritten {
  /** The change counter now: the `snapshotSeq` of the next reads. */
  readonly seq: number
  readonly inserted: number
  readonly updated: number
  readonly rechecks: number
}

/**
 * Writes objects that webhooks named. It uses the statement that writes pages, but without a lease: versions and the
 * change counter decide between two reads. A repeated write changes nothing. Null: the settings have changed.
 */
export async function writeRecords(context: Context, write: HookWrite): Promise<HookWritten | null> {
  const { rows, quarantine } = await toPageRows(write.records)
  const reserved = Math.max(rows.length, 1)
  const [, written] = await context.db.batch([
    context.db.execute(sql`
      update crm_integrations set change_seq = change_seq + ${reserved}::bigint
      where id = ${write.integrationId}::uuid and settings_epoch = ${write.settingsEpoch}::int`),
    context.db.execute<{ seq: string; inserted: number; updated: number; rechecks: number }>(
      pageStatement({
        integrationId: write.integrationId,
        writer: { type: 'hook', settingsEpoch: write.settingsEpoch },
        snapshotSeq: write.snapshotSeq,
        reserved,
        rowsJson: toPostgresJson(rows),
        quarantineJson: toPostgresJson(quarantine),
        source: 'webhook',
        canRecheck: write.canRecheck,
      }),
    ),
  ])
  const row = written.rows[0]
  return row ? { ...row, seq: safeInteger(row.seq) } : null
}
