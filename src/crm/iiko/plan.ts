// What a sync or a backfill will read, in which order. Pure.
import type { Window } from '#crm/contract.ts'
import { isNightlyDue } from '#crm/kit/nightly.ts'
import { addDays, localDate } from '#lib/time.ts'
import { NO_HALL, sourcesOf } from '#crm/iiko/hall.ts'
import type { Cursor, Outlets, Phase, PhaseOf, Restaurant, Plan } from '#crm/iiko/cursor.ts'
import { accountingDays } from '#crm/iiko/spans.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const DAY_MS = 86_400_000
/** iiko keeps deliveries for lists by planned date and reads by id this long. */
export const PLANNED_DAYS = 7
/** iiko keeps table orders this long. */
export const TABLES_DAYS = 90
/** Orders closed today may be planned for tomorrow. */
const AHEAD_DAYS = 2
/** iiko keeps changes for three hours; after this age the gap is read by date. */
const REVISION_AGE_MS = 2.5 * 3_600_000
/** A refused revision is not tried again within this time. */
const REFUSED_MS = 3_600_000
const TABLES_RECENT_DAYS = 2
const RESCAN_DAYS = 35
const OVERLAP_DAYS = 3
/** The length of one report; iiko advises a week at most. */
const REPORT_DAYS = 7

/** What a plan is made from. */
export interface PlanInput {
  readonly now: Date
  readonly startedAt: Date
  readonly settings: Settings
  readonly restaurants: readonly [Restaurant, ...Restaurant[]]
  readonly outlets: Outlets
  readonly isManual: boolean
  readonly nightAt: number
  /** The key opens other restaurants too. */
  readonly isPart: boolean
}

const daysBefore = (date: Date, days: number) => new Date(date.getTime() - days * DAY_MS)

function later(a: string, b: Date): string {
  return Date.parse(a) > b.getTime() ? a : b.toISOString()
}

/** The cursor with a fresh plan. `kept`: lists by date of an earlier run that are still valid. */
export function planLive(before: Cursor | null, input: PlanInput, kept: PhaseOf<'planned'> | null): Cursor {
  const { now, settings, restaurants, outlets } = input
  const today = localDate(now, restaurants[0].timezone)
  const night = { now, zone: restaurants[0].timezone, isManual: input.isManual, nightAt: input.nightAt }
  const isDue = (on: string | null) => isNightlyDue(on, night)
  const since = before?.since ?? daysBefore(now, settings.initialDays).toISOString()
  const cursor = before ?? { ...BLANK, since, recheckedOn: today, rescannedOn: today }
  const isRecheckDue = before !== null && isDue(cursor.recheckedOn)
  const phases: Phase[] = isRefused(cursor, now)
    ? [plannedNow({ since, restaurants }, now)]
    : [...(kept ? [kept] : []), { feed: 'changed' }]
  phases.push(...tables(input, later(since, tablesFrom(cursor.tablesTo, now, isRecheckDue)), now))
  if (isRecheckDue) {
    phases.push({ feed: 'recheck', ...period(later(since, daysBefore(now, PLANNED_DAYS)), now), after: '' })
  }
  const sources = sourcesOf(input, cursor.hall)
  if (sources.length === 0) return { ...cursor, outlets, plan: start(input, phases) }
  const isRescanDue = isDue(cursor.rescannedOn)
  const wideFrom = addDays(today, -(isRescanDue ? RESCAN_DAYS : (settings.server?.overlapDays ?? OVERLAP_DAYS)))
  const first = localDate(new Date(since), restaurants[0].timezone)
  const from = [cursor.hall.next ?? first, wideFrom < first ? first : wideFrom].toSorted()[0] ?? first
  // In the zone of another restaurant it may already be tomorrow.
  phases.push({ feed: 'hall', sources, from, to: addDays(today, 1), days: REPORT_DAYS })
  const rescannedOn = isRescanDue ? today : cursor.rescannedOn
  const hall = { ...cursor.hall, next: from, ...(isRescanDue && { outletNames: {} }) }
  return { ...cursor, outlets, rescannedOn, hall, plan: start(input, phases) }
}

function isRefused({ refusedAt }: Cursor, now: Date): boolean {
  return refusedAt !== null && now.getTime() - Date.parse(refusedAt) < REFUSED_MS
}

/** Table orders stay open for hours, days at most. */
function tablesFrom(readTo: string | null, now: Date, isWide: boolean): Date {
  if (readTo === null) return daysBefore(now, TABLES_DAYS)
  const recent = daysBefore(new Date(readTo), TABLES_RECENT_DAYS)
  return isWide ? new Date(Math.min(recent.getTime(), daysBefore(now, PLANNED_DAYS).getTime())) : recent
}

/** The cursor of a backfill: what iiko still lists by date, stored orders by id, and the till's receipts. */
export function planWindow(window: Window, input: PlanInput): Cursor {
  const to = new Date(window.to)
  // Orders around midnight may be planned for the day before.
  const from = daysBefore(new Date(window.from), 1).toISOString()
  const listed = planned(
    input,
    later(from, daysBefore(input.now, PLANNED_DAYS)),
    new Date(to.getTime() + AHEAD_DAYS * DAY_MS),
  )
  const kept = later(window.from, daysBefore(input.now, TABLES_DAYS))
  const phases: Phase[] = [
    ...(listed.from < listed.to ? [listed] : []),
    ...tables(input, kept, to),
    { feed: 'recheck', from: kept, to: window.to, after: '' },
  ]
  const days = accountingDays({ from: new Date(window.from), to }, input.restaurants[0].timezone)
  phases.push({ feed: 'hall', sources: sourcesOf(input, NO_HALL), ...days, days: REPORT_DAYS })
  return { ...BLANK, since: window.from, outlets: input.outlets, plan: start(input, phases) }
}

const BLANK = {
  ...({
    version: 2,
    since: '',
    cloud: null,
    refusedAt: null,
    outlets: null,
    recheckedOn: null,
    rescannedOn: null,
  } as const),
  ...{ tablesTo: null, hall: NO_HALL, plan: null },
}

function start({ now, startedAt, restaurants, isPart }: PlanInput, phases: Phase[]): Plan {
  const times = { startedAt: startedAt.toISOString(), plannedAt: now.toISOString() }
  return { ...times, restaurants: [...restaurants], isPart, phases, done: 0 }
}

function period(from: string, to: Date): Window {
  return { from, to: to.toISOString() }
}

function tables({ restaurants, outlets }: PlanInput, from: string, to: Date): Phase[] {
  const organizationIds = restaurants.map(({ id }) => id).filter((id) => (outlets.of[id]?.tableIds.length ?? 0) > 0)
  if (organizationIds.length === 0 || Date.parse(from) >= to.getTime()) return []
  return [{ feed: 'tables', organizationIds, spans: null, ...period(from, to) }]
}

/** All deliveries that iiko still lists by date. */
function planned(
  { now, restaurants }: Pick<PlanInput, 'now' | 'restaurants'>,
  from: string,
  to: Date,
): PhaseOf<'planned'> {
  const organizationIds = restaurants.map(({ id }) => id)
  return {
    feed: 'planned',
    organizationIds,
    spans: null,
    ...period(from, to),
    startedAt: now.toISOString(),
    seed: null,
  }
}

/** The lists that replace a revision that is too old, belongs to other restaurants, or was refused. */
export function plannedNow(
  { since, restaurants }: { readonly since: string; readonly restaurants: PlanInput['restaurants'] },
  now: Date,
): PhaseOf<'planned'> {
  const to = new Date(now.getTime() + AHEAD_DAYS * DAY_MS)
  return planned({ now, restaurants }, later(since, daysBefore(now, PLANNED_DAYS)), to)
}

/** Whether iiko still knows the changes since then. */
export function isFresh(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) <= REVISION_AGE_MS
}

export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}

/** The estimated number of pages that are left. */
export function pagesLeft(phases: readonly Phase[]): number {
  return phases.reduce((sum, phase) => sum + pagesOf(phase), 0)
}

function pagesOf(phase: Phase): number {
  if (phase.feed === 'changed' || phase.feed === 'recheck') return 1
  const days = Math.max((Date.parse(phase.to) - Date.parse(phase.from)) / DAY_MS, 0) + 1
  if (phase.feed === 'hall') return Math.ceil(days / phase.days)
  const spans = Math.ceil(days / spanDays(phase.feed))
  return (phase.spans?.length ?? spans) + spans * (phase.organizationIds.length - 1)
}

/** The length of one list by date. */
export function spanDays(feed: 'planned' | 'tables'): number {
  return feed === 'planned' ? 1 : 31
}

/** The token, the restaurants and their terminals; beyond these a call for every 200 stored sales. */
export function estimateCalls({ from, to }: Window, salesPerDay: number): number {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS
  return 3 + Math.min(Math.ceil(days), PLANNED_DAYS) + Math.floor((days * salesPerDay) / 200)
}
