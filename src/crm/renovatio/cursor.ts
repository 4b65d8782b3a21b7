// The state of a pull, as JSON without personal data: watermarks, and a plan with the phases that are left and the
// position in the first of them.
import * as z from 'zod'
import type { Session, Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { addDays, localDate, zonedToUtc } from '#lib/time.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

const day = z.iso.date()
const instant = z.iso.datetime()

/** What counts as a sale: invoices, or visits where the key may not read invoices. */
const Mode = z.enum(['invoices', 'visits'])
export type Mode = z.infer<typeof Mode>

/** `scan` reads all sales by day, `changed` reads visits by their change time. */
const Phase = z.lazy(() =>
  z.discriminatedUnion('feed', [
    z.strictObject({ feed: z.literal('scan'), from: day, to: day }),
    z.strictObject({ feed: z.literal('changed'), from: instant, to: instant }),
  ]),
)
export type Phase = z.infer<typeof Phase>

/**
 * A sale to read alone, and why. `named`: a visit or a hook named it. `unseen`: it is stored and was not shown.
 * `replaced`: it is stored, and the new invoice `by` has the same patient, sum and time.
 */
const ToVerify = z.lazy(() =>
  z.strictObject({
    externalId: z.string(),
    why: z.enum(['named', 'unseen', 'replaced']),
    by: z.string().optional(),
  }),
)
export type ToVerify = z.infer<typeof ToVerify>

/** The names of the clinics, kept for a day. */
const KeptClinics = z.lazy(() => z.strictObject({ readAt: instant, titles: z.record(z.string(), z.string()) }))
export type KeptClinics = z.infer<typeof KeptClinics>

export const Cursor = z.lazy(() =>
  z.strictObject({
    version: z.literal(1),
    mode: Mode.nullable(),
    clinics: KeptClinics.nullable().default(null),
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
        /** The current window has failed once in a way that long windows do. */
        hasFailedOnce: z.boolean(),
        /** The index, in the settings' list, of the clinic to read next in this window. */
        clinic: z.int().min(0),
        /** External ids that the window has shown so far. */
        shown: z.array(z.string()),
        /** The window has records without an id: each could be one that seems to be missing. */
        isBlind: z.boolean(),
        toVerify: z.array(ToVerify),
        /** These go out in one page at the end, so that the engine can count them before it cancels any. */
        missing: z.array(z.string()),
        gone: z.array(z.string()),
        /** The scan of this plan has read everything since then. */
        scannedFrom: instant.nullable(),
        /** Phones that are stored as unknown are looked for again. */
        refill: z.boolean(),
        done: z.int(),
        total: z.int(),
        // The watermarks when all phases are done.
        changedTo: instant.nullable(),
        rescannedOn: day.nullable(),
      })
      .nullable(),
  }),
)
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>

const WINDOW_START = { hasFailedOnce: false, clinic: 0, shown: [], isBlind: false }

/** With the overlaps below at most 7 days a call: longer periods end in errors. */
const WINDOW_DAYS = 6
export const DAY_MS = 86_400_000
/** Windows overlap at their borders: it is not documented whether a border belongs to both, one or none. */
export const BORDER_OVERLAP_MS = 2 * 3_600_000
/** The server's clock and zone are assumptions, and late records have early times, so polls overlap by a day. */
const POLL_OVERLAP_MS = 24 * 3_600_000
/** Polls also reach this far into the future, for a server whose clock is ahead. */
export const AHEAD_MS = 22 * 3_600_000

const RECENT_DAYS = 3
const RESCAN_DAYS = 35

interface PlanInput {
  readonly session: Pick<Session<Settings>, 'settings' | 'clock' | 'isManual' | 'nightAt'>
  readonly zone: string
  readonly clinics: Plan['clinics']
  readonly mode: Mode
}

/** The plan of a live sync: recent sales, a wide scan once a day or when a person asks, then what changed. */
export function planLive(cursor: Cursor | null, input: PlanInput): Plan {
  const { session, zone, mode } = input
  const now = session.clock.now()
  const { initialDays } = session.settings
  const today = localDate(now, zone)
  // When the key has got the right to read invoices, the first sync begins again with them.
  const changedTo = cursor?.mode === mode ? cursor.changedTo : null
  const night = { now, zone, isManual: session.isManual, nightAt: session.nightAt }
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
  return start(input, phases, { scannedFrom, refill: session.isManual, changedTo: now.toISOString(), rescannedOn })
}

/** The plan of a backfill, by the day of the sale. The live watermarks stay as they are. */
export function planWindow({ from, to }: Window, input: PlanInput): Plan {
  const days = { from: localDate(new Date(from), input.zone), to: localDate(new Date(to), input.zone) }
  return start(input, [{ feed: 'scan', ...days }], BACKFILL_OPTIONS)
}

/** A plan that consists of single reads. */
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

/** At least one call a window. */
export function estimateCalls({ from, to }: Window): number {
  return 2 + windowsOf({ feed: 'scan', from, to })
}

export function isOver({ phases, toVerify, missing, gone }: Plan): boolean {
  return phases.length + toVerify.length + missing.length + gone.length === 0
}

/** The plan after a window of the first phase; `next` is where the following window begins. */
export function advance(plan: Plan, next: string): Plan {
  const [phase, ...rest] = plan.phases
  const passed = { ...plan, ...WINDOW_START, done: plan.done + 1 }
  const isLast = !phase || (phase.feed === 'scan' ? next > phase.to : next >= phase.to)
  if (isLast) return { ...passed, phases: rest, windowDays: WINDOW_DAYS }
  return { ...passed, phases: [{ ...phase, from: next }, ...rest] }
}

/** The plan with the same window at half its length. */
export function halve(plan: Plan): Plan {
  const windowDays = Math.max(Math.floor(plan.windowDays / 2), 1)
  return { ...plan, windowDays, ...WINDOW_START, total: plan.total + 1 }
}
