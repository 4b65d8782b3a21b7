// What a sync reads, in which order, and how it neither skips a sale nor takes one twice. Each step is one page.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { isTooLarge } from '#lib/egress.ts'
import { gone as goneRecord } from '#crm/kit/mapping.ts'
import { type PlanRunner, runPlans } from '#crm/kit/plan.ts'
import { openClinicNames } from '#crm/renovatio/clinic-names.ts'
import { clientOf } from '#crm/renovatio/client.ts'
import { verifyBatch } from '#crm/renovatio/verify.ts'
import { readChanged } from '#crm/renovatio/changed.ts'
import { advance, type Cursor, halve, isOver, type Plan } from '#crm/renovatio/cursor.ts'
import { makePlan, nothingReadable } from '#crm/renovatio/plan.ts'
import { isClosed, isTooMuch } from '#crm/renovatio/refusal.ts'
import { rememberSales } from '#crm/renovatio/remembered-sales.ts'
import { scan } from '#crm/renovatio/scan.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createPullContext, type PullContext, type Step } from '#crm/renovatio/pull-context.ts'

/** Each page tells which side lists were left out so far, and which were answered. */
export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const { sideLists } = clientOf(session)
  for await (const page of runPlans(session, createRunner(session, cursor?.clinics ?? null), cursor, window))
    yield { ...page, ...sideLists() }
}

function createRunner(session: Session<Settings>, known: Cursor['clinics']): PlanRunner<Plan, Cursor> {
  const names = openClinicNames(session, known)
  const sales = rememberSales(async (among) => session.storedSales(among))
  let context: PullContext | null = null
  return {
    make: async (before, period) => makePlan(session, await names.open(), before, period),
    steps: async function* (plan) {
      context ??= createPullContext(session, plan.clinics, { storedSales: sales.read })
      const step = await names.complete(await take({ ...context, clinics: plan.clinics }, plan))
      if (step.records.length > 0 && step.mayWait !== true) sales.forget()
      yield step
    },
    isOver,
    madeAt: ({ changedTo }) => Date.parse(changedTo ?? ''),
    cursorDuring: (before, plan) => {
      const { mode, changedTo, rescannedOn } = before ?? { mode: null, changedTo: null, rescannedOn: null }
      return { version: 1, mode, clinics: names.kept(), changedTo, rescannedOn, plan }
    },
    cursorAfter: ({ mode, changedTo, rescannedOn }) => ({
      ...{ version: 1, mode, clinics: names.kept(), changedTo, rescannedOn },
      plan: null,
    }),
    // Whether the key may read invoices is stored before the first sales are read.
    savesFirst: (before, { mode }) => mode !== before?.mode,
  }
}

async function take(context: PullContext, plan: Plan): Promise<Step> {
  const [phase] = plan.phases
  if (plan.toVerify.length > 0) return verifyBatch(context, plan)
  if (!phase) return absentRecords(plan)
  try {
    return await (phase.feed === 'scan' ? scan(context, plan, phase) : readChanged(context, plan, phase))
  } catch (error) {
    if (isTooMuch(error) && plan.windowDays > 1) return shorten(plan, error)
    if (!isClosed(error)) throw error
    if (plan.mode === 'visits') throw nothingReadable(error)
    if (phase.feed === 'scan') throw error
    // Invoices alone are enough; visits only show changes sooner.
    return { records: [], plan: advance(plan, phase.to) }
  }
}

/**
 * Any server may fail once. One that fails twice at the same window cannot answer for so long a period. An answer that
 * is too large would be so again.
 */
function shorten(plan: Plan, error: unknown): Step {
  if (plan.hasFailedOnce || isTooLarge(error)) return { records: [], plan: halve(plan) }
  return { records: [], plan: { ...plan, hasFailedOnce: true }, failure: error }
}

export function absentRecords({ missing, gone, ...plan }: Plan): Step {
  const records: MappedRecord[] = [
    ...missing.map((externalId) => ({ type: 'missing', externalId }) as const),
    ...gone.map((externalId) => goneRecord(externalId)),
  ]
  return { records, plan: { ...plan, missing: [], gone: [] } }
}
