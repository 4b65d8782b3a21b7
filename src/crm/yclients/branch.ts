// What a sync reads of one branch, in which order, and how it neither skips a record nor takes one twice.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { keptForDay } from '#crm/kit/kept.ts'
import { externalIdOf, gone } from '#crm/kit/mapping.ts'
import { type PlanRunner, runPlans, type Step } from '#crm/kit/plan.ts'
import { addDays, localDateTime } from '#lib/time.ts'
import { readFacts, toAccountContext } from '#crm/yclients/account-context.ts'
import { createClient } from '#crm/yclients/client.ts'
import type { BranchCursor, PagePosition, Phase, Plan } from '#crm/yclients/cursor.ts'
import { DOCUMENTS, openDocuments } from '#crm/yclients/documents.ts'
import {
  completeChanged,
  type Mapped,
  mapVisits,
  type PullContext,
  SALES,
  storedIds,
  VISITS,
} from '#crm/yclients/feeds.ts'
import { refetchSale, refetchVisit } from '#crm/yclients/fetch-one.ts'
import { advance, BORDER_OVERLAP_MS, CHANGED_WINDOW_MS, isOver, planLive, planWindow } from '#crm/yclients/plan.ts'
import type { Settings } from '#crm/yclients/settings.ts'
import { walk } from '#crm/yclients/walk.ts'

/** A window of days with more pages than this is halved, since deep pages fail. */
const SCAN_PAGES_MAX = 10
/** Sale documents of one step: some seconds of calls, so that a failure costs few of them. */
const DOCUMENTS_MAX = 10

export function pullBranch(
  session: Session<Settings>,
  companyId: string,
  cursor: BranchCursor | null,
  window?: Window,
): AsyncGenerator<Page<BranchCursor>> {
  const client = createClient(session, companyId)
  const documents = openDocuments(client)
  let company = cursor?.company ?? null
  const runner: PlanRunner<Plan, BranchCursor> = {
    make: async (before, period) => {
      company = await keptForDay(session, company, async () => readFacts(client))
      const account = toAccountContext(session, companyId, company)
      return period ? planWindow(period, account) : planLive(before, session, account)
    },
    steps: (plan) => stepsOf({ session, client, documents, account: plan.account }, plan),
    // A branch that has just been asked about itself.
    savesFirst: () => company !== (cursor?.company ?? null),
    isOver,
    madeAt: ({ changedTo }) => Date.parse(changedTo ?? ''),
    cursorDuring: (before, plan) => {
      const { changedTo, rescannedOn, missesDocuments } = before ?? BLANK
      return { changedTo, rescannedOn, missesDocuments, company, plan }
    },
    cursorAfter: ({ changedTo, rescannedOn, missesDocuments }) => ({
      ...{ changedTo, rescannedOn, missesDocuments, company },
      plan: null,
    }),
  }
  return runPlans(session, runner, cursor, window)
}

const BLANK = { changedTo: null, rescannedOn: null, missesDocuments: false }

function stepsOf(context: PullContext, plan: Plan): AsyncGenerator<Step<Plan>> {
  const [phase] = plan.phases
  if (plan.toVerify.length > 0 || !phase) return verifyOne(context, plan)
  return phase.feed === 'changed' ? pullChanged(context, plan, phase) : scan(context, plan, phase)
}

/**
 * One window of the changed feed, page by page. Its end is fixed, so a record that changes meanwhile leaves the window.
 */
async function* pullChanged(context: PullContext, plan: Plan, phase: Phase): AsyncGenerator<Step<Plan>> {
  const { account, client } = context
  const start = Date.parse(phase.from)
  const end = Math.min(start + CHANGED_WINDOW_MS, Date.parse(phase.to))
  const query = {
    changed_after: localDateTime(new Date(start - BORDER_OVERLAP_MS), account.timezone),
    changed_before: localDateTime(new Date(end), account.timezone),
    with_deleted: 1,
    include_finance_transactions: 1,
  }
  let completed = plan.completed
  for await (const page of walk(async (at) => client.records({ ...query, ...at }), plan.position)) {
    const mapped = await mapVisits(context, plan, page.rows)
    const records = yield* withDocuments(context, { ...plan, position: page.at, completed }, mapped)
    const after = page.next
      ? { ...plan, position: page.next, completed: [] }
      : advance(plan, new Date(end).toISOString())
    yield { ...stepOf(context, records, after), skipped: mapped.skipped }
    completed = []
  }
}

/** One window of days, page by page. At its end, stored records that it did not show are noted for verification. */
async function* scan(context: PullContext, plan: Plan, phase: Phase): AsyncGenerator<Step<Plan>> {
  const last = addDays(phase.from, plan.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const feed = phase.feed === 'visits' ? VISITS : SALES
  const shown = new Set(plan.shown)
  const toVerify = new Set(plan.toVerify)
  let completed = plan.completed
  const state = (position: PagePosition | null) => {
    return { ...plan, shown: [...shown], toVerify: [...toVerify], position, completed }
  }
  const query = { start_date: days.from, end_date: days.to }
  for await (const page of walk(async (at) => feed.read(context.client, { ...query, ...at }), plan.position)) {
    const pages = Math.max(page.pages ?? 0, page.number)
    if (pages > SCAN_PAGES_MAX && days.from < days.to) {
      const windowDays = Math.max(Math.floor(plan.windowDays / 2), 1)
      yield { records: [], plan: { ...state(null), completed: [], windowDays, shown: [], total: plan.total + 1 } }
      return
    }
    const [mapped, stored] = await Promise.all([
      feed.map(context, plan, { days, page, before: shown }),
      page.next ? [] : storedIds(context, feed.prefix, days),
    ])
    const records = yield* withDocuments(context, state(page.at), mapped)
    for (const id of mapped.shown) shown.add(id)
    for (const externalId of mapped.toVerify) toVerify.add(externalId)
    completed = []
    for (const externalId of stored) if (!shown.has(externalId.slice(feed.prefix.length))) toVerify.add(externalId)
    const after = page.next ? state(page.next) : advance(state(null), addDays(days.to, 1))
    yield { ...stepOf(context, records, after), skipped: mapped.skipped }
  }
}

/**
 * Reads the sale documents of a page, some for each step. The plan of these steps begins with the same page again, and
 * knows what of it is done. Returns the records of the page's own step: the last of them and those without a document.
 */
async function* withDocuments(
  context: PullContext,
  plan: Plan,
  mapped: Mapped,
): AsyncGenerator<Step<Plan>, readonly MappedRecord[]> {
  const completed = new Set(plan.completed)
  const whole = mapped.records.filter((record) => !completed.has(externalIdOf(record) ?? ''))
  let records: MappedRecord[] = []
  for (const { externalId, read } of mapped.pending.filter((one) => !plan.completed.includes(one.externalId))) {
    if (records.length === DOCUMENTS_MAX) {
      yield stepOf(context, records, { ...plan, completed: [...completed] })
      records = []
    }
    try {
      records.push(await read())
    } catch (failure) {
      if (records.length === 0) throw failure
      yield { ...stepOf(context, records, { ...plan, completed: [...completed] }), failure }
      return []
    }
    completed.add(externalId)
  }
  return [...whole, ...records]
}

/** Reads the first of the records to verify. */
async function* verifyOne(context: PullContext, plan: Plan): AsyncGenerator<Step<Plan>> {
  const [externalId, ...toVerify] = plan.toVerify
  if (externalId === undefined) return
  const record = await (externalId.startsWith('record:')
    ? refetchVisit(context, externalId)
    : refetchSale(context, externalId, async (_branch, id, operations) =>
        completeChanged(context, plan, id, operations),
      ))
  const absent = record.type === 'gone' ? [...plan.gone, externalId] : plan.gone
  const found = record.type === 'gone' || record.type === 'none' ? [] : [record]
  if (toVerify.length > 0) yield stepOf(context, found, { ...plan, toVerify, gone: absent })
  else yield stepOf(context, [...found, ...absent.map((id) => gone(id))], { ...plan, toVerify, gone: [] })
}

/** Documents that were refused are read once they are not, whatever is stored by then. */
function stepOf({ documents }: PullContext, records: readonly MappedRecord[], plan: Plan): Step<Plan> {
  const error = documents.refusal()
  return error
    ? { records, plan: { ...plan, missesDocuments: true }, leftOut: [{ list: DOCUMENTS, error }] }
    : { records, plan, ...(documents.hasAnswered() && { answered: [DOCUMENTS] }) }
}
