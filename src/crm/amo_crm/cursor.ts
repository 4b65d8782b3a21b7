// The state of a pull, as JSON: watermarks, and a plan with the phases that are left and the position in the first of
// them. Times are Unix seconds, as the vendor has them.
import * as z from 'zod'
import type { Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { localDate } from '#lib/time.ts'
import { PAGE_ROWS } from '#crm/amo_crm/client.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

const second = z.int().min(0)
const PREFIXES = ['lead:', 'purchase:', 'invoice:'] as const
export type Prefix = (typeof PREFIXES)[number]

/**
 * `from` moves forward window by window; `to` is fixed. `leads` and `customers` are read by their change time, `closed`
 * by the time of closing; `binned` and `events` show deleted leads. `purchases` and `invoices` are lists without a
 * period: records that happened or changed since `from` and happened until `to` are taken. `stored` reads stored sales
 * of the period again by their ids.
 */
const Phase = z.lazy(() =>
  z.discriminatedUnion('feed', [
    z.strictObject({
      feed: z.enum(['leads', 'closed', 'binned', 'events', 'customers', 'purchases', 'invoices']),
      from: second,
      to: second,
    }),
    z.strictObject({ feed: z.literal('stored'), prefix: z.enum(PREFIXES), from: second, to: second }),
  ]),
)
export type Phase = z.infer<typeof Phase>

/**
 * A position in a window; each feed uses the members in its own way. Pages count from 1; page 0 means reading by time.
 * `rows` is how many one answer may have.
 */
const PagePosition = z.lazy(() =>
  z.strictObject({
    second,
    page: z.int().min(0),
    order: z.enum(['asc', 'desc']),
    anchorId: z.string().nullable(),
    /** What the first page began with: where it comes again, the list begins anew. */
    firstId: z.string().nullable().default(null),
    rows: z.int().min(1).default(PAGE_ROWS),
  }),
)
export type PagePosition = z.infer<typeof PagePosition>

/** What the account says of itself, kept for a day. */
const KeptAccount = z.lazy(() =>
  z.strictObject({
    timezone: z.string().nullable(),
    currency: z.string().nullable(),
    country: z.string().nullable(),
    hasCustomers: z.boolean(),
    readAt: z.iso.datetime(),
  }),
)
export type KeptAccount = z.infer<typeof KeptAccount>

/** What is known of the account: its own answer, completed by the settings and the business. */
export const AccountContext = z.lazy(() =>
  z.object({
    timezone: z.string(),
    currency: z.string(),
    country: z.string().nullable(),
    hasCustomers: z.boolean(),
  }),
)
export type AccountContext = z.infer<typeof AccountContext>

const Watermarks = z.strictObject({
  /** Everything that changed before this is stored. Null before the first sync has ended. */
  changedTo: second.nullable(),
  /** The account's day on which stored sales were last read again. */
  rescannedOn: z.iso.date().nullable(),
  /** When the list of invoices was last read. */
  invoicesAt: second.nullable(),
  /** It takes more than one answer, so it is not read with every sync. */
  hasManyInvoices: z.boolean().default(false),
})
type Watermarks = z.infer<typeof Watermarks>

export const Cursor = Watermarks.extend({
  version: z.literal(1),
  account: KeptAccount.nullable().default(null),
  /** See `cursor` in crm/connector.ts. */
  asOf: z.iso.datetime().nullable().default(null),
  plan: z
    .strictObject({
      account: AccountContext,
      phases: z.array(Phase),
      position: PagePosition.nullable(),
      /** External ids of sales that may be gone. Each is read alone. */
      toVerify: z.array(z.string()),
      plannedAt: second,
      done: z.int(),
      total: z.int(),
      /** The watermarks when all phases are done. */
      after: Watermarks,
    })
    .nullable(),
})
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>

export const NO_WATERMARKS: Watermarks = {
  changedTo: null,
  rescannedOn: null,
  invoicesAt: null,
  hasManyInvoices: false,
}

const DAY = 86_400
/** The length of one window of the feeds by time. */
const WINDOW_SECONDS: Readonly<Partial<Record<Phase['feed'], number>>> = { leads: 30 * DAY, closed: 30 * DAY }
/** Clocks differ and indexes lag, so each poll begins this long before the end of the last one. */
const OVERLAP_SECONDS = 1800
const RESCAN_DAYS = 35
const INVOICES_EVERY_SECONDS = 3600

interface PlanInput {
  readonly now: Date
  readonly account: AccountContext
  readonly settings: Settings
  /** A person asked: scans that are due from time to time are due now. */
  readonly isManual: boolean
  readonly nightAt: number
}

/**
 * The plan of a live sync: what changed since the last one, what was deleted, and from time to time all stored sales.
 */
export function planLive(cursor: Cursor | null, { now, account, settings, isManual, nightAt }: PlanInput): Plan {
  const watermarks = cursor ?? NO_WATERMARKS
  const to = Math.floor(now.getTime() / 1000)
  const isFirst = watermarks.changedTo === null
  const oldest = to - settings.initialDays * DAY
  const from = Math.max(isFirst ? oldest : (watermarks.changedTo ?? 0) - OVERLAP_SECONDS, 0)
  const today = localDate(now, account.timezone)
  const isRescan = !isFirst && isNightlyDue(watermarks.rescannedOn, { now, zone: account.timezone, isManual, nightAt })
  const wants = (source: Settings['sources'][number]) => settings.sources.includes(source)
  const storedPhases = (prefix: Prefix): Phase[] =>
    isRescan ? [{ feed: 'stored', prefix, from: to - RESCAN_DAYS * DAY, to }] : []
  const phases: Phase[] = []
  if (wants('leads')) {
    phases.push({ feed: 'leads', from, to })
    if (!isFirst) phases.push({ feed: 'binned', from, to }, { feed: 'events', from, to })
    phases.push(...storedPhases('lead:'))
  }
  if (wants('purchases')) {
    if (isFirst || isRescan) phases.push({ feed: 'purchases', from: oldest, to: to + DAY })
    else phases.push({ feed: 'customers', from, to })
    phases.push(...storedPhases('purchase:'))
  }
  let { invoicesAt } = watermarks
  const { hasManyInvoices } = watermarks
  if (wants('invoices')) {
    if (isManual || invoicesAt === null || !hasManyInvoices || to - invoicesAt >= INVOICES_EVERY_SECONDS) {
      phases.push({ feed: 'invoices', from: oldest, to: to + DAY })
      invoicesAt = to
    }
    phases.push(...storedPhases('invoice:'))
  }
  const rescannedOn = isFirst || isRescan ? today : watermarks.rescannedOn
  return start(account, phases, { plannedAt: to, after: { changedTo: to, rescannedOn, invoicesAt, hasManyInvoices } })
}

/**
 * The plan of a backfill, by the time a deal was closed, a purchase made, an invoice paid. The watermarks stay as they
 * are.
 */
export function planWindow(window: Window, { now, account, settings }: PlanInput): Plan {
  const at = (instant: string) => Math.max(Math.floor(Date.parse(instant) / 1000), 0)
  const period = { from: at(window.from), to: at(window.to) }
  const phases: Phase[] = []
  if (settings.sources.includes('leads')) {
    phases.push({ feed: 'closed', ...period })
    // A deal that is paid and still open has no time of closing.
    if (settings.paidStatusIds) phases.push({ feed: 'leads', ...period })
  }
  if (settings.sources.includes('purchases')) phases.push({ feed: 'purchases', ...period })
  if (settings.sources.includes('invoices')) phases.push({ feed: 'invoices', ...period })
  // No list shows what is gone, or was reopened since.
  const prefixes = PREFIXES.filter((prefix) => settings.sources.some((source) => source === `${prefix.slice(0, -1)}s`))
  phases.push(...prefixes.map((prefix): Phase => ({ feed: 'stored', prefix, ...period })))
  return start(account, phases, { plannedAt: Math.floor(now.getTime() / 1000), after: NO_WATERMARKS })
}

function start(account: AccountContext, phases: Phase[], rest: Pick<Plan, 'plannedAt' | 'after'>): Plan {
  const total = phases.reduce((sum, phase) => sum + windowsOf(phase), 0)
  return { account, phases, position: null, toVerify: [], done: 0, total, ...rest }
}

function windowsOf({ feed, from, to }: Phase): number {
  const length = WINDOW_SECONDS[feed]
  return length === undefined ? 1 : Math.max(Math.ceil((to - from) / length), 1)
}

/** The end of the window at the beginning of the phase. */
export function windowEnd({ feed, from, to }: Phase): number {
  return Math.min(from + (WINDOW_SECONDS[feed] ?? Infinity), to)
}

/** The plan after the current window. */
export function advance(plan: Plan): Plan {
  const [phase, ...rest] = plan.phases
  const done = plan.done + 1
  if (!phase) return plan
  const next = windowEnd(phase)
  const phases = next < phase.to ? [{ ...phase, from: next }, ...rest] : rest
  return { ...plan, phases, position: null, done }
}

/** At least one call a window, and one for every further page of deals; contacts need fewer calls. */
export function estimateCalls({ from, to }: Window, salesPerDay: number): number {
  const days = (Date.parse(to) - Date.parse(from)) / (DAY * 1000)
  return 1 + Math.max(Math.ceil(days / 30), 1) + 2 * Math.floor((days * salesPerDay) / PAGE_ROWS)
}
