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
import { countOf } from '#crm/1c/archived.ts'
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
  const work: Work = { opened: null, removed: 0, isAnswerTold: false }
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      const watermarks = before ?? EMPTY
      if (period) return planWindow(session, period, await openAccount(session, client, watermarks.account))
      const known = isAccountKnown(watermarks, session) ? watermarks.account : null
      return planLive(session, watermarks, known ?? (await openAccount(session, client, watermarks.account)))
    },
    steps: async function* (plan) {
      // A step may have found that the base has changed.
      work.opened =
        work.opened?.account === plan.account
          ? work.opened
          : { account: plan.account, context: contextWith(plan.account) }
      const step = await stepOf(work.opened.context, plan)
      work.removed = countOf(step.plan.archived) - countOf(plan.archived)
      yield step
    },
    savesFirst: (before, { account }) => account !== before?.account,
    isOver: ({ tasks, toVerify }) => tasks.length + toVerify.length === 0,
    madeAt: ({ to }) => Date.parse(to ?? ''),
    cursorDuring: (before, plan) => ({ ...(before ?? EMPTY), plan }),
    cursorAfter: ({ fingerprints, heads, archived, to, since, rescannedOn, account }) => {
      const watermarks = { to, since, rescannedOn, account, fingerprints: fingerprints ?? {}, heads, archived }
      return { version: 1, ...watermarks, plan: null }
    },
  }
  for await (const page of runPlans(session, runner, cursor, window)) {
    const notes = notesOf(page, work)
    work.removed = 0
    work.isAnswerTold ||= notes.answered !== undefined
    yield { ...page, ...notes }
  }
}

interface Work {
  opened: { readonly account: AccountContext; readonly context: PullContext } | null
  /** Receipts that were found to be removed after their shift, in the step of the page that comes next. */
  removed: number
  /** Once in a run is enough. */
  isAnswerTold: boolean
}

function notesOf({ cursor }: Page<Cursor>, { opened, removed, isAnswerTold }: Work) {
  const refused = cursor.plan?.account.refused ?? cursor.account?.refused ?? []
  const answered = opened?.context.references.answered() ?? []
  const isAnswered = refused.length === 0 && answered.length > 0 && !isAnswerTold
  return {
    ...(refused.length > 0 && { leftOut: leftOutOf(refused) }),
    ...(isAnswered && { answered: ['catalogs'] }),
    ...(removed > 0 && { remarks: [{ code: 'archived_receipts_gone' as const, count: removed }] }),
  }
}
