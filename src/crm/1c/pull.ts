// What a sync reads: a plan made from the cursor and from what the base has. Every page is one step of a walk, so a
// failure costs one request.
import type { Page, Session, Window } from '#crm/contract.ts'
import { type PlanRunner, runPlans } from '#crm/kit/plan.ts'
import {
  type AccountContext,
  createContext,
  leftOutOf,
  openAccount,
  type PullContext,
} from '#crm/1c/account-context.ts'
import { createClient } from '#crm/1c/client.ts'
import { type Cursor, EMPTY, isAccountKnown, type Plan, planLive, planWindow } from '#crm/1c/cursor.ts'
import { specOf } from '#crm/1c/documents.ts'
import { stepOf } from '#crm/1c/scan.ts'
import type { Settings } from '#crm/1c/settings.ts'

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const contextWith = ({ documents, catalogs, refused }: AccountContext): PullContext => {
    const specs = documents.map(({ entitySet }) => specOf(session.settings, entitySet))
    return createContext(session, client, { specs, catalogs, refused })
  }
  let opened: { readonly account: AccountContext; readonly context: PullContext } | null = null
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      const watermarks = before ?? EMPTY
      if (period) return planWindow(session, period, await openAccount(session, client, watermarks.account))
      const known = isAccountKnown(watermarks, session) ? watermarks.account : null
      return planLive(session, watermarks, known ?? (await openAccount(session, client, watermarks.account)))
    },
    steps: async function* (plan) {
      // A step may have found that the base has changed.
      if (opened?.account !== plan.account) opened = { account: plan.account, context: contextWith(plan.account) }
      yield await stepOf(opened.context, plan)
    },
    isOver: ({ tasks, toVerify }) => tasks.length + toVerify.length === 0,
    madeAt: ({ to }) => Date.parse(to ?? ''),
    cursorDuring: (before, plan) => ({ ...(before ?? EMPTY), plan }),
    cursorAfter: ({ fingerprints, heads, archived, to, since, rescannedOn, account }) => {
      const watermarks = { to, since, rescannedOn, account, fingerprints: fingerprints ?? {}, heads, archived }
      return { version: 1, ...watermarks, plan: null }
    },
  }
  for await (const page of runPlans(session, runner, cursor, window)) {
    const leftOut = leftOutOf(page.cursor.plan?.account.refused ?? page.cursor.account?.refused ?? [])
    yield leftOut.length > 0 ? { ...page, leftOut } : page
  }
}
