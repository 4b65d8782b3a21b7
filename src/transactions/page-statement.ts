// What writes a page: procedures of the database, migrations/0002_write-page.sql. This is what they are called with.
import { arrayOf } from '#db/array.ts'
import type { Call, Db } from '#db/client.ts'
import type { Erased } from '#tombstones/erased.ts'
import { contentHash } from '#transactions/content-hash.ts'
import { type DistinctRow, distinctRows } from '#transactions/distinct-rows.ts'
import { maskErased } from '#transactions/mask-erased.ts'
import { type PageRows, toPostgresJson } from '#transactions/page-rows.ts'

export interface PageStatement {
  readonly integrationId: string
  readonly writer: RunWriter | HookWriter
  /**
   * The change counter from before the vendor was asked. Two reads of one object are compared by it and by no clock.
   */
  readonly snapshotSeq: number
  readonly rows: PageRows
  /** The erased customers that are known; `PageWritten.erasures` says that there are others. */
  readonly erased: Erased
  readonly source: string
  /** Whether the connector can read one object again after two reads overlapped. */
  readonly canRecheck: boolean
}

/** A slice of a run. Its lease is the fence. It moves the run's cursor and counters, and the brake may stop it. */
interface RunWriter {
  readonly type: 'run'
  readonly leaseEpoch: number
  readonly leaseSeconds: number
  readonly runId: string
  /** The number of pages committed before this one: a batch that is sent twice writes once. */
  readonly ordinal: number
  /** As many pages it stands for: those before it had no records, and a part of a page is none. */
  readonly pages: number
  /** How many of the fetched records are known not to be sales. */
  readonly skipped: number
  /** How many records of the page could be read. */
  readonly readable: number
  /** With this statement ends a page that is refused: it has no rows, and its unreadable records go to quarantine. */
  readonly endsRefused: boolean
  /** Null: the run's cursor stays, since more of the same page follows. */
  readonly cursorJson: string | null
  readonly progressDone: number | null
  readonly progressTotal: number | null
}

/** Objects that webhooks named, each read by itself. There is no lease: the settings epoch is the fence. */
interface HookWriter {
  readonly type: 'hook'
  readonly settingsEpoch: number
}

/** What the procedure answers; null instead of it when the fence holds the writer off. */
export interface PageWritten {
  /** The page was sent as hashes and must be sent whole: nothing else is answered. */
  readonly differs?: true
  /** Nothing was written: so many erasures there are, and the page must be masked by all of them. */
  readonly erasures?: number
  /** The change counter now. */
  readonly seq: number
  /** Nothing was written: the page would change too much of what is stored. */
  readonly braked: boolean
  /** The stored rows of the period, as far as the brake had to count them. */
  readonly rows: number | null
  readonly changedBefore: number
  readonly inserted: number
  readonly updated: number
  /** The stored rows that it would change, but for those that an undo has cancelled. */
  readonly overwritten: number
  readonly cancelled: number
  readonly from: string | null
  readonly to: string | null
  /** Objects to be read once more, since two reads of them overlapped. */
  readonly rechecks: number
  /** A live run of the integration is due and waits for this bulk run. */
  readonly liveWaits: boolean | null
}

/**
 * The other read is usually committed within seconds, and the recheck must come after it. At once, it would overlap the
 * same read again; much later, the sale stays outdated for as long. Chosen, not measured.
 */
export const RECHECK_SECONDS = 3

type Param = string | number | boolean | null

export interface PageCalls {
  /** Answers a PageWritten, or null. */
  readonly whole: () => Call
  /** Answers the same, or `{ differs: true }`: then the page must be sent whole, as when this is null. */
  readonly hashes: (() => Call) | null
}

export function pageCalls(page: PageStatement): PageCalls {
  const { integrationId, writer, snapshotSeq, source, canRecheck } = page
  const masked = maskErased(page.rows, page.erased)
  const { quarantine } = masked
  const rows = distinctRows(masked.rows)
  const hashes = arrayOf(rows.map(contentHash))
  const run = writer.type === 'run' ? writer : null
  const reserved = Math.max(page.rows.rows.length, 1)
  const fetched = page.rows.rows.length + quarantine.length + (run?.skipped ?? 0)
  const fence = [integrationId, writer.type === 'run' ? writer.leaseEpoch : writer.settingsEpoch, run?.runId ?? null]
  const place = [run?.ordinal ?? null, run?.pages ?? null, run?.leaseSeconds ?? null]
  const counts = [fetched, run?.skipped ?? 0, run?.readable ?? 0]
  const after = [run?.cursorJson ?? null, run?.progressDone ?? null, run?.progressTotal ?? null]
  return {
    whole: () =>
      callOf('write_page', [
        ...[...fence, ...place, source, canRecheck ? RECHECK_SECONDS : null, snapshotSeq, reserved, ...counts],
        ...[
          run?.endsRefused ?? false,
          ...after,
          toPostgresJson(quarantine),
          ...keysOf(rows),
          ...columnsOf(rows),
          hashes,
        ],
        rows.every((row) => row.source_line === null) ? null : columnOf(rows, (row) => row.source_line),
        rows.every(({ items }) => items === null) ? null : toPostgresJson(rows.map(({ items }) => items)),
        page.erased.count,
      ]),
    hashes:
      run === null || rows.length === 0 || quarantine.length > 0
        ? null
        : () =>
            callOf('write_equal_page', [...fence, ...place, reserved, ...counts, ...after, ...keysOf(rows), hashes]),
  }
}

function callOf(procedure: string, params: readonly Param[]): Call {
  return { text: `call ${procedure}(${params.map((_, index) => `$${index + 1}`).join(', ')}, null)`, params }
}

/** The procedure's answer. Null: another worker has the lease, or the page is already written. */
export async function callPage(db: Db, { text, params }: Call): Promise<PageWritten | null> {
  return writtenIn(await db.call(text, params))
}

/** The same in one transaction with a call that follows it, whose answer comes second. */
export async function callPageWith(db: Db, page: Call, next: Call): Promise<[PageWritten | null, unknown]> {
  const [written = [], [[answer] = []] = []] = await db.callAll([page, next])
  return [writtenIn(written), answer]
}

function writtenIn(rows: readonly unknown[][]): PageWritten | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[written]] = rows as [[PageWritten | null]]
  return written
}

const TEXTS = [
  ...(['kind', 'status', 'amount_minor', 'currency', 'occurred_at', 'customer_external_id', 'customer_name'] as const),
  ...(['customer_phone', 'customer_email', 'customer_card', 'location_external_id', 'location_name'] as const),
]

function columnOf(rows: readonly DistinctRow[], valueOf: (row: DistinctRow) => Param): string | null {
  return arrayOf(rows.map(valueOf))
}

/** What both procedures need of the records. */
function keysOf(rows: readonly DistinctRow[]): (string | null)[] {
  return [
    columnOf(rows, (row) => row.external_id),
    // Null stands for false, so a page without such records sends nothing.
    columnOf(rows, (row) => row.gone || null),
    columnOf(rows, (row) => row.missing || null),
    columnOf(rows, (row) => row.ever_paid),
    columnOf(rows, (row) => row.source_updated_at),
    columnOf(rows, (row) => row.alias),
    columnOf(rows, (row) => (row.alias === null ? null : row.owns_alias)),
  ]
}

function columnsOf(rows: readonly DistinctRow[]): (string | null)[] {
  return TEXTS.map((name) => columnOf(rows, (row) => row[name]))
}
