import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { callPage, pageCalls, type PageWritten } from '#transactions/page-statement.ts'
import { toPageRows } from '#transactions/page-rows.ts'
import { sendMasked } from '#transactions/send-masked.ts'

export interface HookWrite {
  readonly integrationId: string
  /** The settings epoch that the records were read under: when it has changed, nothing is written. */
  readonly settingsEpoch: number
  /** The change counter from before the vendor was asked, or from the arrival of the bodies with the records. */
  readonly snapshotSeq: number
  readonly records: readonly MappedRecord[]
  readonly canRecheck: boolean
}

/** `seq` is the `snapshotSeq` of the next reads. */
export type HookWritten = Pick<PageWritten, 'seq' | 'inserted' | 'updated' | 'rechecks'>

/**
 * Writes objects that webhooks named. It uses the statement that writes pages, but without a lease: versions and the
 * change counter decide between two reads. A repeated write changes nothing. Null: the settings have changed.
 */
export async function writeRecords(context: Context, write: HookWrite): Promise<HookWritten | null> {
  const { integrationId } = write
  const page = {
    integrationId,
    writer: { type: 'hook', settingsEpoch: write.settingsEpoch },
    snapshotSeq: write.snapshotSeq,
    rows: await toPageRows(write.records),
    source: 'webhook',
    canRecheck: write.canRecheck,
  } as const
  const [written] = await sendMasked(context, integrationId, async (erased) => [
    await callPage(context.db, pageCalls({ ...page, erased }).whole()),
  ])
  return written
}
