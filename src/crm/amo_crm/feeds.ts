// One step of each feed: a vendor answer, its records, and the plan after it.
import type { MappedRecord } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { CrmError } from '#lib/crm-error.ts'
import { invoiceCatalogOnce } from '#crm/amo_crm/account-context.ts'
import { firstId, ID_ROWS, PAGE_ROWS, readPages, type Rows } from '#crm/amo_crm/client.ts'
import { advance, type Phase, type PagePosition, type Plan, windowEnd } from '#crm/amo_crm/cursor.ts'
import { readOne } from '#crm/amo_crm/fetch-one.ts'
import { readPurchase, toInstant } from '#crm/amo_crm/map.ts'
import { readInvoice } from '#crm/amo_crm/map-invoice.ts'
import { fewerRows } from '#crm/amo_crm/page-size.ts'
import type { PullContext } from '#crm/amo_crm/pull-context.ts'
import { invoiceRecords, leadRecords, purchaseRecords } from '#crm/amo_crm/records.ts'
import { isOff, isRefusedList } from '#crm/amo_crm/refusal.ts'
import { BinnedLead, Event, Stamp } from '#crm/amo_crm/schema.ts'
import { createSideLists, listOf, mainSource } from '#crm/amo_crm/side-lists.ts'
import { walkLeads } from '#crm/amo_crm/walk-leads.ts'

type Step = RunnerStep<Plan>

type StoredPhase = Extract<Phase, { feed: 'stored' }>

/** Single reads in one step. */
const VERIFY_ROWS = 10
const EVENTS = { deleted: 'lead_deleted', restored: 'lead_restored' } as const
/** Of the account's log. */
export const DELETIONS: readonly string[] = Object.values(EVENTS)

export async function stepOf(context: Omit<PullContext, 'sides'>, plan: Plan): Promise<Step> {
  const sides = createSideLists()
  const step = await readStep({ ...context, sides }, plan)
  return { ...step, leftOut: sides.leftOut(), answered: sides.answered() }
}

/** A page that is too much is read again with fewer rows. */
async function readStep(context: PullContext, plan: Plan): Promise<Step> {
  const [phase] = plan.phases
  if (plan.toVerify.length > 0 || !phase) return verifyBatch(context, plan)
  try {
    return await readUnlessRefused(context, plan, phase)
  } catch (error) {
    const position = withFewerRows(error, plan.position, phase)
    if (!position) throw error
    return { records: [], plan: { ...plan, position } }
  }
}

/** Pages of another size begin elsewhere, so they are read from the first again. Null: fewer rows would not help. */
function withFewerRows(error: unknown, position: PagePosition | null, { feed, from }: Phase): PagePosition | null {
  const isByTime = feed === 'leads' || feed === 'closed'
  const at = position ?? { ...FIRST_PAGE, second: from, page: isByTime ? 0 : 1 }
  const rows = feed === 'stored' ? null : fewerRows(error, at.rows)
  if (rows === null) return null
  return { ...at, rows, page: Math.min(at.page, 1), anchorId: at.page > 0 ? null : at.anchorId, firstId: null }
}

const FIRST_PAGE: PagePosition = { second: 0, page: 1, order: 'asc', anchorId: null, firstId: null, rows: PAGE_ROWS }

/** A list beside the main one that the vendor itself refuses, and one that the account does not use, is left out. */
async function readUnlessRefused(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const list = listOf(phase)
  const read = async () => readPhase(context, plan, phase)
  if (list === null) return read()
  const isMain = list === mainSource(context.session.settings)
  const isLeftOut = isMain ? (error: CrmError) => isOff(error) : () => true
  return context.sides.read(list, { records: [], plan: advance(plan) }, read, isLeftOut)
}

async function readPhase(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  if (listOf(phase) === 'purchases' && !context.account.hasCustomers) {
    throw new CrmError('rejected', { reason: 'customers_off' })
  }
  switch (phase.feed) {
    case 'leads':
    case 'closed':
      return leads(context, plan, phase)
    case 'binned':
      return binned(context, plan, phase)
    case 'events':
      return events(context, plan, phase)
    case 'customers':
      return customers(context, plan, phase)
    case 'purchases':
      return purchases(context, plan, phase)
    case 'invoices':
      return invoices(context, plan, phase)
    case 'stored':
      return recheckStored(context, plan, phase)
    default:
      throw new Error(`unknown feed ${String(phase satisfies never)}`)
  }
}

/** Reads each alone; only such a read calls a sale gone. */
async function verifyBatch(context: PullContext, plan: Plan): Promise<Step> {
  const records: MappedRecord[] = []
  for (const externalId of plan.toVerify.slice(0, VERIFY_ROWS)) {
    const record = await readIfShown(context, externalId)
    if (record) records.push(record)
  }
  return { records, plan: { ...plan, toVerify: plan.toVerify.slice(VERIFY_ROWS) } }
}

/** Null also where the user may not see this one: that says nothing about the sale. */
async function readIfShown(context: PullContext, externalId: string): Promise<MappedRecord | null> {
  try {
    const record = await readOne(context, externalId)
    return record.type === 'none' ? null : record
  } catch (error) {
    if (isRefusedList(error)) return null
    throw error
  }
}

async function leads(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const period = { from: phase.from, to: windowEnd(phase) }
  const window =
    phase.feed === 'leads'
      ? { updated: period, closed: null }
      : // A deal has changed when it was closed, or later.
        { updated: { from: period.from, to: plan.plannedAt }, closed: period }
  const { rows, next } = await walkLeads(context.client, window, plan.position)
  const records = await leadRecords(context, rows)
  return { records, plan: next ? { ...plan, position: next } : advance(plan) }
}

/** Deals in the bin; each is marked as deleted. */
async function binned(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.binnedLeads(phase, pageOf(plan))
  const ids = answer.rows.flatMap((row) => BinnedLead.safeParse(row).data?.id ?? [])
  const storedSales = await context.session.storedSales(ids.map((id) => `lead:${id}`))
  const records = [...storedSales]
    .filter(([, { status }]) => status !== 'cancelled')
    .map(([externalId]) => gone(externalId))
  return { records, plan: turn(plan, answer) }
}

/** Deleted and restored deals from the account's log. Those that are stored in the other state are verified. */
async function events(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.events(DELETIONS, phase, pageOf(plan))
  const recent = answer.rows
    .flatMap((row) => Event.safeParse(row).data ?? [])
    .filter((event) => event.created_at >= phase.from)
  const storedSales = await context.session.storedSales(recent.map((event) => `lead:${event.entity_id}`))
  const isOpen = (event: Event) => {
    const known = storedSales.get(`lead:${event.entity_id}`)
    return known && (event.type === EVENTS.deleted ? known.status !== 'cancelled' : known.status === 'cancelled')
  }
  const toVerify = [...new Set(recent.filter(isOpen).map((event) => `lead:${event.entity_id}`))]
  return { records: [], plan: { ...turn(plan, answer), toVerify } }
}

/** Purchases cannot be read by period, so those of changed customers are read. */
async function customers(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.customers(phase, pageOf(plan))
  const changed = answer.rows.flatMap((row) => Stamp.safeParse(row).data ?? [])
  const { rows } = pageOf(plan)
  const found: unknown[] = []
  for (const { id } of changed.filter((stamp) => (stamp.updated_at ?? phase.from) >= phase.from)) {
    found.push(...(await readPages(async (page) => context.client.purchasesOf(id, { page, rows }))))
  }
  return { records: await purchaseRecords(context, found), plan: turn(plan, answer) }
}

async function purchases(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.purchases(pageOf(plan))
  const rows = answer.rows.filter((row) => {
    const purchase = readPurchase(row)
    if ('type' in purchase) return true
    const happenedAt = purchase.completed_at || purchase.created_at || purchase.updated_at || 0
    return isWithin(phase, happenedAt, purchase.updated_at || happenedAt)
  })
  return { records: await purchaseRecords(context, rows), plan: turn(plan, answer) }
}

async function invoices(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.invoices(await invoiceCatalog(context), pageOf(plan))
  const rows = answer.rows.filter((row) => {
    const read = readInvoice(row, context.account)
    return 'type' in read || isWithin(phase, read.paidAt ?? read.changedAt, read.changedAt)
  })
  const hasManyInvoices = plan.position === null ? answer.hasMore : plan.after.hasManyInvoices
  const next = turn({ ...plan, after: { ...plan.after, hasManyInvoices } }, answer)
  return { records: await invoiceRecords(context, rows), plan: next }
}

async function invoiceCatalog({ session }: PullContext): Promise<string> {
  const catalogId = await invoiceCatalogOnce(session)
  if (catalogId === null) throw new CrmError('rejected', { reason: 'no_invoices' })
  return catalogId
}

function isWithin({ from, to }: Phase, happenedAt: number, changedAt: number): boolean {
  return Math.max(happenedAt, changedAt) >= from && happenedAt <= to
}

/** Reads stored sales again by id: finds edits that no feed shows, and sales that are gone. */
async function recheckStored(context: PullContext, plan: Plan, phase: StoredPhase): Promise<Step> {
  const { prefix, from, to } = phase
  const after = plan.position?.anchorId ?? ''
  const all = await context.session.storedIds({ prefix, from: toInstant(from), to: toInstant(to) })
  const batch = all
    .filter((externalId) => externalId > after)
    .toSorted()
    .slice(0, ID_ROWS)
  const last = batch.at(-1)
  if (last === undefined) return { records: [], plan: advance(plan) }
  const ids = batch.map((externalId) => externalId.slice(prefix.length)).filter((id) => /^\d+$/.test(id))
  const { rows, records } = await readStored(context, prefix, ids)
  const shown = new Set(rows.flatMap((row) => Stamp.safeParse(row).data?.id ?? []).map((id) => `${prefix}${id}`))
  const toVerify = batch.filter((externalId) => !shown.has(externalId))
  const [first] = toVerify
  if (first !== undefined && shown.size === 0 && (await readOne(context, first)).type === 'transaction') {
    throw new CrmError('unavailable', { reason: 'inconsistent', params: { area: prefix.slice(0, -1) } })
  }
  const position = { ...FIRST_PAGE, page: 0, anchorId: last }
  return { records, plan: { ...plan, position, toVerify } }
}

async function readStored(context: PullContext, prefix: StoredPhase['prefix'], ids: readonly string[]) {
  const { client } = context
  const read: Readonly<Record<typeof prefix, () => Promise<readonly [readonly unknown[], typeof leadRecords]>>> = {
    'lead:': async () => [await client.leadsById(ids), leadRecords],
    'purchase:': async () => [await client.purchasesById(ids), purchaseRecords],
    'invoice:': async () => [await client.invoicesById(await invoiceCatalog(context), ids), invoiceRecords],
  }
  const [rows, toRecords] = await read[prefix]()
  return { rows, records: await toRecords(context, rows) }
}

function pageOf({ position }: Plan): PagePosition {
  return position ?? FIRST_PAGE
}

/** The plan after a page. The feed ends with the last page, and where the same page or the first one comes again. */
function turn(plan: Plan, answer: Rows): Plan {
  const first = firstId(answer)
  const before = plan.position
  const isAgain = before !== null && (first === before.anchorId || first === before.firstId)
  if (!answer.hasMore || answer.rows.length === 0 || isAgain) return advance(plan)
  const { page, rows } = pageOf(plan)
  return {
    ...plan,
    position: { ...FIRST_PAGE, page: page + 1, anchorId: first, firstId: before?.firstId ?? first, rows },
  }
}
