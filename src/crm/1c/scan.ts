// One step of a plan: one page of a list with what its documents refer to, or several single reads (verify.ts).
import { isTooMuch } from '#crm/kit/fewer-at-once.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isTooLarge } from '#lib/egress.ts'
import { zonedToUtc } from '#lib/time.ts'
import { mapRows, openAccount, type PullContext } from '#crm/1c/account-context.ts'
import { unremembered } from '#crm/1c/archived.ts'
import { partOf, type Plan, type Task } from '#crm/1c/cursor.ts'
import { type DocumentSpec, specOf } from '#crm/1c/documents.ts'
import { guidOf } from '#crm/1c/fields.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, datetime } from '#crm/1c/odata.ts'
import { addUp, changedRanges, fold, settle } from '#crm/1c/fingerprints.ts'
import { LAST_LOCAL_TIME } from '#crm/1c/local-time.ts'
import { verifyStep } from '#crm/1c/verify.ts'
import { type PagePosition, startOf, step, type Step as StepResult, type Walk } from '#crm/1c/walk.ts'

/** Rows of a page that has only the fields of a fingerprint. */
const COMPARE_ROWS = 500
const TO_VERIFY_MAX = 500

type Step = RunnerStep<Plan>

interface Scan {
  readonly context: PullContext
  readonly plan: Plan
  readonly task: Task
  readonly spec: DocumentSpec
  readonly walk: Walk
}

/** Throws CrmError. */
export async function stepOf(context: PullContext, plan: Plan): Promise<Step> {
  try {
    const next = await advance(context, plan)
    return { ...next, plan: withRefused(next.plan, context) }
  } catch (error) {
    if (!isRefused(error) || plan.isProbed) throw error
    return { records: [], plan: await reopenAccount(context, plan) }
  }
}

/** What was refused in this step is not asked for again before the next look at the base. */
function withRefused(plan: Plan, { references }: PullContext): Plan {
  const refused = references.refused()
  if (refused.length === plan.account.refused.length) return plan
  return { ...plan, account: { ...plan.account, refused: [...refused] } }
}

async function advance(context: PullContext, plan: Plan): Promise<Step> {
  const [task] = plan.tasks
  if (!task || plan.toVerify.length >= TO_VERIFY_MAX) return verifyStep(context, plan)
  const spec = specOf(context.session.settings, task.entitySet)
  const scan = { context, plan, task, spec, walk: walkOf(context, plan, task, spec) }
  const position = plan.position ?? startOf(scan.walk, headOf(scan))
  let result: StepResult
  try {
    result = await step(scan.walk, position)
  } catch (error) {
    const smaller = smallerStep(error, position, scan.walk.sizeMax)
    if (!smaller) throw error
    return { records: [], plan: { ...plan, position: smaller } }
  }
  return task.feed === 'compare' ? afterCompare(scan, result) : afterRead(scan, result)
}

export function walkOf(
  { session: { settings }, client }: PullContext,
  plan: Plan,
  task: Task,
  spec: DocumentSpec,
): Walk {
  const { entitySet, dateField } = spec
  const isCompare = task.feed === 'compare'
  const select = plan.account.documents.find((one) => one.entitySet === entitySet)?.select ?? null
  return {
    ...{ entitySet, range: partOf(task, plan.horizon, settings), dateField, isOrdered: settings.orderBy },
    ...{
      horizon: plan.horizon,
      sizeMax: isCompare && select ? Math.max(COMPARE_ROWS, settings.pageSize) : settings.pageSize,
    },
    read: async ({ range, isOrdered, top, skip }) =>
      client.rows(entitySet, {
        filter: allOf([
          range && `${dateField} ge ${datetime(range.from)}`,
          range?.to ? `${dateField} lt ${datetime(range.to)}` : null,
          spec.filter,
        ]),
        select: isCompare ? select?.fingerprint : select?.whole,
        orderby: isOrdered ? dateField : undefined,
        top,
        skip,
      }),
  }
}

/** Where a base without a filter by date is read from: the row number of the last walk, and two pages before it. */
function headOf({ context: { session }, plan, spec, walk }: Scan): number | null {
  if (session.settings.serverFilter) return null
  return Math.max((plan.heads[spec.entitySet] ?? 0) - 2 * walk.sizeMax, 0)
}

/**
 * The next position to try when an answer was too large for us, half of the rows, or too much for the base, a quarter
 * of them, and at last without sorting. Null: the error has another cause, or one row is too large.
 */
function smallerStep(error: unknown, position: PagePosition, sizeMax: number): PagePosition | null {
  if (isTooLarge(error)) return position.size > 1 ? { ...position, size: Math.floor(position.size / 2) } : null
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return null
  if (isTooMuch(error) && position.size > 1) return { ...position, size: Math.floor(position.size / 4) || 1 }
  if (error.reason !== 'query_refused' || position.mode !== 'ordered') return null
  return { ...position, mode: 'split', size: sizeMax, shown: [] }
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof CrmError) || error.kind === 'unavailable') return false
  return error.reason === 'query_refused' || error.reason === 'unpublished'
}

/** Probes the base again after an update of its configuration: fields are renamed, documents published or not. */
async function reopenAccount(context: PullContext, plan: Plan): Promise<Plan> {
  const account = await openAccount(context.session, context.client, plan.account)
  const isThere = (set: string | undefined) => account.documents.some(({ entitySet }) => entitySet === set)
  const tasks = plan.tasks.filter(({ entitySet }) => isThere(entitySet))
  const toVerify = plan.toVerify.filter((externalId) => isThere(externalId.split(':')[0]))
  return { ...plan, account, isProbed: true, tasks, toVerify }
}

async function afterCompare(scan: Scan, result: StepResult): Promise<Step> {
  const { plan, task, spec, walk } = scan
  const partFingerprints = await addUp(plan.partFingerprints, result.rows, { spec, fineFrom: plan.fineFrom })
  const toVerify = await toVerifyAfter(scan, result)
  if (result.next) return { records: [], plan: { ...plan, position: result.next, partFingerprints, toVerify } }
  const changed = changedRanges(plan.fingerprints?.[spec.entitySet] ?? {}, partFingerprints, walk.range)
  const reads = changed.map((range): Task => ({ feed: 'read', entitySet: task.entitySet, range }))
  const tasks = [...reads, ...plan.tasks.slice(1)]
  const { done, total } = plan
  return {
    records: [],
    plan: {
      ...plan,
      tasks,
      position: null,
      partFingerprints: {},
      toVerify,
      done: done + 1,
      total: total + reads.length,
    },
  }
}

async function afterRead(scan: Scan, result: StepResult): Promise<Step> {
  const { context, plan, task, spec, walk } = scan
  const records = await mapRows(context, spec, result.rows)
  const partFingerprints = await addUp(plan.partFingerprints, result.rows, { spec, fineFrom: plan.fineFrom })
  const toVerify = await toVerifyAfter(scan, result)
  if (result.next) return { records, plan: { ...plan, position: result.next, partFingerprints, toVerify } }
  const { entitySet } = spec
  const { range } = walk
  const isLeft = range.from > task.range.from
  // One part of each document in turn, so that the newest parts of all documents come first.
  const left: Task = { ...task, range: { from: task.range.from, to: range.from } }
  return {
    records,
    plan: {
      ...{ ...plan, toVerify, position: null, partFingerprints: {}, done: plan.done + 1 },
      tasks: [...plan.tasks.slice(1), ...(isLeft ? [left] : [])],
      heads: result.head === null ? plan.heads : { ...plan.heads, [entitySet]: result.head },
      fingerprints: plan.fingerprints && {
        ...plan.fingerprints,
        [entitySet]: fold(
          settle(plan.fingerprints[entitySet] ?? {}, partFingerprints, range),
          plan.keepFrom,
          plan.fineFrom,
        ),
      },
    },
  }
}

/** Adds the stored sales of a completely read range that the list did not show. */
async function toVerifyAfter({ context, plan, spec }: Scan, { covered, shown }: StepResult): Promise<string[]> {
  if (!covered) return plan.toVerify
  const { session } = context
  const { timezone } = session.settings
  const to = zonedToUtc(covered.to ?? LAST_LOCAL_TIME, timezone)
  const storedIds = await session.storedIds({
    prefix: externalIdOf(spec.entitySet, ''),
    from: zonedToUtc(covered.from, timezone),
    to: new Date(Date.parse(to) - 1000).toISOString(),
  })
  const there = new Set(shown.map((key) => externalIdOf(spec.entitySet, key)))
  const isKey = (externalId: string) => guidOf(externalId.slice(externalIdOf(spec.entitySet, '').length)) !== null
  const missing = storedIds.filter((externalId) => !there.has(externalId) && isKey(externalId))
  return [...new Set([...plan.toVerify, ...(await unremembered(plan.archived, missing))])]
}
