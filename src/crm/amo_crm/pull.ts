// Works a plan off step by step. The cursor after each step says all there is to know, so a pull that goes on from any page
// loses and repeats nothing.
import type { Page, Session, Window } from '#crm/contract.ts'
import { openAccount } from '#crm/amo_crm/account-context.ts'
import { type AmoClient, createClient } from '#crm/amo_crm/client.ts'
import { type Cursor, NO_MARKS, planLive, planWindow, type Running } from '#crm/amo_crm/cursor.ts'
import { stepOf } from '#crm/amo_crm/feeds.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

/** A plan so much older than the work at hand was left over from an earlier run. */
const PLAN_AGE_SECONDS = 60

interface Pull {
  readonly session: Session<Settings>
  readonly client: AmoClient
}

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const at: Pull = { session, client: createClient(session) }
  const resumed = cursor?.running ?? null
  const ended = yield* workOff(at, resumed ?? (await plan(at, cursor, window)), cursor)
  const isLeftOver = resumed !== null && resumed.plannedAt < session.startedAt.getTime() / 1000 - PLAN_AGE_SECONDS
  if (isLeftOver && !window) yield* workOff(at, await plan(at, ended), ended)
}

async function plan({ session, client }: Pull, cursor: Cursor | null, window?: Window): Promise<Running> {
  const about = await openAccount(session, client)
  const basis = { now: session.clock.now(), about, settings: session.settings, isManual: session.isManual }
  return window ? planWindow(window, basis) : planLive(cursor, basis)
}

/** The cursor after the plan. Until it is through, the watermarks of before hold. */
async function* workOff(
  { session, client }: Pull,
  first: Running,
  marks: Cursor | null,
): AsyncGenerator<Page<Cursor>, Cursor | null> {
  const { changedTo, rescannedOn, invoicesAt } = marks ?? NO_MARKS
  let cursor = marks
  for (let running = first; running.phases.length > 0 || running.unclear.length > 0;) {
    const step = await stepOf({ session, client, about: running.about }, running)
    running = step.running
    const isOver = running.phases.length === 0 && running.unclear.length === 0
    cursor = isOver
      ? { version: 1, ...running.after, running: null }
      : { version: 1, changedTo, rescannedOn, invoicesAt, running }
    const progress = { done: running.done, total: running.total }
    yield { records: step.records, cursor, progress }
  }
  return cursor
}
