// What a sync asks for, in which order. Every page is one step of a walk, so a failure costs one request.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { createWork, openBase, type Work } from '#crm/1c/account-context.ts'
import { createClient, type OneCClient } from '#crm/1c/client.ts'
import { type Cursor, EMPTY, isBaseKnown, planLive, planWindow, type Running } from '#crm/1c/cursor.ts'
import { specOf } from '#crm/1c/documents.ts'
import { stepOf } from '#crm/1c/scan.ts'
import type { Settings } from '#crm/1c/settings.ts'

/** A plan so much older than the work at hand was left over from an earlier run. */
const PLAN_AGE_MS = 60_000

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const marks = cursor ?? EMPTY
  const resumed = marks.running
  const ended = yield* workOff(session, client, marks, resumed ?? (await plan(session, client, marks, window)))
  const isLeftOver = Date.parse(resumed?.to ?? '') < session.startedAt.getTime() - PLAN_AGE_MS
  if (isLeftOver) yield* workOff(session, client, ended, await plan(session, client, ended))
}

async function plan(session: Session<Settings>, client: OneCClient, marks: Cursor, window?: Window): Promise<Running> {
  if (window) return planWindow(session, window, await openBase(session, client))
  const known = isBaseKnown(marks, session) ? marks.base : null
  return planLive(session, marks, known ?? (await openBase(session, client)))
}

/** Works a plan off; the cursor after it. */
async function* workOff(
  session: Session<Settings>,
  client: OneCClient,
  marks: Cursor,
  first: Running,
): AsyncGenerator<Page<Cursor>, Cursor> {
  let work = workOf(session, client, first)
  let running = first
  const isOver = () => running.tasks.length === 0 && running.unclear.length === 0
  const page = (records: readonly MappedRecord[], cursor: Cursor): Page<Cursor> => {
    return { records, cursor, progress: { done: running.done, total: running.total } }
  }
  // A slice may end with any page. Were that the last of a plan, the next slice would make another one: so a plan that
  // took several ends with a page of its own.
  const isLong = first === marks.running
  while (!isOver()) {
    const { base } = running
    const step = await stepOf(work, running)
    running = step.running
    if (running.base !== base) work = workOf(session, client, running)
    yield page(step.records, isOver() && !isLong ? endOf(marks, running) : { ...marks, running })
  }
  if (isLong) yield page([], endOf(marks, running))
  return endOf(marks, running)
}

function workOf(session: Session<Settings>, client: OneCClient, { base }: Running): Work {
  const specs = base.documents.map(({ entitySet }) => specOf(session.settings, entitySet))
  return createWork(session, client, { specs, catalogs: base.catalogs })
}

function endOf(marks: Cursor, { seen, heads, to, since, rescannedOn, base }: Running): Cursor {
  if (seen === null) return { ...marks, running: null }
  return { version: 1, to, since, rescannedOn, base, seen, heads, running: null }
}
