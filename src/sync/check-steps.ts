// The work of a check: it reads a period as a backfill does, keeps what it has read in `check_records`, and then
// compares day by day with what is stored. It writes no sale. What a sync has not seen yet is no difference: such
// records are read again after a sync that began later, before they count.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { DayTotal } from '#crm/connector.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { addDays } from '#lib/time.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'
import { beginLive } from '#runs/begin-live.ts'
import { CheckCursor, nextPeriod } from '#sync/check-cursor.ts'
import { type Calendar, openCalendar } from '#sync/check-calendar.ts'
import { type Hidden, stagePage } from '#sync/check-page.ts'
import { compareDay, type Compared, type Unshown } from '#sync/compare-day.ts'
import { holds } from '#sync/end-slice.ts'
import { foldPages } from '#sync/fold-pages.ts'
import { holdCursor } from '#sync/held-cursor.ts'
import { openVendor, type Vendor, whileHeld } from '#sync/open-vendor.ts'
import { readAgain } from '#sync/read-again.ts'
import type { Committed, Step } from '#sync/step.ts'
import { storeTotals } from '#sync/store-totals.ts'
import type { TakenRun } from '#sync/take-run.ts'
import type { FoldedPage, Position } from '#sync/write-page.ts'

/** Until a sync that was asked for is over, which takes seconds. */
const SYNC_SECONDS = 5
/** A sync that takes longer fails or waits, and then such days stay unchecked. Chosen, not measured. */
const DOUBT_SECONDS_MAX = 600
/** A record that is another each time it is read is being worked on. */
const ROUNDS_MAX = 3
/** Rows of one statement. */
const CLEARED_MAX = 5000
/** As many as connectors read at once. */
const TOTAL_DAYS = 7

type Range = readonly [first: string, last: string]

interface Check {
  readonly context: Context
  readonly run: TakenRun
  readonly vendor: Vendor
  readonly calendar: Calendar
}

type Outcome = Promise<{ readonly committed: Committed; readonly cursor: CheckCursor } | 'done' | 'fenced'>

export async function checkSteps(context: Context, run: TakenRun): Promise<Step> {
  const [vendor, calendar] = await Promise.all([openVendor(context, run), openCalendar(context, run)])
  const check = { context, run, vendor, calendar }
  let cursor = CheckCursor.parse(run.cursor)
  let pages: AsyncIterator<FoldedPage, unknown> | null = null
  const take = async (from: Position): Outcome => {
    if (cursor.ranges.length === 0) return 'done'
    if (cursor.day !== null) return compareStep(check, cursor, from)
    pages ??= openPages(check, cursor)
    return readStep(check, cursor, from, pages)
  }
  return async (from) => {
    const taken = await take(from)
    if (typeof taken === 'string') return taken
    ;({ cursor } = taken)
    if (cursor.day !== null) pages = null
    return taken.committed
  }
}

function openPages({ context, vendor, calendar }: Check, { ranges, pull }: CheckCursor) {
  const { connector, session } = vendor
  const cursor = connector.cursor.safeParse(pull).data ?? null
  const window = calendar.windowOf(ranges[0] ?? ['', ''])
  return foldPages(connector.pull(session, cursor, window)[Symbol.asyncIterator](), context.clock)
}

async function readStep(
  check: Check,
  before: CheckCursor,
  from: Position,
  pages: AsyncIterator<FoldedPage, unknown>,
): Outcome {
  const { context, run } = check
  const next = await whileHeld(context, run, pages.next())
  if (next === 'fenced') return next
  const isOver = next.done === true || next.value.isLast === true
  const page: Omit<FoldedPage, 'cursor'> = next.done ? { records: [] } : next.value
  const { leftOut = [] } = page
  const unread = leftOut.flatMap(({ locationId }) => locationId ?? [])
  const cursor: CheckCursor = {
    ...before,
    startSeq: before.startSeq ?? from.changeSeq,
    unread: [...new Set([...before.unread, ...unread])],
    isComplete: before.isComplete && unread.length === leftOut.length,
    hasShown: before.hasShown || page.records.some(({ type }) => type === 'transaction'),
    pull: isOver || next.done ? null : next.value.cursor,
    readUntil: isOver ? await databaseTime(context) : null,
    day: isOver ? (before.ranges[0]?.[0] ?? null) : null,
  }
  return stage(check, from, cursor, { page, isLast: isOver })
}

async function databaseTime({ db }: Context): Promise<string> {
  const { rows } = await db.execute<{ at: string }>(sql`select now()::text as at`)
  return rows[0]?.at ?? ''
}

interface StagedStep {
  readonly page: Omit<FoldedPage, 'cursor' | 'records'> & { readonly records: readonly (MappedRecord | Hidden)[] }
  readonly isLast: boolean
  readonly waitSeconds?: number
}

async function stage(
  { context, run, calendar }: Check,
  from: Position,
  cursor: CheckCursor,
  step: StagedStep,
): Outcome {
  const json = toPostgresJson(cursor)
  const held = holdCursor(from.held, json, { isLast: step.isLast, now: context.clock.now().getTime() })
  const cursorJson = held.json === null ? json : null
  const position = await stagePage(context, run, from, { page: step.page, calendar, cursorJson })
  if (position === null) return 'fenced'
  const { waitSeconds } = step
  const waits = waitSeconds === undefined ? {} : { waitSeconds }
  return { committed: { position: { ...position, held }, isLast: false, ...waits }, cursor }
}

async function compareStep(check: Check, cursor: CheckCursor, from: Position): Outcome {
  const { context, run, vendor, calendar } = check
  const [range] = cursor.ranges
  if (!range || cursor.day === null) return 'done'
  if (cursor.day > range[1]) {
    const totalsFrom = cursor.totals ?? range[0]
    const isLeft = vendor.connector.totals !== undefined && totalsFrom <= range[1]
    return isLeft ? totalsStep(check, cursor, from, [totalsFrom, range[1]]) : clearStep(check, cursor, from)
  }
  const doubted = await stateOfDoubts(check, cursor)
  if (doubted === 'unsynced') return awaitSync(check, cursor, from)
  if (doubted === 'unread') return readDoubts(check, cursor, from)
  const unsyncedSince = doubted === 'late' ? (cursor.doubts?.since ?? null) : cursor.unsyncedSince
  const after: CheckCursor = { ...cursor, day: addDays(cursor.day, 1), doubts: null, unsyncedSince }
  const compared = await compareDay(context, run, from, {
    ...{ day: cursor.day, calendar, unread: cursor.unread, startSeq: cursor.startSeq ?? 0 },
    readUntil: cursor.readUntil,
    isLastTry: doubted === 'given_up' || doubted === 'late',
    ...{ lateSeconds: vendor.connector.lateSeconds ?? 0, cursorJson: toPostgresJson(after) },
  })
  if (compared === null) return 'fenced'
  if (compared.equal !== undefined) {
    const { seq: changeSeq, liveWaits } = compared
    const position = { pages: from.pages + 1, changeSeq, liveWaits, isQuiet: false, held: from.held }
    return { committed: { position, isLast: false }, cursor: after }
  }
  return learn(check, cursor, from, compared)
}

/** Reads stored sales of which the reading says nothing; of doubts it first waits for a sync. */
async function learn(check: Check, cursor: CheckCursor, from: Position, compared: Compared): Outcome {
  const { unshown = [], doubts = [], at } = compared
  if (unshown.length > 0) return readUnshown(check, cursor, from, unshown)
  const rounds = (cursor.doubts?.rounds ?? 0) + 1
  const since = cursor.unsyncedSince ?? at
  return awaitSync(check, { ...cursor, doubts: { ids: [...doubts], since, rounds } }, from)
}

/** What cannot be read alone either is missing, unless the reading could not have shown it. */
async function readUnshown(check: Check, cursor: CheckCursor, from: Position, unshown: readonly Unshown[]): Outcome {
  const { context, run, vendor } = check
  const { connector, session } = vendor
  const now = context.clock.now()
  const isHidden = (sale: Unshown) => connector.shows?.(session.settings, sale, now) === false
  const idsOf = (sales: readonly Unshown[]) => sales.map(({ externalId }) => externalId)
  const ids = idsOf(unshown.filter((sale) => !isHidden(sale)))
  const read = await whileHeld(context, run, readAgain(context, vendor, ids))
  if (read === 'fenced') return read
  const type = cursor.isComplete && cursor.hasShown ? 'missing' : 'hidden'
  const unknown = read.unknown.map((externalId): Hidden | MappedRecord => ({ type, externalId }))
  const hidden = idsOf(unshown.filter(isHidden)).map((externalId): Hidden => ({ type: 'hidden', externalId }))
  return stage(check, from, cursor, { page: { records: [...read.records, ...unknown, ...hidden] }, isLast: true })
}

/** `settled`: there are none, or they were read again. `late`: no sync has come in time. */
async function stateOfDoubts(
  { context, run }: Check,
  { doubts }: CheckCursor,
): Promise<'settled' | 'unsynced' | 'unread' | 'given_up' | 'late'> {
  if (doubts === null) return 'settled'
  const { rows } = await context.db.execute<{ is_synced: boolean; seconds: number }>(sql`
    select coalesce(i.as_of > ${doubts.since}::timestamptz, false) or i.sync_enabled is not true as is_synced,
      extract(epoch from now() - ${doubts.since}::timestamptz)::float8 as seconds
    from crm_integrations i where i.id = ${run.integrationId}::uuid`)
  const { is_synced: isSynced = false, seconds = 0 } = rows[0] ?? {}
  if (doubts.rounds > ROUNDS_MAX) return 'given_up'
  if (!isSynced) return seconds > DOUBT_SECONDS_MAX ? 'late' : 'unsynced'
  return doubts.ids.length > 0 ? 'unread' : 'settled'
}

async function awaitSync(check: Check, cursor: CheckCursor, from: Position): Outcome {
  await beginLive(check.context, check.run.integrationId)
  return stage(check, from, cursor, { page: { records: [] }, isLast: true, waitSeconds: SYNC_SECONDS })
}

async function readDoubts(check: Check, cursor: CheckCursor, from: Position): Outcome {
  const { context, run, vendor } = check
  const { doubts } = cursor
  if (doubts === null) return 'done'
  const read = await whileHeld(context, run, readAgain(context, vendor, doubts.ids))
  if (read === 'fenced') return read
  const after = { ...cursor, doubts: { ...doubts, ids: [...read.left] }, unsyncedSince: null }
  return stage(check, from, after, { page: { records: read.records }, isLast: true })
}

/** The CRM's own totals of up to a week. */
async function totalsStep(check: Check, cursor: CheckCursor, from: Position, [first, last]: Range): Outcome {
  const { context, run, vendor } = check
  const { connector, session } = vendor
  const week = addDays(first, TOTAL_DAYS - 1)
  const days = { from: first, to: week < last ? week : last }
  const read = await whileHeld(
    context,
    run,
    readTotals(async () => connector.totals?.(session, days) ?? null),
  )
  if (read === 'fenced') return read
  if (read.totals) await storeTotals(context, run, read.totals)
  // An account that has none has none of other days.
  const after = { ...cursor, totals: addDays(read.totals ? days.to : last, 1) }
  return stage(check, from, after, { page: { records: [] }, isLast: true })
}

async function readTotals(read: () => Promise<readonly DayTotal[] | null>) {
  return { totals: await read() }
}

/** After the last day of a period: what is left of its reading goes, batch by batch, and nothing of the next one's. */
async function clearStep(check: Check, cursor: CheckCursor, from: Position): Outcome {
  const { context, run } = check
  const { rowCount } = await context.db.execute(sql`
    delete from check_records where run_id = ${run.id}::uuid and ctid = any (array(
      select c.ctid from crm_integrations i join check_records c on c.run_id = ${run.id}::uuid and c.outcome is null
      where ${holds(run)} limit ${CLEARED_MAX}::int))`)
  const isCleared = (rowCount ?? 0) < CLEARED_MAX
  return stage(check, from, isCleared ? nextPeriod(cursor) : cursor, { page: { records: [] }, isLast: true })
}
