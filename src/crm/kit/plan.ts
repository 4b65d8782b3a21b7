// Runs a connector's plan: what is still to be asked for, stored with the cursor, so that a pull that goes on from any
// page loses and repeats nothing. A connector says what a plan is and what one step of it does; here stands what holds
// for every plan: watermarks move when it is over, a plan of an earlier run is followed by a fresh one, and no plan is
// made twice.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'

/** What is left of a plan; each connector adds its own members. */
interface Progress {
  readonly done: number
  readonly total: number
}

export interface Step<Plan> {
  readonly records: readonly MappedRecord[]
  /** What is left after it. */
  readonly plan: Plan
  /** What went wrong after these records: thrown once their page is stored. */
  readonly failure?: unknown
}

export interface PlanRunner<Plan, Cursor> {
  /** What a sync has to ask for now; with a window, a backfill. Throws CrmError. */
  readonly make: (cursor: Cursor | null, window?: Window) => Promise<Plan>
  /** One or more steps from here on, each a page. Throws CrmError. */
  readonly steps: (plan: Plan) => AsyncIterable<Step<Plan>>
  readonly isOver: (plan: Plan) => boolean
  /** When a live plan was made, in milliseconds since 1970. */
  readonly madeAt: (plan: Plan) => number
  /** With a plan at work the watermarks of before hold. */
  readonly cursorDuring: (before: Cursor | null, plan: Plan) => Cursor
  /** After a live plan its own watermarks hold. */
  readonly cursorAfter: (plan: Plan) => Cursor
  /** Whether making the plan found out what is worth a page: a failure of its first step then does not cost it again. */
  readonly savesFirst?: (before: Cursor | null, plan: Plan) => boolean
}

/** A plan so much older than the run was left over by an earlier one. Clocks differ by seconds; runs are minutes apart. */
const PLAN_AGE_MS = 60_000

export async function* runPlans<Plan extends Progress, Cursor extends { readonly plan: Plan | null }>(
  { startedAt }: Pick<Session<unknown>, 'startedAt'>,
  runner: PlanRunner<Plan, Cursor>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const resumed = cursor?.plan ?? null
  const first = resumed ?? (await runner.make(cursor, window))
  if (!resumed && runner.savesFirst?.(cursor, first)) yield pageOf([], first, runner.cursorDuring(cursor, first))
  if (window) {
    // A finished plan stays in the cursor: a slice that begins after its last page must not make the backfill again.
    yield* runSteps(runner, first, (plan) => runner.cursorDuring(cursor, plan))
    return
  }
  const last = yield* runLive(runner, cursor, first, resumed !== null)
  const isLeftOver = resumed !== null && runner.madeAt(resumed) < startedAt.getTime() - PLAN_AGE_MS
  if (!isLeftOver) return
  const after = runner.cursorAfter(last)
  yield* runLive(runner, after, await runner.make(after), false)
}

/**
 * A slice may end with any page. Were that the last one of a plan, the next slice would make another plan: so a plan that
 * took several slices ends with a page of its own.
 */
async function* runLive<Plan extends Progress, Cursor>(
  runner: PlanRunner<Plan, Cursor>,
  before: Cursor | null,
  first: Plan,
  isResumed: boolean,
): AsyncGenerator<Page<Cursor>, Plan> {
  const last = yield* runSteps(runner, first, (plan) =>
    runner.isOver(plan) && !isResumed ? runner.cursorAfter(plan) : runner.cursorDuring(before, plan),
  )
  if (isResumed) yield pageOf([], last, runner.cursorAfter(last))
  return last
}

/** The plan at its end. */
async function* runSteps<Plan extends Progress, Cursor>(
  runner: PlanRunner<Plan, Cursor>,
  first: Plan,
  cursorOf: (plan: Plan) => Cursor,
): AsyncGenerator<Page<Cursor>, Plan> {
  let plan = first
  while (!runner.isOver(plan)) {
    for await (const step of runner.steps(plan)) {
      plan = step.plan
      yield pageOf(step.records, plan, cursorOf(plan))
      if (step.failure !== undefined) throw step.failure
    }
  }
  return plan
}

function pageOf<Cursor>(records: readonly MappedRecord[], { done, total }: Progress, cursor: Cursor): Page<Cursor> {
  return { records, cursor, progress: { done, total } }
}
