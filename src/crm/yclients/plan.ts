// What a sync or a backfill of one branch will read, in which order. Pure.
import type { Session, Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { addDays, localDate } from '#lib/time.ts'
import { PAGE_ROWS } from '#crm/yclients/client.ts'
import type { AccountContext, BranchCursor, Phase, Plan } from '#crm/yclients/cursor.ts'
import type { Settings } from '#crm/yclients/settings.ts'

/**
 * The length of one window of the changed feed. Change times can be an hour off, so windows overlap at their borders.
 */
export const CHANGED_WINDOW_MS = 7 * 86_400_000
export const BORDER_OVERLAP_MS = 2 * 3_600_000
/** The zone of `changed_after` is not documented; a day covers every offset. */
const POLL_OVERLAP_MS = 24 * 3_600_000
/** Deep pages fail after about a dozen, so lists by date are read in short windows. */
const SCAN_DAYS = { visits: 7, sales: 31 } as const

const RECENT_SALES_DAYS = 3
const RESCAN_VISITS_DAYS = 30
const RESCAN_SALES_DAYS = 45

type Planner = Pick<Session<Settings>, 'settings' | 'clock' | 'isManual' | 'nightAt' | 'mapsAnew'>

/**
 * The plan of a live sync: what changed since the last one, recent sales, and a wide scan once a day or when a person
 * asks.
 */
export function planLive(
  cursor: BranchCursor | null,
  { settings, clock, isManual, nightAt, mapsAnew }: Planner,
  account: AccountContext,
): Plan {
  const now = clock.now()
  const { initialDays } = settings
  const { timezone } = account
  const today = localDate(now, timezone)
  const tomorrow = addDays(today, 1)
  const isFirst = cursor === null || cursor.changedTo === null
  const since = isFirst
    ? now.getTime() - initialDays * 86_400_000
    : Date.parse(cursor.changedTo ?? '') - POLL_OVERLAP_MS
  const isRescanDue = isNightlyDue(cursor?.rescannedOn ?? null, { now, zone: timezone, isManual, nightAt })
  const visitDays = isFirst ? initialDays : isRescanDue ? RESCAN_VISITS_DAYS : 0
  const saleDays = isFirst ? initialDays : isRescanDue ? RESCAN_SALES_DAYS : RECENT_SALES_DAYS
  const phases: Phase[] = [{ feed: 'changed', from: new Date(since).toISOString(), to: now.toISOString() }]
  if (visitDays > 0) phases.push({ feed: 'visits', from: addDays(today, -visitDays), to: today })
  phases.push({ feed: 'sales', from: addDays(today, -saleDays), to: tomorrow })
  const isWide = isFirst || isRescanDue
  const misses = cursor?.missesDocuments ?? false
  return start(account, phases, {
    ...{ isWide, readsAll: mapsAnew || (isWide && misses), changedTo: now.toISOString() },
    rescannedOn: isWide ? today : cursor.rescannedOn,
    missesDocuments: !isWide && misses,
  })
}

/** The plan of a backfill, by the day of the visit and of the sale. The live watermarks stay as they are. */
export function planWindow({ from, to }: Window, account: AccountContext): Plan {
  const { timezone } = account
  const days = { from: localDate(new Date(from), timezone), to: localDate(new Date(to), timezone) }
  return start(
    account,
    [
      { feed: 'visits', ...days },
      { feed: 'sales', ...days },
    ],
    { isWide: true, readsAll: true, changedTo: null, rescannedOn: null, missesDocuments: false },
  )
}

type Purpose = Pick<Plan, 'isWide' | 'readsAll' | 'changedTo' | 'rescannedOn' | 'missesDocuments'>

function start(account: AccountContext, phases: Phase[], purpose: Purpose): Plan {
  const total = phases.reduce((sum, phase) => sum + windowsOf(phase), 0)
  return {
    account,
    phases,
    position: null,
    shown: [],
    toVerify: [],
    gone: [],
    completed: [],
    windowDays: windowDaysOf(phases[0]),
    done: 0,
    total,
    ...purpose,
  }
}

function windowsOf(phase: Phase): number {
  const ms = Math.max(Date.parse(phase.to) - Date.parse(phase.from), 0)
  if (phase.feed === 'changed') return Math.max(Math.ceil(ms / CHANGED_WINDOW_MS), 1)
  return Math.ceil((ms / 86_400_000 + 1) / SCAN_DAYS[phase.feed])
}

function windowDaysOf(phase: Phase | undefined): number {
  return phase && phase.feed !== 'changed' ? SCAN_DAYS[phase.feed] : 7
}

/** Of ten sales about one needs its document: it was made at the desk, or paid from a deposit. Chosen, not measured. */
const DOCUMENTS_SHARE = 0.1

/** One call a window, one for every further page, and one for each document. A sale is in one of the two lists. */
export function estimateCalls({ from, to }: Window, salesPerDay: number): number {
  const phases: Phase[] = (['visits', 'sales'] as const).map((feed) => ({ feed, from, to }))
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  const [sales, windows] = [days * salesPerDay, phases.reduce((sum, phase) => sum + windowsOf(phase), 0)]
  return 1 + windows + Math.floor(sales / PAGE_ROWS) + Math.floor(sales * DOCUMENTS_SHARE)
}

/** The plan after a window of the first phase; `next` is where the following window begins. */
export function advance(plan: Plan, next: string): Plan {
  const [phase, ...rest] = plan.phases
  const done = plan.done + 1
  const pageStart = { position: null, completed: [] }
  if (phase && next <= phase.to && next !== phase.from && !(phase.feed === 'changed' && next === phase.to)) {
    return { ...plan, phases: [{ ...phase, from: next }, ...rest], ...pageStart, shown: [], done }
  }
  return { ...plan, phases: rest, ...pageStart, shown: [], windowDays: windowDaysOf(rest[0]), done }
}

export function isOver({ phases, toVerify }: Plan): boolean {
  return phases.length + toVerify.length === 0
}
