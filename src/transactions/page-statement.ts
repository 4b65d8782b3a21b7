// The statement that writes a page. It is a procedure of the database, migrations/0002_write-page.sql; this is what it
// is called with.
import { arrayOf } from '#db/array.ts'
import { type DistinctRow, distinctRows } from '#transactions/distinct-rows.ts'
import { type PageRows, toPostgresJson } from '#transactions/page-rows.ts'

export interface PageStatement {
  readonly integrationId: string
  readonly writer: RunWriter | HookWriter
  /**
   * The change counter from before the vendor was asked. Two reads of one object are compared by it and by no clock.
   */
  readonly snapshotSeq: number
  readonly rows: PageRows
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
  /** The change counter now. */
  readonly seq: number
  /** Nothing was written: the page would change too much of what is stored. */
  readonly braked: boolean
  /** The stored rows of the period, as far as the brake had to count them. */
  readonly rows: number | null
  readonly changedBefore: number
  readonly inserted: number
  readonly updated: number
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

/** The text and parameters of the call. Its one row has one column, a PageWritten or null. */
export function pageStatement(page: PageStatement): { readonly text: string; readonly params: readonly Param[] } {
  const { integrationId, writer, snapshotSeq, rows, source, canRecheck } = page
  const run = writer.type === 'run' ? writer : null
  const fetched = rows.rows.length + rows.quarantine.length + (run?.skipped ?? 0)
  const params = [
    ...[integrationId, writer.type === 'run' ? writer.leaseEpoch : writer.settingsEpoch, run?.runId ?? null],
    ...[run?.ordinal ?? null, run?.leaseSeconds ?? null, source, canRecheck ? RECHECK_SECONDS : null],
    ...[snapshotSeq, Math.max(rows.rows.length, 1)],
    ...[fetched, run?.skipped ?? 0, run?.readable ?? 0, run?.endsRefused ?? false, run?.cursorJson ?? null],
    ...[run?.progressDone ?? null, run?.progressTotal ?? null, toPostgresJson(rows.quarantine)],
    ...columnsOf(distinctRows(rows.rows)),
  ]
  return { text: `call write_page(${params.map((_, index) => `$${index + 1}`).join(', ')}, null)`, params }
}

/** The procedure's answer. Null: another worker has the lease, or the page is already written. */
export function onlyWritten(rows: readonly unknown[][]): PageWritten | null {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[written]] = rows as [[PageWritten | null]]
  return written
}

const TEXTS = [
  ...(['kind', 'status', 'amount_minor', 'currency', 'occurred_at', 'customer_external_id', 'customer_name'] as const),
  ...(['customer_phone', 'customer_email', 'customer_card', 'location_external_id', 'location_name'] as const),
  ...(['source_updated_at', 'alias'] as const),
]

function columnsOf(rows: readonly DistinctRow[]): (string | null)[] {
  const column = (valueOf: (row: DistinctRow) => Param) => arrayOf(rows.map(valueOf))
  return [
    column((row) => row.external_id),
    // Null stands for false, so a page without such records sends nothing.
    column((row) => row.gone || null),
    column((row) => row.missing || null),
    column((row) => row.ever_paid),
    ...TEXTS.map((name) => column((row) => row[name])),
    column((row) => (row.alias === null ? null : row.owns_alias)),
    rows.every(({ items }) => items === null) ? null : toPostgresJson(rows.map(({ items }) => items)),
  ]
}
