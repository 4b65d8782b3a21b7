// One step of a plan: one call to a list with what its documents point at, or some single reads.
import { gone } from '#crm/kit/mapping.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { CrmError } from '#lib/crm-error.ts'
import { zonedToUtc } from '#lib/time.ts'
import { mapRows, openBase, type Work } from '#crm/1c/account-context.ts'
import { partOf, type Plan, type Task } from '#crm/1c/cursor.ts'
import { type DocumentSpec, specOf } from '#crm/1c/documents.ts'
import { keyOf } from '#crm/1c/fields.ts'
import { readOne } from '#crm/1c/fetch-one.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey, datetime } from '#crm/1c/odata.ts'
import { addUp, changedRanges, fold, settle } from '#crm/1c/fingerprints.ts'
import { LAST_WALL } from '#crm/1c/local-time.ts'
import { type Place, startOf, step, type Step as Taken, type Walk } from '#crm/1c/walk.ts'

/** Of a few fields only. */
const LOOK_ROWS = 500
/** Single reads behind one page. */
const CLARIFY_READS = 10
const UNCLEAR_MAX = 500

type Step = RunnerStep<Plan>

interface Scan {
  readonly work: Work
  readonly plan: Plan
  readonly task: Task
  readonly spec: DocumentSpec
  readonly walk: Walk
}

/** Throws CrmError. */
export async function stepOf(work: Work, plan: Plan): Promise<Step> {
  try {
    return await advance(work, plan)
  } catch (error) {
    if (!isRefused(error) || plan.isProbed) throw error
    return { records: [], plan: await probeAgain(work, plan) }
  }
}

async function advance(work: Work, plan: Plan): Promise<Step> {
  const [task] = plan.tasks
  if (!task || plan.unclear.length >= UNCLEAR_MAX) return clarify(work, plan)
  const spec = specOf(work.session.settings, task.entitySet)
  const scan = { work, plan, task, spec, walk: walkOf(work, plan, task, spec) }
  const place = plan.place ?? startOf(scan.walk, headOf(scan))
  let taken: Taken
  try {
    taken = await step(scan.walk, place)
  } catch (error) {
    const gentler = easeOff(error, place, scan.walk.sizeMax)
    if (!gentler) throw error
    return { records: [], plan: { ...plan, place: gentler } }
  }
  return task.feed === 'look' ? afterLook(scan, taken) : afterRead(scan, taken)
}

export function walkOf({ session: { settings }, client }: Work, plan: Plan, task: Task, spec: DocumentSpec): Walk {
  const { entitySet, dateField } = spec
  const isLook = task.feed === 'look'
  const select = plan.base.documents.find((one) => one.entitySet === entitySet)?.select ?? null
  return {
    ...{ entitySet, range: partOf(task, plan.horizon, settings), dateField, isOrdered: settings.orderBy },
    ...{
      horizon: plan.horizon,
      sizeMax: isLook && select ? Math.max(LOOK_ROWS, settings.pageSize) : settings.pageSize,
    },
    read: async ({ range, isOrdered, top, skip }) =>
      client.rows(entitySet, {
        filter: allOf([
          range && `${dateField} ge ${datetime(range.from)}`,
          range?.to ? `${dateField} lt ${datetime(range.to)}` : null,
          spec.filter,
        ]),
        select: isLook ? select?.marks : select?.whole,
        orderby: isOrdered ? dateField : undefined,
        top,
        skip,
      }),
  }
}

/** Without a filter by date, where the last walk found the first of what is wanted, and two pages before. */
function headOf({ work: { session }, plan, spec, walk }: Scan): number | null {
  if (session.settings.serverFilter) return null
  return Math.max((plan.heads[spec.entitySet] ?? 0) - 2 * walk.sizeMax, 0)
}

/**
 * The next place to try when an answer was too much for the base: a quarter of the rows, and in the end without sorting.
 * Null: that is not what is wrong.
 */
function easeOff(error: unknown, place: Place, sizeMax: number): Place | null {
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return null
  const isTooMuch =
    error.status === 500 || error.status === 504 || ['timeout', 'too_large'].includes(error.reason ?? '')
  if (isTooMuch && place.size > 1) return { ...place, size: Math.floor(place.size / 4) || 1 }
  if (error.params['code'] !== '-1' || place.mode !== 'ordered') return null
  return { ...place, mode: 'split', size: sizeMax, shown: [] }
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof CrmError) || error.kind === 'unavailable') return false
  return error.reason === 'query_refused' || error.reason === 'unpublished'
}

/** A configuration was updated: fields are renamed, documents published or not. */
async function probeAgain(work: Work, plan: Plan): Promise<Plan> {
  const base = await openBase(work.session, work.client)
  const isThere = (set: string | undefined) => base.documents.some(({ entitySet }) => entitySet === set)
  const tasks = plan.tasks.filter(({ entitySet }) => isThere(entitySet))
  const unclear = plan.unclear.filter((externalId) => isThere(externalId.split(':')[0]))
  return { ...plan, base, isProbed: true, tasks, unclear }
}

async function afterLook(scan: Scan, taken: Taken): Promise<Step> {
  const { plan, task, spec, walk } = scan
  const found = await addUp(plan.found, taken.rows, { spec, fineFrom: plan.fineFrom })
  const unclear = await unclearAfter(scan, taken)
  if (taken.next) return { records: [], plan: { ...plan, place: taken.next, found, unclear } }
  const changed = changedRanges(plan.seen?.[spec.entitySet] ?? {}, found, walk.range)
  const reads = changed.map((range): Task => ({ feed: 'read', entitySet: task.entitySet, range }))
  const tasks = [...reads, ...plan.tasks.slice(1)]
  const { done, total } = plan
  return {
    records: [],
    plan: { ...plan, tasks, place: null, found: {}, unclear, done: done + 1, total: total + reads.length },
  }
}

async function afterRead(scan: Scan, taken: Taken): Promise<Step> {
  const { work, plan, task, spec, walk } = scan
  const records = await mapRows(work, spec, taken.rows)
  const found = await addUp(plan.found, taken.rows, { spec, fineFrom: plan.fineFrom })
  const unclear = await unclearAfter(scan, taken)
  if (taken.next) return { records, plan: { ...plan, place: taken.next, found, unclear } }
  const { entitySet } = spec
  const { range } = walk
  const isLeft = range.from > task.range.from
  // Part by part, so that the newest of all documents comes first.
  const left: Task = { ...task, range: { from: task.range.from, to: range.from } }
  return {
    records,
    plan: {
      ...{ ...plan, unclear, place: null, found: {}, done: plan.done + 1 },
      tasks: [...plan.tasks.slice(1), ...(isLeft ? [left] : [])],
      heads: taken.head === null ? plan.heads : { ...plan.heads, [entitySet]: taken.head },
      seen: plan.seen && {
        ...plan.seen,
        [entitySet]: fold(settle(plan.seen[entitySet] ?? {}, found, range), plan.keepFrom, plan.fineFrom),
      },
    },
  }
}

/** With the stored sales of what was shown whole just now that were not among it. */
async function unclearAfter({ work, plan, spec }: Scan, { covered, shown }: Taken): Promise<string[]> {
  if (!covered) return plan.unclear
  const { session } = work
  const { timezone } = session.settings
  const to = zonedToUtc(covered.to ?? LAST_WALL, timezone)
  const held = await session.storedIds({
    prefix: externalIdOf(spec.entitySet, ''),
    from: zonedToUtc(covered.from, timezone),
    to: new Date(Date.parse(to) - 1000).toISOString(),
  })
  const there = new Set(shown.map((key) => externalIdOf(spec.entitySet, key)))
  return [...new Set([...plan.unclear, ...held.filter((externalId) => !there.has(externalId))])]
}

/** Asks for some of what was not shown by its keys, and reads alone what is not shown then either. */
async function clarify(work: Work, plan: Plan): Promise<Step> {
  const [set = ''] = plan.unclear[0]?.split(':') ?? []
  const batch = plan.unclear.filter((externalId) => externalId.startsWith(`${set}:`)).slice(0, CLARIFY_READS)
  const unclear = plan.unclear.filter((externalId) => !batch.includes(externalId))
  const spec = specOf(work.session.settings, set)
  const keys = batch.map((externalId) => externalId.slice(set.length + 1))
  const rows = await work.client.rows(set, { filter: allOf([anyKey(keys), spec.filter]) })
  const records = await mapRows(work, spec, rows)
  const there = new Set(rows.map((row) => externalIdOf(set, keyOf(row) ?? '')))
  const rest = batch.filter((externalId) => !there.has(externalId))
  const absent = [...plan.gone]
  let hidden = 0
  for (const externalId of rest) {
    const record = await readOne(work, externalId)
    if (record === null) hidden += 1
    else if (record.type === 'gone') absent.push(externalId)
    else records.push(record)
  }
  if (hidden === CLARIFY_READS) throw new CrmError('forbidden', { reason: 'right_missing', params: { set } })
  if (unclear.length > 0) return { records, plan: { ...plan, unclear, gone: absent } }
  return { records: [...records, ...absent.map(gone)], plan: { ...plan, unclear, gone: [] } }
}
