// One step of each feed: a vendor answer, its records, and the plan after it.
import type { MappedRecord } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import type { Step as RunnerStep } from '#crm/kit/plan.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isTooLarge } from '#lib/egress.ts'
import { ID_ROWS, PAGE_ROWS, type Rows } from '#crm/amo_crm/client.ts'
import { advance, type Phase, type PagePosition, type Plan, windowEnd } from '#crm/amo_crm/cursor.ts'
import { readOne } from '#crm/amo_crm/fetch-one.ts'
import { readInvoice, readPurchase, toInstant } from '#crm/amo_crm/map.ts'
import { invoiceRecords, leadRecords, purchaseRecords, type PullContext } from '#crm/amo_crm/records.ts'
import { BinnedLead, Event, Stamp } from '#crm/amo_crm/schema.ts'
import { firstId, walkLeads } from '#crm/amo_crm/walk-leads.ts'

type Step = RunnerStep<Plan>

type StoredPhase = Extract<Phase, { feed: 'stored' }>

/** Single reads in one step. */
const VERIFY_ROWS = 10
const EVENTS = { deleted: 'lead_deleted', restored: 'lead_restored' } as const

/** A page that is too large is read in halves. */
export async function stepOf(context: PullContext, plan: Plan): Promise<Step> {
  const [phase] = plan.phases
  if (plan.toVerify.length > 0 || !phase) return verifyBatch(context, plan)
  try {
    return await readPhase(context, plan, phase)
  } catch (error) {
    const position = isTooLarge(error) ? withFewerRows(plan.position, phase) : null
    if (!position) throw error
    return { records: [], plan: { ...plan, position } }
  }
}

/** Pages of another size begin elsewhere, so they are read from the first again. Null: one row is too large. */
function withFewerRows(position: PagePosition | null, { feed, from }: Phase): PagePosition | null {
  const isByTime = feed === 'leads' || feed === 'closed'
  const { second, page, order, anchorId, rows } = position ?? { ...FIRST_PAGE, second: from, page: isByTime ? 0 : 1 }
  if (rows === 1 || feed === 'stored') return null
  return { second, order, rows: Math.floor(rows / 2), page: Math.min(page, 1), anchorId: page > 0 ? null : anchorId }
}

const FIRST_PAGE: PagePosition = { second: 0, page: 1, order: 'asc', anchorId: null, rows: PAGE_ROWS }

async function readPhase(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
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
    const record = await readOne(context, externalId)
    if (record) records.push(record)
  }
  return { records, plan: { ...plan, toVerify: plan.toVerify.slice(VERIFY_ROWS) } }
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
  const answer = await context.client.events(Object.values(EVENTS), phase, pageOf(plan))
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
    for (let page = 1, more = true; more; page += 1) {
      const purchases = await context.client.purchasesOf(id, { page, rows })
      found.push(...purchases.rows)
      more = purchases.hasMore && purchases.rows.length > 0 && page < PURCHASE_PAGES_MAX
    }
  }
  return { records: await purchaseRecords(context, found), plan: turn(plan, answer) }
}

const PURCHASE_PAGES_MAX = 20

async function purchases(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.purchases(pageOf(plan))
  const rows = answer.rows.filter((row) => {
    const purchase = readPurchase(row)
    if ('type' in purchase) return true
    const happenedAt = purchase.completed_at || purchase.created_at
    return isWithin(phase, happenedAt, purchase.updated_at ?? happenedAt)
  })
  return { records: await purchaseRecords(context, rows), plan: turn(plan, answer) }
}

async function invoices(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const answer = await context.client.invoices(context.account.catalogId ?? '', pageOf(plan))
  const rows = answer.rows.filter((row) => {
    const read = readInvoice(row)
    if ('type' in read) return true
    return isWithin(phase, read.paidAt ?? read.invoice.updated_at, read.invoice.updated_at)
  })
  return { records: await invoiceRecords(context, rows), plan: turn(plan, answer) }
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
  const { rows, records } = await readStored(
    context,
    prefix,
    batch.map((externalId) => externalId.slice(prefix.length)),
  )
  const shown = new Set(rows.flatMap((row) => Stamp.safeParse(row).data?.id ?? []).map((id) => `${prefix}${id}`))
  const toVerify = batch.filter((externalId) => !shown.has(externalId))
  const [first] = toVerify
  if (first !== undefined && shown.size === 0 && (await readOne(context, first))?.type === 'transaction') {
    throw new CrmError('unavailable', { reason: 'inconsistent', params: { area: prefix.slice(0, -1) } })
  }
  const position = { ...FIRST_PAGE, page: 0, anchorId: last }
  return { records, plan: { ...plan, position, toVerify } }
}

async function readStored(context: PullContext, prefix: StoredPhase['prefix'], ids: readonly string[]) {
  const { client, account } = context
  const read: Readonly<Record<typeof prefix, () => Promise<readonly [readonly unknown[], typeof leadRecords]>>> = {
    'lead:': async () => [await client.leadsById(ids), leadRecords],
    'purchase:': async () => [await client.purchasesById(ids), purchaseRecords],
    'invoice:': async () => [await client.invoicesById(account.catalogId ?? '', ids), invoiceRecords],
  }
  const [rows, toRecords] = await read[prefix]()
  return { rows, records: await toRecords(context, rows) }
}

function pageOf({ position }: Plan): PagePosition {
  return position ?? FIRST_PAGE
}

/** The plan after a page. The feed ends with the last page, and with a server that sends the same page again. */
function turn(plan: Plan, answer: Rows): Plan {
  const first = firstId(answer) ?? JSON.stringify(answer.rows[0] ?? null)
  const isOver = !answer.hasMore || answer.rows.length === 0 || first === plan.position?.anchorId
  if (isOver) return advance(plan)
  const { page, rows } = pageOf(plan)
  return { ...plan, position: { ...FIRST_PAGE, page: page + 1, anchorId: first, rows } }
}
