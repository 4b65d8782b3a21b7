// The state of a pull, as JSON: watermarks, and a plan with the tasks that are left and the position in the first of
// them.
import * as z from 'zod'
import type { Session, Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { addDays, localDate } from '#lib/time.ts'
import { AccountContext } from '#crm/1c/account-context.ts'
import { fold, Fingerprints } from '#crm/1c/fingerprints.ts'
import type { Settings } from '#crm/1c/settings.ts'
import { secondsBetween } from '#crm/1c/local-time.ts'
import { PagePosition, Range } from '#crm/1c/walk.ts'

const localTime = Range.shape.from
const bySet = <T extends z.ZodType>(value: T) => z.record(z.string(), value)

/**
 * `compare` checks a few fields against the fingerprints and adds the `read` tasks that are needed. A `read` begins
 * with its newest part.
 */
const Task = z.lazy(() => z.strictObject({ feed: z.enum(['compare', 'read']), entitySet: z.string(), range: Range }))
export type Task = z.infer<typeof Task>

/**
 * Archived receipts that were removed from the base and stay as they are, so that each is read alone only once: by
 * their day, the first eight digits of the hashes of their ids.
 */
const Archived = z.record(z.string(), z.string())
export type Archived = z.infer<typeof Archived>

const Plan = z.lazy(() =>
  z.strictObject({
    account: AccountContext,
    /** This plan has probed the base. */
    isProbed: z.boolean(),
    tasks: z.array(Task),
    position: PagePosition.nullable(),
    /** Of the part that is being read. */
    partFingerprints: Fingerprints,
    /** By document. Null in a backfill, which leaves the live watermarks alone. */
    fingerprints: bySet(Fingerprints).nullable(),
    heads: bySet(z.int()),
    /** Stored external ids that a list did not show. Each is read alone before anything is decided. */
    toVerify: z.array(z.string()),
    /** Those that are gone: they go out in one page, so that the engine can count them before it cancels any. */
    gone: z.array(z.string()),
    archived: Archived,
    keepFrom: localTime,
    fineFrom: localTime,
    horizon: localTime,
    done: z.int(),
    total: z.int(),
    // The watermarks when all tasks are done.
    to: z.iso.datetime().nullable(),
    since: localTime.nullable(),
    rescannedOn: z.iso.date().nullable(),
  }),
)
export type Plan = z.infer<typeof Plan>

export const Cursor = z.lazy(() =>
  z.strictObject({
    version: z.literal(1),
    /** Everything that was entered before this is stored. Null before the first sync has ended. */
    to: z.iso.datetime().nullable(),
    /** Where the first sync began: later ones read no older documents. */
    since: localTime.nullable(),
    rescannedOn: z.iso.date().nullable(),
    account: AccountContext.nullable(),
    fingerprints: bySet(Fingerprints),
    /** For bases without a filter by date: the row number to go on from. */
    heads: bySet(z.int()),
    archived: Archived.default({}),
    plan: Plan.nullable(),
  }),
)
export type Cursor = z.infer<typeof Cursor>

export const EMPTY: Cursor = {
  ...{ version: 1, to: null, since: null, rescannedOn: null, account: null, fingerprints: {}, heads: {} },
  ...{ archived: {}, plan: null },
}

/** What a plan is made from. */
type Planner = Pick<Session<Settings>, 'settings' | 'clock' | 'isManual' | 'nightAt'>

/** A long period is read in parts of this length, so that one part stays a few pages. */
const PART_DAYS = 30

const startOfDay = (day: string) => `${day}T00:00:00`

/** The base is probed again with every wide scan, at least once a day. */
export function isAccountKnown(watermarks: Cursor, session: Planner): boolean {
  return (
    watermarks.account?.on === localDate(session.clock.now(), session.settings.timezone) &&
    !isRescanDue(watermarks, session)
  )
}

function isRescanDue({ rescannedOn }: Cursor, { clock, settings, isManual, nightAt }: Planner): boolean {
  return isNightlyDue(rescannedOn, { now: clock.now(), zone: settings.timezone, isManual, nightAt })
}

/**
 * A live sync: the first time all of the last days, then what has changed in the overlap, and once a day a wider range.
 */
export function planLive(session: Planner, watermarks: Cursor, account: AccountContext): Plan {
  const { settings, clock } = session
  const now = clock.now()
  const today = localDate(now, settings.timezone)
  const daysAgo = (days: number, from = today) => startOfDay(addDays(from, -days))
  const since = watermarks.since ?? daysAgo(settings.initialDays)
  const wide = daysAgo(settings.rescanDays)
  const keepFrom = daysAgo(Math.max(settings.rescanDays, settings.overlapDays + 1))
  const fineFrom = daysAgo(settings.overlapDays)
  const isRescan = isRescanDue(watermarks, session)
  const polled =
    watermarks.to === null
      ? since
      : daysAgo(settings.overlapDays, localDate(new Date(watermarks.to), settings.timezone))
  const wished = isRescan && wide < polled ? wide : polled
  const from = wished < since ? since : wished
  // Documents that were read before the base showed a field or a catalog lack its values, so they are read again.
  const known = new Set(namesOf(watermarks.account))
  const isRicher = namesOf(account).some((name) => !known.has(name))
  const fingerprints = Object.entries(isRicher ? {} : watermarks.fingerprints).map(
    ([set, known]): [string, Fingerprints] => [set, fold(known, keepFrom, fineFrom)],
  )
  return start(settings, {
    ...{ account, isProbed: account !== watermarks.account, keepFrom, fineFrom },
    ...{
      fingerprints: Object.fromEntries(fingerprints),
      heads: watermarks.heads,
      horizon: daysAgo(-2),
      since,
      to: now.toISOString(),
    },
    archived: Object.fromEntries(Object.entries(watermarks.archived).filter(([day]) => day >= keepFrom.slice(0, 10))),
    rescannedOn: isRescan || watermarks.to === null ? today : watermarks.rescannedOn,
    feed: watermarks.to !== null && settings.serverFilter ? 'compare' : 'read',
    range: { from, to: null },
  })
}

function namesOf(account: AccountContext | null): string[] {
  const { documents = [], catalogs = [], refused = [] } = account ?? {}
  const fields = documents.flatMap(
    ({ entitySet, select }) => select?.whole.split(',').map((name) => entitySet + name) ?? [],
  )
  return [...catalogs.filter((name) => !refused.includes(name)), ...fields]
}

/** A backfill: whole days in the base's local time. The live watermarks stay as they are. */
export function planWindow({ settings, clock }: Planner, window: Window, account: AccountContext): Plan {
  const day = (instant: string) => localDate(new Date(instant), settings.timezone)
  const range = { from: startOfDay(day(window.from)), to: startOfDay(addDays(day(window.to), 1)) }
  const horizon = startOfDay(addDays(localDate(clock.now(), settings.timezone), 2))
  return start(settings, {
    ...{
      account,
      isProbed: true,
      keepFrom: horizon,
      fineFrom: horizon,
      fingerprints: null,
      heads: {},
      archived: {},
      horizon,
    },
    ...{ to: null, since: null, rescannedOn: null, feed: 'read', range },
  })
}

type PlanStart = Omit<Plan, 'tasks' | 'position' | 'partFingerprints' | 'toVerify' | 'gone' | 'done' | 'total'> &
  Pick<Task, 'feed' | 'range'>

function start(settings: Settings, { feed, range, ...plan }: PlanStart): Plan {
  const tasks = plan.account.documents.map(({ entitySet }) => ({ feed, entitySet, range }))
  const total = tasks.reduce((sum, task) => sum + partsOf(task, plan.horizon, settings), 0)
  return { ...plan, tasks, position: null, partFingerprints: {}, toVerify: [], gone: [], done: 0, total }
}

/** The newest part of a task. */
export function partOf({ feed, range }: Task, horizon: string, { serverFilter }: Settings): Range {
  if (feed === 'compare' || !serverFilter) return range
  const from = startOfDay(addDays(lastOf(range, horizon).slice(0, 10), -PART_DAYS))
  return from > range.from ? { from, to: range.to } : range
}

/** One document may be dated decades ahead: what lies beyond the horizon is read with the newest part. */
function lastOf({ to }: Range, horizon: string): string {
  return to !== null && to < horizon ? to : horizon
}

function partsOf({ feed, range }: Task, horizon: string, { serverFilter }: Settings): number {
  const days = secondsBetween(range.from, lastOf(range, horizon)) / 86_400
  return feed === 'compare' || !serverFilter ? 1 : Math.max(Math.ceil(days / PART_DAYS), 1)
}

/** The parts of each document, and two calls for every further hundred sales: the list, and the names it refers to. */
export function estimateCalls({ from, to }: Window, salesPerDay: number): number {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  return 2 + Math.ceil((days + 1) / PART_DAYS) + 2 * Math.floor((days * salesPerDay) / 100)
}
