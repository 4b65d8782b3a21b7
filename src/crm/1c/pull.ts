// What a sync asks for: a plan from the cursor and from what the base has. Every page is one step of a walk, so a failure
// costs one request.
import type { Page, Session, Window } from '#crm/contract.ts'
import { type PlanRunner, runPlans } from '#crm/kit/plan.ts'
import { type Base, createWork, openBase, type Work } from '#crm/1c/account-context.ts'
import { createClient } from '#crm/1c/client.ts'
import { type Cursor, EMPTY, isBaseKnown, type Plan, planLive, planWindow } from '#crm/1c/cursor.ts'
import { specOf } from '#crm/1c/documents.ts'
import { stepOf } from '#crm/1c/scan.ts'
import type { Settings } from '#crm/1c/settings.ts'

export function pull(session: Session<Settings>, cursor: Cursor | null, window?: Window): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const workWith = ({ documents, catalogs }: Base): Work => {
    const specs = documents.map(({ entitySet }) => specOf(session.settings, entitySet))
    return createWork(session, client, { specs, catalogs })
  }
  let opened: { readonly base: Base; readonly work: Work } | null = null
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      if (period) return planWindow(session, period, await openBase(session, client))
      const marks = before ?? EMPTY
      const known = isBaseKnown(marks, session) ? marks.base : null
      return planLive(session, marks, known ?? (await openBase(session, client)))
    },
    steps: async function* (plan) {
      // A step may find that the base has changed.
      if (opened?.base !== plan.base) opened = { base: plan.base, work: workWith(plan.base) }
      yield await stepOf(opened.work, plan)
    },
    isOver: ({ tasks, unclear }) => tasks.length + unclear.length === 0,
    madeAt: ({ to }) => Date.parse(to ?? ''),
    cursorDuring: (before, plan) => ({ ...(before ?? EMPTY), plan }),
    cursorAfter: ({ seen, heads, to, since, rescannedOn, base }) => {
      return { version: 1, to, since, rescannedOn, base, seen: seen ?? {}, heads, plan: null }
    },
  }
  return runPlans(session, runner, cursor, window)
}
