// What a sync reads, in which order, and how it neither skips a record nor takes one twice.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { externalIdOf, gone, idIn, unmapped } from '#crm/kit/mapping.ts'
import { type PlanRunner, runPlans, type Step } from '#crm/kit/plan.ts'
import { addDays, localDateTime, zonedToUtc } from '#lib/time.ts'
import { openAccount } from '#crm/yclients/account-context.ts'
import { createClient, type Query, type Rows, type YclientsClient } from '#crm/yclients/client.ts'
import {
  advance,
  BORDER_OVERLAP_MS,
  type AccountContext,
  CHANGED_WINDOW_MS,
  type Cursor,
  type Phase,
  planLive,
  planWindow,
  type Plan,
} from '#crm/yclients/cursor.ts'
import { readVisit, readSale } from '#crm/yclients/fetch-one.ts'
import { isSaleRevenue, mapSale, mapVisit, readOperation } from '#crm/yclients/map.ts'
import type { Settings } from '#crm/yclients/settings.ts'
import type { Operation } from '#crm/yclients/schema.ts'
import { walk, type WalkedPage } from '#crm/yclients/walk.ts'

/** A window of days with more pages than this is halved, since deep pages fail. */
const SCAN_PAGES_MAX = 10

/** The longest time over which a sale is assumed to be paid in parts. */
const PART_PAYMENT_DAYS = 365

interface PullContext {
  readonly session: Session<Settings>
  readonly client: YclientsClient
  readonly account: AccountContext
}

export function pull(session: Session<Settings>, cursor: Cursor | null, window?: Window): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      const account = await openAccount(session, client)
      return period ? planWindow(period, account) : planLive(before, session, account)
    },
    steps: (plan) => stepsOf({ session, client, account: plan.account }, plan),
    isOver: ({ phases, toVerify }) => phases.length + toVerify.length === 0,
    madeAt: ({ changedTo }) => Date.parse(changedTo ?? ''),
    cursorDuring: (before, plan) => {
      const { changedTo, rescannedOn } = before ?? { changedTo: null, rescannedOn: null }
      return { version: 1, changedTo, rescannedOn, plan }
    },
    cursorAfter: ({ changedTo, rescannedOn }) => ({ version: 1, changedTo, rescannedOn, plan: null }),
  }
  return runPlans(session, runner, cursor, window)
}

interface Days {
  readonly from: string
  readonly to: string
}

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
  for await (const page of walk(async (at) => client.records({ ...query, ...at }), plan.position)) {
    const records = page.rows.map((row) => mapVisit(row, account))
    if (page.next) yield { records, plan: { ...plan, position: page.next } }
    else yield { records, plan: advance(plan, new Date(end).toISOString()) }
  }
}

/** One window of days, page by page. At its end, stored records that it did not show are noted for verification. */
async function* scan(context: PullContext, plan: Plan, phase: Phase): AsyncGenerator<Step<Plan>> {
  const last = addDays(phase.from, plan.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const feed = phase.feed === 'visits' ? VISITS : SALES
  const shown = new Set(plan.shown)
  const toVerify = new Set(plan.toVerify)
  const state = () => ({ ...plan, shown: [...shown], toVerify: [...toVerify] })
  for await (const page of walk(
    async (at) => feed.read(context.client, { ...daysQuery(days), ...at }),
    plan.position,
  )) {
    const pages = Math.max(page.pages ?? 0, page.number)
    if (pages > SCAN_PAGES_MAX && days.from < days.to) {
      const windowDays = Math.max(Math.floor(plan.windowDays / 2), 1)
      yield { records: [], plan: { ...state(), windowDays, position: null, shown: [], total: plan.total + 1 } }
      return
    }
    const mapped = await feed.map(context, days, page, shown)
    for (const id of mapped.shown) shown.add(id)
    for (const externalId of mapped.toVerify) toVerify.add(externalId)
    if (page.next) {
      yield { records: mapped.records, plan: { ...state(), position: page.next } }
    } else {
      for (const externalId of await notShown(context, feed.prefix, days, shown)) toVerify.add(externalId)
      yield { records: mapped.records, plan: advance(state(), addDays(days.to, 1)) }
    }
  }
}

/** Reads the first of the records to verify. */
async function* verifyOne(context: PullContext, plan: Plan): AsyncGenerator<Step<Plan>> {
  const [externalId, ...toVerify] = plan.toVerify
  if (externalId === undefined) return
  const isVisit = externalId.startsWith('record:')
  const record = await (isVisit
    ? readVisit(context.client, context.account, externalId)
    : readSale(context, externalId))
  const absent = record?.type === 'gone' ? [...plan.gone, externalId] : plan.gone
  const found = record && record.type !== 'gone' ? [record] : []
  if (toVerify.length > 0) yield { records: found, plan: { ...plan, toVerify, gone: absent } }
  else yield { records: [...found, ...absent.map(gone)], plan: { ...plan, toVerify, gone: [] } }
}

function daysQuery({ from, to }: Days): Query {
  return { start_date: from, end_date: to }
}

interface Mapped {
  readonly records: readonly MappedRecord[]
  /** Vendor ids, without the prefix. */
  readonly shown: readonly string[]
  readonly toVerify: readonly string[]
}

interface Feed {
  readonly prefix: 'record:' | 'sale:'
  readonly read: (client: YclientsClient, query: Query) => Promise<Rows>
  readonly map: (context: PullContext, days: Days, page: WalkedPage, shown: ReadonlySet<string>) => Promise<Mapped>
}

const VISITS: Feed = {
  prefix: 'record:',
  read: async (client, query) => client.records({ ...query, with_deleted: 1, include_finance_transactions: 1 }),
  map: async ({ account }, _days, page) => {
    const records = page.rows.map((row) => mapVisit(row, account))
    return { records, shown: records.flatMap((record) => idOf(record, 'record:')), toVerify: [] }
  },
}

const SALES: Feed = {
  prefix: 'sale:',
  read: async (client, query) => client.transactions(query),
  map: async (context, days, page, before) => {
    const { unreadable, documents } = groupSales(page.rows)
    const shown = [...documents.keys()]
    const incomplete = await incompleteSales(context, days, { page, shown, before })
    const whole = [...documents].filter(([documentId]) => !incomplete.has(documentId))
    const records = whole.map(([documentId, operations]) => mapSale(documentId, operations, context.account))
    return {
      records: [...unreadable, ...records],
      shown,
      toVerify: [...incomplete].map((documentId) => `sale:${documentId}`),
    }
  },
}

interface Shown {
  readonly page: WalkedPage
  readonly shown: readonly string[]
  readonly before: ReadonlySet<string>
}

/**
 * Sales that one page does not show completely: they continue beyond its borders, were on an earlier page, began before
 * the window, or have an operation that cannot be read.
 */
async function incompleteSales(
  context: PullContext,
  days: Days,
  { page, shown, before }: Shown,
): Promise<ReadonlySet<string>> {
  const unreadable = page.rows.filter((row) => 'type' in readOperation(row))
  const atBorders = [page.number > 1 ? page.rows[0] : null, page.next ? page.rows.at(-1) : null]
  const borders = new Set([...atBorders, ...unreadable].map((row) => idIn(row, 'document_id')))
  const scope = { from: addDays(days.from, -PART_PAYMENT_DAYS), to: addDays(days.from, -1) }
  const begunBefore = new Set(shown.length > 0 ? await storedIds(context, 'sale:', scope, shown) : [])
  return new Set(shown.filter((id) => borders.has(id) || before.has(id) || begunBefore.has(`sale:${id}`)))
}

interface GroupedSales {
  readonly unreadable: readonly MappedRecord[]
  /** Revenue operations by sale document, without duplicates. */
  readonly documents: ReadonlyMap<string, readonly Operation[]>
}

function groupSales(rows: readonly unknown[]): GroupedSales {
  const unreadable: MappedRecord[] = []
  const documents = new Map<string, Operation[]>()
  for (const row of rows) {
    const operation = readOperation(row)
    if ('type' in operation) unreadable.push(operation)
    else if (isSaleRevenue(operation) && !operation.document_id) {
      unreadable.push(unmapped(`operation:${operation.id}`, 'no sale document', row))
    } else if (isSaleRevenue(operation)) {
      const documentId = String(operation.document_id)
      const others = (documents.get(documentId) ?? []).filter(({ id }) => id !== operation.id)
      documents.set(documentId, [...others, operation])
    }
  }
  return { unreadable, documents }
}

/** Stored records of a window that a complete scan of it did not show. */
async function notShown(
  context: PullContext,
  prefix: string,
  days: Days,
  shown: ReadonlySet<string>,
): Promise<readonly string[]> {
  return (await storedIds(context, prefix, days)).filter((externalId) => !shown.has(externalId.slice(prefix.length)))
}

async function storedIds(
  context: PullContext,
  prefix: string,
  days: Days,
  ids?: readonly string[],
): Promise<readonly string[]> {
  const { session, account } = context
  const at = (local: string) => zonedToUtc(local, account.timezone)
  const period = { from: at(`${days.from} 00:00:00`), to: at(`${days.to} 23:59:59`) }
  return session.storedIds({ prefix, ...period, ...(ids && { among: ids.map((id) => `${prefix}${id}`) }) })
}

function idOf(record: MappedRecord, prefix: string): string[] {
  const externalId = externalIdOf(record)
  return externalId?.startsWith(prefix) ? [externalId.slice(prefix.length)] : []
}
