// Keeps what a page of a check has shown until it is compared: procedure stage_records in migrations/.
import type { Context } from '#context.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { distinctRows } from '#transactions/distinct-rows.ts'
import { type PageRow, toPageRows, toPostgresJson } from '#transactions/page-rows.ts'
import type { Calendar } from '#sync/check-calendar.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'
import type { FoldedPage, Position } from '#sync/write-page.ts'

/** Records of one statement: it holds the lock of the integration for a fraction of a second. */
const RECORDS_MAX = 1000

/** A record that the CRM does not show any more, though it may be there. */
export interface Hidden {
  readonly type: 'hidden'
  readonly externalId: string
}

/** The names are the columns of `check_records`. */
interface StagedRecord extends Partial<Pick<PageRow, Compared>> {
  readonly external_id: string
  readonly status: string | null
  readonly day?: string
  readonly location_id?: string | null
}

type Compared =
  | ('kind' | 'amount_minor' | 'currency' | 'occurred_at' | 'customer_external_id' | 'items')
  | ('source_updated_at' | 'alias')

interface Staged {
  readonly seq: number
  readonly liveWaits: boolean
}

type CheckPage = Omit<FoldedPage, 'records' | 'cursor'> & { readonly records: readonly (MappedRecord | Hidden)[] }

/** Null: another worker has the run, or it is over. `cursorJson` null: a later page brings the cursor. */
export async function stagePage(
  context: Context,
  run: TakenRun,
  from: Position,
  { page, calendar, cursorJson }: { page: CheckPage; calendar: Calendar; cursorJson: string | null },
): Promise<Omit<Position, 'held'> | null> {
  const { records, unreadable } = await toRecords(page.records, calendar)
  let { pages } = from
  let answer: Staged | null = null
  for (let at = 0; at === 0 || at < records.length; at += RECORDS_MAX) {
    const isLast = at + RECORDS_MAX >= records.length
    const count = 1 + (isLast ? (page.folded ?? 0) : 0)
    const some = records.slice(at, at + RECORDS_MAX)
    const fence = [run.integrationId, run.leaseEpoch, run.id, pages, count, LEASE_SECONDS]
    const after = isLast ? [cursorJson, page.progress?.done ?? null, page.progress?.total ?? null] : [null, null, null]
    const counts = isLast ? [some.length, page.skipped ?? 0, unreadable] : [some.length, 0, 0]
    const params = [...fence, from.changeSeq, ...after, ...counts, toPostgresJson(some)]
    const [[staged] = []] = await context.db.call(CALL, params)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
    answer = staged as Staged | null
    if (answer === null) return null
    pages += count
  }
  return answer && { pages, changeSeq: answer.seq, liveWaits: answer.liveWaits, isQuiet: false }
}

const CALL = `call stage_records(${Array.from({ length: 14 }, (_, index) => `$${index + 1}`).join(', ')}, null)`

/** Of each id the newest record. One that cannot be stored cannot be compared either. */
async function toRecords(shown: CheckPage['records'], calendar: Calendar) {
  const mapped = shown.filter((record) => record.type !== 'hidden')
  const { rows, quarantine } = await toPageRows(mapped)
  const records = new Map<string, StagedRecord>()
  for (const { external_id: id } of quarantine)
    if (id !== null) records.set(id, { external_id: id, status: 'unreadable' })
  for (const row of distinctRows(rows)) records.set(row.external_id, toRecord(row, calendar))
  for (const record of shown) {
    if (record.type === 'hidden') records.set(record.externalId, { external_id: record.externalId, status: 'hidden' })
    if (record.type !== 'transaction' || record.isSumKept !== true) continue
    const { externalId } = record.transaction
    const staged = records.get(externalId)
    // Compared with itself it would always be equal.
    if (staged) records.set(externalId, { ...staged, amount_minor: null })
  }
  return { records: [...records.values()], unreadable: quarantine.length }
}

function toRecord(row: PageRow, calendar: Calendar): StagedRecord {
  const { external_id: externalId, gone, missing, source_updated_at: sourceUpdatedAt } = row
  if (gone || missing || row.occurred_at === null) {
    const status = missing ? 'missing' : 'gone'
    return { external_id: externalId, status, source_updated_at: sourceUpdatedAt }
  }
  const { status, kind, amount_minor, currency, occurred_at, customer_external_id, items, alias } = row
  const location = row.location_external_id
  return {
    ...{ external_id: externalId, status, kind, amount_minor, currency, occurred_at, customer_external_id, items },
    ...{ alias, source_updated_at: sourceUpdatedAt },
    ...{ day: calendar.dayOf(occurred_at, location), location_id: location },
  }
}
