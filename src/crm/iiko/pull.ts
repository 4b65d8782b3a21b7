// What a sync reads, page by page. Every page moves its own watermarks, so an error later in the plan (the restaurant's
// server is down for a week) does not hold up what comes before it. So iiko does not use the common runner of plans,
// where watermarks move at the end.
import type { LeftOut, Page, Session, Window } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { localDate } from '#lib/time.ts'
import { type Cloud, createCloud, type Found, IDS_MAX, isTooMuch, type Span } from '#crm/iiko/cloud.ts'
import type { Cursor, Phase, PhaseOf, Plan } from '#crm/iiko/cursor.ts'
import { isOrderId, readOrders } from '#crm/iiko/read-orders.ts'
import { mapOrder } from '#crm/iiko/map.ts'
import { isRefused, nonEmpty, openOutlets, TABLE_ORDERS, toRestaurant } from '#crm/iiko/restaurants.ts'
import {
  isFresh,
  isSameSet,
  pagesLeft,
  planLive,
  PLANNED_DAYS,
  plannedNow,
  planWindow,
  spanDays,
  TABLES_DAYS,
} from '#crm/iiko/plan.ts'
import { receipts } from '#crm/iiko/pull-receipts.ts'
import type { Organization } from '#crm/iiko/schema.ts'
import type { PullContext, Step } from '#crm/iiko/step.ts'
import { halved, spansOf, within } from '#crm/iiko/spans.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** A refusal may be one of a restaurant that was kept and is not the key's any more: then they are read again, once. */
export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const cloud = createCloud(session)
  let last = cursor
  try {
    for await (const page of pullPlan(session, cloud, cursor, window)) {
      last = page.cursor
      yield page
    }
  } catch (error) {
    const isOfRun = last?.outlets != null && Date.parse(last.outlets.readAt) >= session.startedAt.getTime()
    if (!last?.outlets || isOfRun || !isRefused(error)) throw error
    const outdated = { ...last.outlets, readAt: new Date(0).toISOString() }
    yield* pullPlan(session, cloud, { ...last, outlets: outdated, plan: null }, window)
  }
}

async function* pullPlan(
  session: Session<Settings>,
  cloud: Cloud,
  cursor: Cursor | null,
  window: Window | undefined,
): AsyncGenerator<Page<Cursor>> {
  const opened = await openPlan(session, cloud, cursor, window)
  let at = opened.cursor
  const isBackfill = window !== undefined
  // Stored before the first step, so that its failure does not cost the calls for the plan again.
  if (at.plan && at.outlets !== cursor?.outlets) yield { records: [], cursor: at, leftOut: opened.leftOut }
  while (at.plan && at.plan.phases.length > 0) {
    const { plan } = at
    const rules = { ...session.settings, paymentTypes: at.outlets?.paymentTypes ?? {} }
    const step = await take({
      session,
      cloud,
      cursor: at,
      plan,
      rules,
      restaurants: nonEmpty(plan.restaurants),
      isBackfill,
    })
    at = advance(at, plan, step, isBackfill)
    const rows = step.rows?.map((row) => mapOrder(row, plan.restaurants, rules)) ?? []
    const orders = rows.filter((record) => record.type !== 'none')
    const records = [...orders, ...(step.records ?? [])]
    const skipped = rows.length - orders.length + (step.skipped ?? 0)
    const done = plan.done + 1
    const progress = { done, total: done + pagesLeft(step.phases) }
    yield { records, cursor: at, skipped, progress, isLast: at.plan === null, leftOut: step.leftOut ?? [] }
  }
}

/** A finished backfill keeps its plan: a slice that begins after its last page must not make it again. */
function advance(at: Cursor, plan: Plan, step: Step, isBackfill: boolean): Cursor {
  const next = { ...plan, done: plan.done + 1, phases: [...step.phases] }
  return { ...at, ...step.watermarks, plan: next.phases.length > 0 || isBackfill ? next : null }
}

/** The cursor with a plan. A plan of an earlier run is replaced by a fresh one, so that new sales come first. */
async function openPlan(
  session: Session<Settings>,
  cloud: Cloud,
  cursor: Cursor | null,
  window: Window | undefined,
): Promise<{ readonly cursor: Cursor; readonly leftOut: readonly LeftOut[] }> {
  const plan = cursor?.plan ?? null
  const isOurs = window !== undefined || plan?.startedAt === session.startedAt.toISOString()
  if (cursor && plan && isOurs) return { cursor, leftOut: [] }
  const { outlets, leftOut } = await openOutlets(session, cloud, cursor?.outlets ?? null)
  const { organizations, isPart } = outlets
  const ids = organizations.map(({ id }) => id)
  const restaurantOf = (organization: Organization) =>
    toRestaurant(session, organization, outlets.of[organization.id]?.timezone ?? null)
  const restaurants = nonEmpty(organizations.map(restaurantOf))
  const { settings, startedAt, isManual, nightAt, clock } = session
  const known = { now: clock.now(), startedAt, settings, restaurants, outlets, isManual, nightAt, isPart }
  const planned = window ? planWindow(window, known) : planLive(cursor, known, keptLists(plan, ids, known.now))
  return { cursor: planned, leftOut }
}

/** Lists by date are long, so those of an earlier run go on where they stopped, unless they are outdated. */
function keptLists(plan: Plan | null, ids: readonly string[], now: Date): PhaseOf<'planned'> | null {
  const phase = plan?.phases[0]
  if (!plan || phase?.feed !== 'planned') return null
  const isSame = isSameSet(
    plan.restaurants.map(({ id }) => id),
    ids,
  )
  return isSame && isFresh(phase.startedAt, now) ? phase : null
}

async function take(context: PullContext): Promise<Step> {
  const [phase, ...rest] = context.plan.phases
  switch (phase?.feed) {
    case 'planned':
    case 'tables':
      return list(context, phase, rest)
    case 'changed':
      return changed(context, rest)
    case 'recheck':
      return recheck(context, phase, rest)
    case 'hall':
      return receipts(context, phase, rest)
    case undefined:
      return { phases: [] }
    default:
      throw new Error(`unknown phase ${String(phase satisfies never)}`)
  }
}

/** One span of one restaurant. A span with too many orders is halved. */
async function list(context: PullContext, phase: PhaseOf<'planned' | 'tables'>, rest: Phase[]): Promise<Step> {
  const { session, restaurants } = context
  const now = session.clock.now()
  const [organizationId = '', ...others] = phase.organizationIds
  const zone = (restaurants.find(({ id }) => id === organizationId) ?? restaurants[0]).timezone
  const period = { from: new Date(phase.from), to: new Date(phase.to) }
  const spans = phase.spans ?? spansOf(period, zone, { now, days: spanDays(phase.feed) })
  const [span, ...left] = spans
  const kept = phase.feed === 'planned' ? PLANNED_DAYS : TABLES_DAYS
  const clipped = span ? within(span, kept, now, zone) : null
  const after = (seed: string | null): Step => {
    const state = phase.feed === 'planned' ? { ...phase, seed } : phase
    if (left.length > 0) return { phases: [{ ...state, spans: left }, ...rest] }
    if (others.length > 0) return { phases: [{ ...state, organizationIds: others, spans: null }, ...rest] }
    return phase.feed === 'planned'
      ? seeded(context, { ...phase, seed }, rest)
      : { phases: rest, watermarks: { tablesTo: phase.to } }
  }
  const seed = phase.feed === 'planned' ? phase.seed : null
  if (!clipped) return after(seed)
  try {
    if (phase.feed === 'tables') return { rows: await atTables(context, organizationId, clipped), ...after(null) }
    const { rows, revision } = await context.cloud.planned([organizationId], clipped)
    return { rows, ...after(seed ?? (Number(revision) > 0 ? revision : null)) }
  } catch (error) {
    const halves = isTooMuch(error) ? halved(clipped) : null
    if (halves) return { phases: [{ ...phase, spans: [...halves, ...left] }, ...rest] }
    if (phase.feed !== 'tables' || !isRefused(error)) throw error
    // Their watermark stays, so that they are read from there once they may be.
    return { phases: rest, leftOut: [{ list: TABLE_ORDERS, error }] }
  }
}

/** After all lists: changes are read from the revision that the first list named. */
function seeded({ restaurants }: PullContext, { seed, startedAt }: PhaseOf<'planned'>, rest: Phase[]): Step {
  // A business without orders has no revision to go on from.
  if (seed === null) return { phases: rest.filter(({ feed }) => feed !== 'changed'), watermarks: { cloud: null } }
  const organizationIds = restaurants.map(({ id }) => id)
  return {
    phases: rest,
    watermarks: { cloud: { organizationIds, revision: seed, at: startedAt, seededAt: startedAt } },
  }
}

async function atTables(
  { cloud, cursor }: PullContext,
  organizationId: string,
  span: Span,
): Promise<readonly unknown[]> {
  const tableIds = cursor.outlets?.of[organizationId]?.tableIds ?? []
  const rows: unknown[] = []
  for (let from = 0; from < tableIds.length; from += IDS_MAX) {
    rows.push(...(await cloud.atTables([organizationId], tableIds.slice(from, from + IDS_MAX), span)))
  }
  return rows
}

/** What changed since the last sync; lists by date where iiko cannot tell that any more. */
async function changed(context: PullContext, rest: Phase[]): Promise<Step> {
  const { cloud, cursor, plan, restaurants } = context
  const now = context.session.clock.now()
  const ids = restaurants.map(({ id }) => id)
  const known = cursor.cloud
  const byDate: Step = {
    phases: [plannedNow({ since: cursor.since, restaurants }, now), { feed: 'changed' }, ...rest],
    watermarks: { cloud: null },
  }
  if (!known || !isSameSet(known.organizationIds, ids) || !isFresh(known.at, now)) return byDate
  try {
    const { rows, revision } = await changesOf(cloud, ids, known.revision)
    const newest = BigInt(revision ?? 0) > BigInt(known.revision) ? (revision ?? '') : known.revision
    return { rows, phases: rest, watermarks: { cloud: { ...known, revision: newest, at: now.toISOString() } } }
  } catch (error) {
    const isTooOld =
      isTooMuch(error) || (error instanceof CrmError && error.kind === 'rejected' && error.status === 400)
    if (!isTooOld) throw error
    // The lists have just been read, so another attempt would be refused again.
    const isSeeded = known.seededAt >= plan.plannedAt
    return isSeeded ? { phases: rest, watermarks: { cloud: null, refusedAt: now.toISOString() } } : byDate
  }
}

/**
 * Reads fewer restaurants at once where the answer would be too large. Goes on from the older revision; orders that
 * come twice do no harm.
 */
async function changesOf(cloud: Cloud, ids: readonly string[], revision: string): Promise<Found> {
  try {
    return await cloud.changed(ids, revision)
  } catch (error) {
    if (!isTooMuch(error) || ids.length === 1) throw error
    const middle = Math.ceil(ids.length / 2)
    const first = await changesOf(cloud, ids.slice(0, middle), revision)
    const second = await changesOf(cloud, ids.slice(middle), revision)
    const isOlder = BigInt(first.revision ?? 0) < BigInt(second.revision ?? 0)
    return { rows: [...first.rows, ...second.rows], revision: isOlder ? first.revision : second.revision }
  }
}

/** Orders can change after they were closed, and a change can be missed, so stored ones are read again by their ids. */
async function recheck(
  { session, cloud, restaurants }: PullContext,
  phase: PhaseOf<'recheck'>,
  rest: Phase[],
): Promise<Step> {
  const storedIds = await session.storedIds({ prefix: '', from: phase.from, to: phase.to })
  const ids = storedIds.filter((id) => isOrderId(id) && id > phase.after).toSorted()
  const some = ids.slice(0, IDS_MAX)
  const organizationIds = restaurants.map(({ id }) => id)
  const rows = some.length > 0 ? await readOrders(cloud, organizationIds, 'id', some) : []
  if (ids.length > IDS_MAX) return { rows, phases: [{ ...phase, after: some.at(-1) ?? '' }, ...rest] }
  return { rows, phases: rest, watermarks: { recheckedOn: localDate(session.clock.now(), restaurants[0].timezone) } }
}
