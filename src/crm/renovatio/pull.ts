// What a sync asks for, in which order, and how nothing is skipped or taken twice on the way. Each step is one page.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { isClosed, isTooMuch } from '#crm/renovatio/client.ts'
import { clarify } from '#crm/renovatio/verify.ts'
import { readChanged } from '#crm/renovatio/changed.ts'
import { advance, type Cursor, halve, isOver, type Running } from '#crm/renovatio/cursor.ts'
import { nothingReadable, plan } from '#crm/renovatio/plan.ts'
import { scan } from '#crm/renovatio/scan.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createPull, type Pull, type Step } from '#crm/renovatio/step.ts'

/** A plan so much older than the work at hand was left over from an earlier run. */
const PLAN_AGE_MS = 60_000

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const resumed = cursor?.running ?? null
  const first = resumed ?? (await plan(session, cursor, window))
  // What was found out about the key is kept before the first sales are asked for: a failure then costs one call.
  if (!resumed && first.mode !== cursor?.mode) yield pageOf([], first, cursor)
  const ended = yield* workOff(session, first, cursor)
  const isLeftOver = Date.parse(resumed?.changedTo ?? '') < session.startedAt.getTime() - PLAN_AGE_MS
  if (isLeftOver) yield* workOff(session, await plan(session, ended), ended)
}

/** Works a plan off; the cursor after it. `marks`: whose watermarks hold until the plan is through. */
async function* workOff(
  session: Session<Settings>,
  first: Running,
  marks: Cursor | null,
): AsyncGenerator<Page<Cursor>, Cursor> {
  const pulling = createPull(session, first.clinics)
  let running = first
  while (!isOver(running)) {
    const step = await take(pulling, running)
    running = step.running
    yield pageOf(step.records, running, marks)
    if (step.failure) throw step.failure
  }
  return cursorOf(running, marks)
}

function pageOf(records: readonly MappedRecord[], running: Running, marks: Cursor | null): Page<Cursor> {
  return { records, cursor: cursorOf(running, marks), progress: { done: running.done, total: running.total } }
}

function cursorOf(running: Running, marks: Cursor | null): Cursor {
  const over = isOver(running)
  const { mode, changedTo, rescannedOn } = over
    ? running
    : (marks ?? { mode: null, changedTo: null, rescannedOn: null })
  return { version: 1, mode, changedTo, rescannedOn, running: over ? null : running }
}

async function take(pulling: Pull, running: Running): Promise<Step> {
  const [phase] = running.phases
  if (running.unclear.length > 0) return clarify(pulling, running)
  if (!phase) return tellAbsent(running)
  try {
    return await (phase.feed === 'scan' ? scan(pulling, running, phase) : readChanged(pulling, running, phase))
  } catch (error) {
    if (isTooMuch(error) && running.windowDays > 1) return shorten(running, error)
    if (!isClosed(error)) throw error
    if (running.mode === 'visits') throw nothingReadable(error)
    if (phase.feed === 'scan') throw error
    // Invoices are enough; visits only tell sooner.
    return { records: [], running: advance(running, phase.to) }
  }
}

/** Any server fails now and then; one that fails twice at the same window cannot answer for so long a time. */
function shorten(running: Running, error: unknown): Step {
  if (running.isDoubtful) return { records: [], running: halve(running) }
  return { records: [], running: { ...running, isDoubtful: true }, failure: error }
}

export function tellAbsent({ missing, gone, ...running }: Running): Step {
  const records: MappedRecord[] = [
    ...missing.map((externalId) => ({ type: 'missing', externalId }) as const),
    ...gone.map((externalId) => ({ type: 'gone', externalId, sourceUpdatedAt: null }) as const),
  ]
  return { records, running: { ...running, missing: [], gone: [] } }
}
