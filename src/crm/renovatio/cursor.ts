// Where a pull stands: durable watermarks, and the phases still to do with the place inside the first of them. JSON, and
// nothing in it that is personal.
import * as z from 'zod'
import type { Session, Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { addDays, localDate, zonedToUtc } from '#lib/time.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

const day = z.iso.date()
const instant = z.iso.datetime()

/** Whether invoices or, where the key may not read them, visits are the sales. */
const Mode = z.enum(['invoices', 'visits'])
export type Mode = z.infer<typeof Mode>

/** `scan` goes through all sales by day, `changed` through visits by the time of their last change. */
const Phase = z.discriminatedUnion('feed', [
  z.strictObject({ feed: z.literal('scan'), from: day, to: day }),
  z.strictObject({ feed: z.literal('changed'), from: instant, to: instant }),
])
export type Phase = z.infer<typeof Phase>

/**
 * What has to be read alone: `wanted` was named by somebody, `unseen` is stored and was not shown, `replaced` is stored
 * and has a likeness that is new, `by`.
 */
const ToVerify = z.strictObject({
  externalId: z.string(),
  why: z.enum(['named', 'unseen', 'replaced']),
  by: z.string().optional(),
})
export type ToVerify = z.infer<typeof ToVerify>

export const Cursor = z.strictObject({
  version: z.literal(1),
  mode: Mode.nullable(),
  /** Everything that changed before this is stored. Null before the first sync has ended. */
  changedTo: instant.nullable(),
  /** The clinic's day of the last wide scan. */
  rescannedOn: day.nullable(),
  plan: z
    .strictObject({
      mode: Mode,
      clinics: z.record(z.string(), z.string()),
      phases: z.array(Phase),
      windowDays: z.int().min(1),
      /** The window at hand has failed once in a way that long ones do. */
      hasFailedOnce: z.boolean(),
      /** Of the settings' list, the clinic whose turn it is in the window at hand. */
      clinic: z.int().min(0),
      /** External ids that the window has shown so far. */
      shown: z.array(z.string()),
      /** Something in the window does not tell what it is: it could be anything that seems to be missing. */
      isBlind: z.boolean(),
      toVerify: z.array(ToVerify),
      /** Told in one page at the end, so that the engine sees how many there are. */
      missing: z.array(z.string()),
      gone: z.array(z.string()),
      /** The scan of this plan has shown everything since. */
      scannedFrom: instant.nullable(),
      /** Phones that were not found out before are asked for again. */
      refill: z.boolean(),
      done: z.int(),
      total: z.int(),
      // What the watermarks become when all phases are through.
      changedTo: instant.nullable(),
      rescannedOn: day.nullable(),
    })
    .nullable(),
})
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>

const WINDOW_START = { hasFailedOnce: false, clinic: 0, shown: [], isBlind: false }

/** With the overlaps below at most 7 days a call: long periods end in errors. */
const WINDOW_DAYS = 6
export const DAY_MS = 86_400_000
/** Inner borders overlap, since it is not known whether they are part of both, one or no window. */
export const BORDER_OVERLAP_MS = 2 * 3_600_000
/** The server's clock and zone are guesses, and what is written late has an early time: polls overlap by a day. */
const POLL_OVERLAP_MS = 24 * 3_600_000
/** And they ask beyond now by nearly as much, for a server whose clock is ahead. */
export const AHEAD_MS = 22 * 3_600_000

const RECENT_DAYS = 3
const RESCAN_DAYS = 35

interface PlanInput {
  readonly session: Pick<Session<Settings>, 'settings' | 'clock' | 'isManual'>
  readonly zone: string
  readonly clinics: Plan['clinics']
  readonly mode: Mode
}

/** The plan of a live sync: recent sales, once a day or when asked for a wide look back, then what changed. */
export function planLive(cursor: Cursor | null, input: PlanInput): Plan {
  const { session, zone, mode } = input
  const now = session.clock.now()
  const { initialDays } = session.settings
  const today = localDate(now, zone)
  // Where rights were given, what was never counted begins anew.
  const changedTo = cursor?.mode === mode ? cursor.changedTo : null
  const night = { now, zone, isManual: session.isManual }
  const isWide = changedTo === null || isNightlyDue(cursor?.rescannedOn ?? null, night)
  const days = Math.min(changedTo === null ? initialDays : isWide ? RESCAN_DAYS : RECENT_DAYS, initialDays)
  const since = changedTo === null ? now.getTime() - initialDays * DAY_MS : Date.parse(changedTo) - POLL_OVERLAP_MS
  const from = addDays(today, -days)
  const phases: Phase[] = [
    { feed: 'scan', from, to: addDays(today, 1) },
    { feed: 'changed', from: new Date(since).toISOString(), to: now.toISOString() },
  ]
  const scannedFrom = zonedToUtc(`${from} 00:00:00`, zone)
  const rescannedOn = isWide ? today : (cursor?.rescannedOn ?? null)
  return start(input, phases, { scannedFrom, refill: false, changedTo: now.toISOString(), rescannedOn })
}

/** The plan of a backfill: by the day of the sale. The live watermarks stay as they are. */
export function planWindow({ from, to }: Window, input: PlanInput): Plan {
  const days = { from: localDate(new Date(from), input.zone), to: localDate(new Date(to), input.zone) }
  return start(input, [{ feed: 'scan', ...days }], BACKFILL_OPTIONS)
}

/** A plan of nothing but single reads. */
export function planReads(input: Pick<PlanInput, 'mode' | 'clinics'>, externalIds: readonly string[]): Plan {
  return {
    ...start(input, [], BACKFILL_OPTIONS),
    toVerify: externalIds.map((externalId) => ({ externalId, why: 'unseen' })),
  }
}

type PlanOptions = Pick<Plan, 'scannedFrom' | 'refill' | 'changedTo' | 'rescannedOn'>

const BACKFILL_OPTIONS: PlanOptions = { scannedFrom: null, refill: true, changedTo: null, rescannedOn: null }

function start({ mode, clinics }: Pick<PlanInput, 'mode' | 'clinics'>, phases: Phase[], rest: PlanOptions): Plan {
  return {
    ...{ mode, clinics, phases, windowDays: WINDOW_DAYS, ...WINDOW_START },
    ...{
      toVerify: [],
      missing: [],
      gone: [],
      done: 0,
      total: phases.reduce((sum, phase) => sum + windowsOf(phase), 0),
    },
    ...rest,
  }
}

function windowsOf({ feed, from, to }: Phase): number {
  const days = Math.max(Date.parse(to) - Date.parse(from), 0) / DAY_MS
  return Math.max(Math.ceil((feed === 'scan' ? days + 1 : days) / WINDOW_DAYS), 1)
}

/** One call a window at least. */
export function estimateCalls({ from, to }: Window): number {
  return 2 + windowsOf({ feed: 'scan', from, to })
}

export function isOver({ phases, toVerify, missing, gone }: Plan): boolean {
  return phases.length + toVerify.length + missing.length + gone.length === 0
}

/** The state after a window of the first phase is through; `next` is where the following window begins. */
export function advance(plan: Plan, next: string): Plan {
  const [phase, ...rest] = plan.phases
  const passed = { ...plan, ...WINDOW_START, done: plan.done + 1 }
  const isLast = !phase || (phase.feed === 'scan' ? next > phase.to : next >= phase.to)
  if (isLast) return { ...passed, phases: rest, windowDays: WINDOW_DAYS }
  return { ...passed, phases: [{ ...phase, from: next }, ...rest] }
}

/** The same window begins anew with half its length. */
export function halve(plan: Plan): Plan {
  const windowDays = Math.max(Math.floor(plan.windowDays / 2), 1)
  return { ...plan, windowDays, ...WINDOW_START, total: plan.total + 1 }
}
