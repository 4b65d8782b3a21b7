// Runs a connector's plan: what is left to read, stored in the cursor, so that a pull that goes on from any page loses
// and repeats nothing. A connector defines its plan and its steps. The rules for every plan are here: watermarks move
// when it is over, a plan of an earlier run is followed by a fresh one, and no plan is made twice.
import type { LeftOut, MappedRecord, Page, Session, Window } from '#crm/contract.ts'

/** The progress of a plan; each connector adds its own members. */
interface Progress {
  readonly done: number
  readonly total: number
}

export interface Step<Plan> {
  readonly records: readonly MappedRecord[]
  /** The number of records that are not sales and are not in `records`. */
  readonly skipped?: number
  readonly leftOut?: readonly LeftOut[]
  readonly answered?: readonly string[]
  readonly mayWait?: boolean
  /** The plan after the step. */
  readonly plan: Plan
  /** An error after these records: thrown once their page is stored. */
  readonly failure?: unknown
}

export interface PlanRunner<Plan, Cursor> {
  /** The plan of a live sync; with a window, of a backfill. Throws CrmError. */
  readonly make: (cursor: Cursor | null, window?: Window) => Promise<Plan>
  /** One or more steps of the plan, each a page. Throws CrmError. */
  readonly steps: (plan: Plan) => AsyncIterable<Step<Plan>>
  readonly isOver: (plan: Plan) => boolean
  /** When a live plan was made, in milliseconds since 1970. */
  readonly madeAt: (plan: Plan) => number
  /** The cursor during a plan keeps the watermarks from before it. */
  readonly cursorDuring: (before: Cursor | null, plan: Plan) => Cursor
  /** The cursor after a live plan has the plan's own watermarks. */
  readonly cursorAfter: (plan: Plan) => Cursor
  /**
   * Whether a fresh plan is stored before its first step, so that a failure of the step does not cost the calls for the
   * plan again.
   */
  readonly savesFirst?: (before: Cursor | null, plan: Plan) => boolean
}

/** A plan older than this at the start of the run is of an earlier run. Clocks differ by seconds, runs by minutes. */
const PLAN_AGE_MS = 60_000

export async function* runPlans<Plan extends Progress, Cursor extends { readonly plan: Plan | null }>(
  { startedAt }: Pick<Session<unknown>, 'startedAt'>,
  runner: PlanRunner<Plan, Cursor>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const resumed = cursor?.plan ?? null
  const first = resumed ?? (await runner.make(cursor, window))
  if (!resumed && runner.savesFirst?.(cursor, first)) yield pageOf(NOTHING, first, runner.cursorDuring(cursor, first))
  if (window) {
    // A finished plan stays in the cursor: a slice that begins after its last page must not make the backfill again.
    yield* runSteps(runner, first, (step) => pageOf(step, step.plan, runner.cursorDuring(cursor, step.plan)))
    return
  }
  if (!resumed) {
    yield* runFresh(runner, cursor, first)
    return
  }
  const isLeftOver = runner.madeAt(resumed) < startedAt.getTime() - PLAN_AGE_MS
  const last = yield* runSteps(runner, first, (step) => pageOf(step, step.plan, runner.cursorDuring(cursor, step.plan)))
  const after = runner.cursorAfter(last)
  // A slice may end with any page. Were it the last step's, the next slice would make another plan, so a plan that took
  // several slices ends with a page of its own.
  yield { ...pageOf(NOTHING, last, after), isLast: !isLeftOver }
  if (isLeftOver) yield* runFresh(runner, after, await runner.make(after))
}

/** The last plan of a live run. */
function runFresh<Plan extends Progress, Cursor>(
  runner: PlanRunner<Plan, Cursor>,
  before: Cursor | null,
  first: Plan,
): AsyncGenerator<Page<Cursor>, Plan> {
  return runSteps(runner, first, (step) =>
    // What failed at the end of the plan fails the run: its page must not end it well.
    runner.isOver(step.plan) && step.failure === undefined
      ? { ...pageOf(step, step.plan, runner.cursorAfter(step.plan)), isLast: true }
      : pageOf(step, step.plan, runner.cursorDuring(before, step.plan)),
  )
}

/** The plan at its end. */
async function* runSteps<Plan extends Progress, Cursor>(
  runner: PlanRunner<Plan, Cursor>,
  first: Plan,
  toPage: (step: Step<Plan>) => Page<Cursor>,
): AsyncGenerator<Page<Cursor>, Plan> {
  let plan = first
  while (!runner.isOver(plan)) {
    for await (const step of runner.steps(plan)) {
      plan = step.plan
      yield toPage(step)
      if (step.failure !== undefined) throw step.failure
    }
  }
  return plan
}

const NOTHING = { records: [] }

function pageOf<Cursor>(
  { records, skipped = 0, leftOut = [], answered = [], mayWait = false }: Omit<Step<unknown>, 'plan'>,
  { done, total }: Progress,
  cursor: Cursor,
): Page<Cursor> {
  return {
    ...{ records, cursor, progress: { done, total } },
    ...(skipped > 0 && { skipped }),
    ...(leftOut.length > 0 && { leftOut }),
    ...(answered.length > 0 && { answered }),
    ...(mayWait && { mayWait }),
  }
}
