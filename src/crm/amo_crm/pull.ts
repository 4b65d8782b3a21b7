// What a sync reads: a plan made from the cursor and the account, run step by step.
import type { Page, Session, Window } from '#crm/contract.ts'
import { keptForDay } from '#crm/kit/kept.ts'
import { type PlanRunner, runPlans } from '#crm/kit/plan.ts'
import { readFacts, toAccountContext } from '#crm/amo_crm/account-context.ts'
import { createClient } from '#crm/amo_crm/client.ts'
import { type Cursor, NO_WATERMARKS, type Plan, planLive, planWindow } from '#crm/amo_crm/cursor.ts'
import { stepOf } from '#crm/amo_crm/feeds.ts'
import { toInstant } from '#crm/amo_crm/map.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'

/** Deals and purchases are read with every sync; a long list of invoices is not. */
function asOfInvoices({ settings }: Session<Settings>, { invoicesAt }: Plan['after']): string | null {
  return settings.sources.includes('invoices') && invoicesAt !== null ? toInstant(invoicesAt) : null
}

export function pull(session: Session<Settings>, cursor: Cursor | null, window?: Window): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  let kept = cursor?.account ?? null
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      const { clock, settings, isManual, nightAt } = session
      // Where purchases are wanted, they may be in use by now.
      const isOff = kept?.hasCustomers === false && settings.sources.includes('purchases')
      kept = await keptForDay(session, isOff ? null : kept, async () => readFacts(client))
      const input = { now: clock.now(), account: toAccountContext(session, kept), settings, isManual, nightAt }
      return period ? planWindow(period, input) : planLive(before, input)
    },
    steps: async function* (plan) {
      yield await stepOf({ session, client, account: plan.account }, plan)
    },
    isOver: ({ phases, toVerify }) => phases.length + toVerify.length === 0,
    madeAt: ({ plannedAt }) => plannedAt * 1000,
    cursorDuring: (before, plan) => {
      const { changedTo, rescannedOn, invoicesAt, hasManyInvoices } = before ?? NO_WATERMARKS
      const watermarks = { changedTo, rescannedOn, invoicesAt, hasManyInvoices }
      return { version: 1, ...watermarks, account: kept, asOf: before?.asOf ?? null, plan }
    },
    cursorAfter: ({ after }) => ({
      version: 1,
      ...after,
      account: kept,
      asOf: asOfInvoices(session, after),
      plan: null,
    }),
  }
  return runPlans(session, runner, cursor, window)
}
