// Commits a page: rows, checkpoint and fence in one transaction and one round trip. A page is written completely or not
// at all, a page that is sent twice is written once, and a worker whose lease was taken over writes nothing.
import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { MappedRecord, Page } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import type { Call } from '#db/client.ts'
import { isConnectionFailure, isOverloaded } from '#db/errors.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { syncRuns } from '#db/schema/sync-runs.ts'
import { isoInstant } from '#db/columns.ts'
import { CrmError } from '#lib/crm-error.ts'
import { enqueueInboxes } from '#queue/enqueue.ts'
import {
  callPage,
  callPageWith,
  pageCalls,
  type PageStatement,
  type PageWritten,
  RECHECK_SECONDS,
} from '#transactions/page-statement.ts'
import { isUnknownFormat, type PageRows, readableOf, toPageRows, toPostgresJson } from '#transactions/page-rows.ts'
import { sendMasked } from '#transactions/send-masked.ts'
import { finishAtPage, settled } from '#sync/finish-run.ts'
import { holdCursor, type HeldCursor } from '#sync/held-cursor.ts'
import type { Findings } from '#sync/run-issues.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'

/**
 * Rows in one statement: the lock is held for a fraction of a second. A larger page takes several; the last moves the
 * cursor.
 */
const ROWS_MAX = 1000
/** Of one statement whose answer is lost. A database that is away for longer is the queue's matter. */
const TRIES_MAX = 3

/** Where a run stands after its last committed page. */
export interface Position {
  readonly pages: number
  readonly changeSeq: number
  /** A live run of the integration is due and waits for this bulk run. */
  readonly liveWaits: boolean
  /** The page before has changed nothing, so hashes of the next one are likely to be enough. */
  readonly isQuiet: boolean
  /** The page has ended the run. */
  readonly isEnded?: boolean
  readonly held: HeldCursor
}

/** A page with those before it that waited for it. */
export interface FoldedPage extends Page<unknown> {
  /** How many those are. */
  readonly folded?: number
}

/** Before the first page of a slice. Where nothing was read before, all is new. */
export function startOf({ pages, changeSeq, cursor }: TakenRun): Position {
  return { pages, changeSeq, liveWaits: false, isQuiet: cursor !== null, held: { json: null, writtenAt: 0 } }
}

/**
 * Commits a page. Null: the run was taken over, cancelled or ended; the slice must stop. Of a page in an unknown format
 * only the unreadable records are written, to quarantine: the run goes on and will fail at its end, and the next one
 * reads the page again. `ending`: the page is the last one of the run, which ends in the same transaction; it has these
 * findings. Throws CrmError `rejected` (`brake`) for a page that changes too much, and what the driver throws.
 */
export async function writePage(
  context: Context,
  run: TakenRun,
  from: Position,
  page: FoldedPage,
  ending: Findings | null = null,
): Promise<Position | null> {
  const chunks = await Promise.all(split(page.records).map(async (records) => toPageRows(records)))
  const isSuspect = run.task === 'pull' && isUnknownFormat(chunks)
  const isRefused = isSuspect && isUnknownFormat(chunks, await knownBad(context, run, chunks))
  if (isRefused) context.log.warn('page_refused', { ordinal: from.pages, records: page.records.length })
  const cursorJson = toPostgresJson(page.cursor)
  const now = context.clock.now().getTime()
  const held = holdCursor(from.held, cursorJson, { isLast: page.isLast === true, now })
  let position: Committed | null = from
  for (const [index, rows] of chunks.entries()) {
    const isLast = index === chunks.length - 1
    const ordinal = position.pages
    const written = isLast && held.json === null ? cursorJson : null
    const statement = toStatement(run, { from, pages: ordinal, page, rows, isRefused, isLast, cursorJson: written })
    const pages = ordinal + pagesOf({ page, isLast })
    const finish = ending && isLast ? finishAtPage(run, ending, pages) : null
    position = await commit(context, run, { ordinal, pages, statement, finish, isQuiet: position.isQuiet })
    if (position === null) return null
  }
  return { ...position, held }
}

type Committed = Omit<Position, 'held'>

/**
 * Which of a page's unreadable records were in quarantine before the run. What the run itself has put there counts on,
 * or a record that two feeds show would refuse the one page and not the other.
 */
async function knownBad(context: Context, run: TakenRun, pages: readonly PageRows[]): Promise<ReadonlySet<string>> {
  const keys = pages.flatMap(({ quarantine }) => quarantine.map((row) => row.record_key))
  const { rows } = await context.db.execute<{ record_key: string }>(sql`
    select record_key from quarantined_records where integration_id = ${run.integrationId}::uuid
      and first_seen_at < ${run.startedAt.toISOString()}::timestamptz and record_key = any (array(select json_array_elements_text(${toPostgresJson(keys)}::json)))`)
  return new Set(rows.map((row) => row.record_key))
}

function split(records: readonly MappedRecord[]): (readonly MappedRecord[])[] {
  if (records.length <= ROWS_MAX) return [records]
  const count = Math.ceil(records.length / ROWS_MAX)
  return Array.from({ length: count }, (_, index) => records.slice(index * ROWS_MAX, (index + 1) * ROWS_MAX))
}

interface Chunk {
  readonly from: Position
  readonly pages: number
  readonly page: FoldedPage
  readonly rows: PageRows
  readonly isRefused: boolean
  readonly isLast: boolean
  /** Null: more of the page follows, or the cursor is held. */
  readonly cursorJson: string | null
}

function pagesOf({ page, isLast }: Pick<Chunk, 'page' | 'isLast'>): number {
  return 1 + (isLast ? (page.folded ?? 0) : 0)
}

function toStatement(run: TakenRun, chunk: Chunk): Unmasked {
  const { page, rows, isRefused } = chunk
  return {
    integrationId: run.integrationId,
    writer: {
      type: 'run',
      leaseEpoch: run.leaseEpoch,
      leaseSeconds: LEASE_SECONDS,
      runId: run.id,
      ordinal: chunk.pages,
      pages: pagesOf(chunk),
      skipped: chunk.isLast ? (page.skipped ?? 0) : 0,
      readable: readableOf(rows),
      endsRefused: isRefused && chunk.isLast,
      cursorJson: chunk.cursorJson,
      progressDone: page.progress?.done ?? null,
      progressTotal: page.progress?.total ?? null,
    },
    snapshotSeq: chunk.from.changeSeq,
    rows: isRefused ? { ...rows, rows: [] } : rows,
    source: run.trigger,
    canRecheck: connectorOf(run.integration.crmType).fetchOne !== undefined,
  }
}

/** A page before it is known whom to leave out of it. */
type Unmasked = Omit<PageStatement, 'erased'>

/** `pages`: where the run stands after it. */
interface Commit extends Pick<Position, 'isQuiet' | 'pages'> {
  readonly ordinal: number
  readonly statement: Unmasked
  /** Ends the run in the same transaction. */
  readonly finish: Call | null
}

/** Sends the page; when the answer is lost, asks what became of it before sending it again. */
async function commit(context: Context, run: TakenRun, page: Commit): Promise<Committed | null> {
  const { ordinal, pages } = page
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [written, finished] = await send(context, run, page)
      if (written?.braked) throw brakeError(written)
      if (written && written.rechecks > 0) await enqueueInboxes(context, [run.integrationId], RECHECK_SECONDS)
      const isEnded = written !== null && finished !== null && (await settled(context, finished)) === 'ended'
      if (written) return { ...positionAfter(written, pages), isEnded }
      return attempt === 1 ? null : await positionOf(context, run, pages)
    } catch (error) {
      // Overload was waited for as long as a slice has time.
      if (!isConnectionFailure(error) || isOverloaded(error) || attempt === TRIES_MAX) throw error
      context.log.warn('page_write_unanswered', { error, attempt, ordinal })
    }
  }
}

/** A person's scan or backfill, and one by new rules of the mapping, compare all that is stored, not hashes of it. */
async function send(context: Context, run: TakenRun, page: Commit): Promise<readonly [PageWritten | null, unknown]> {
  const { db } = context
  const { statement, finish, isQuiet } = page
  const call = async (write: Call) =>
    finish ? callPageWith(db, write, finish) : ([await callPage(db, write), null] as const)
  const mayEqual = isQuiet && run.trigger !== 'manual' && run.window === null && !run.readsAll
  return sendMasked(context, run.integrationId, async (erased) => {
    const { whole, hashes } = pageCalls({ ...statement, erased })
    if (mayEqual && hashes) {
      const sent = await call(hashes())
      if (!sent[0]?.differs) return sent
    }
    return call(whole())
  })
}

function positionAfter({ seq, inserted, updated, liveWaits }: PageWritten, pages: number): Committed {
  return { pages, changeSeq: seq, liveWaits: liveWaits === true, isQuiet: inserted + updated === 0 }
}

function brakeError({ rows, changedBefore, overwritten, cancelled, from, to }: PageWritten): CrmError {
  const day = (instant: string | null) => (instant === null ? '' : isoInstant(instant).slice(0, 10))
  const page = { cancelled: String(cancelled), changed: String(overwritten - cancelled) }
  const params = { ...page, done: String(changedBefore), rows: String(rows ?? 0), from: day(from), to: day(to) }
  return new CrmError('rejected', { reason: 'brake', params })
}

/** The position if the run is still ours and stands at `pages`: then a batch without an answer was committed. */
async function positionOf(context: Context, run: TakenRun, pages: number): Promise<Committed | null> {
  const { id, changeSeq, leaseEpoch } = crmIntegrations
  const [row] = await context.db
    .select({ changeSeq })
    .from(syncRuns)
    .innerJoin(crmIntegrations, eq(id, syncRuns.integrationId))
    .where(
      and(
        ...[eq(id, run.integrationId), eq(leaseEpoch, run.leaseEpoch), eq(syncRuns.id, run.id)],
        ...[eq(syncRuns.status, 'running'), eq(syncRuns.pages, pages)],
      ),
    )
  return row ? { pages, changeSeq: row.changeSeq, liveWaits: false, isQuiet: false } : null
}
