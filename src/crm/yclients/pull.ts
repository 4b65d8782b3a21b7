// What a sync asks for, in which order, and how nothing is skipped or taken twice on the way.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { externalIdOf, gone, idIn, unmapped } from '#crm/kit/mapping.ts'
import { type PlanRunner, runPlans, type Step } from '#crm/kit/plan.ts'
import { addDays, localDateTime, zonedToUtc } from '#lib/time.ts'
import { openBranch } from '#crm/yclients/account-context.ts'
import { createClient, type Query, type Rows, type YclientsClient } from '#crm/yclients/client.ts'
import {
  advance,
  BORDER_OVERLAP_MS,
  type Branch,
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

/** More pages than this in one window of days: the window is halved instead, since deep pages fail. */
const SCAN_PAGES_MAX = 10

/** How long a sale is paid in parts at most. */
const PART_PAYMENT_DAYS = 365

interface Pull {
  readonly session: Session<Settings>
  readonly client: YclientsClient
  readonly branch: Branch
}

export function pull(session: Session<Settings>, cursor: Cursor | null, window?: Window): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const runner: PlanRunner<Plan, Cursor> = {
    make: async (before, period) => {
      const branch = await openBranch(session, client)
      return period ? planWindow(period, branch) : planLive(before, session, branch)
    },
    steps: (plan) => stepsOf({ session, client, branch: plan.branch }, plan),
    isOver: ({ phases, unclear }) => phases.length + unclear.length === 0,
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

function stepsOf(work: Pull, plan: Plan): AsyncGenerator<Step<Plan>> {
  const [phase] = plan.phases
  if (plan.unclear.length > 0 || !phase) return clarify(work, plan)
  return phase.feed === 'changed' ? pullChanged(work, plan, phase) : scan(work, plan, phase)
}

/** One window of the changed feed, page by page; its end is frozen, so a record that changes meanwhile leaves it. */
async function* pullChanged(work: Pull, plan: Plan, phase: Phase): AsyncGenerator<Step<Plan>> {
  const { branch, client } = work
  const start = Date.parse(phase.from)
  const end = Math.min(start + CHANGED_WINDOW_MS, Date.parse(phase.to))
  const query = {
    changed_after: localDateTime(new Date(start - BORDER_OVERLAP_MS), branch.timezone),
    changed_before: localDateTime(new Date(end), branch.timezone),
    with_deleted: 1,
    include_finance_transactions: 1,
  }
  for await (const page of walk(async (at) => client.records({ ...query, ...at }), plan.place)) {
    const records = page.rows.map((row) => mapVisit(row, branch))
    if (page.next) yield { records, plan: { ...plan, place: page.next } }
    else yield { records, plan: advance(plan, new Date(end).toISOString()) }
  }
}

/** One window of days, page by page. At its end it is known which stored records it no longer shows. */
async function* scan(work: Pull, plan: Plan, phase: Phase): AsyncGenerator<Step<Plan>> {
  const last = addDays(phase.from, plan.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const feed = phase.feed === 'visits' ? VISITS : SALES
  const shown = new Set(plan.shown)
  const unclear = new Set(plan.unclear)
  const state = () => ({ ...plan, shown: [...shown], unclear: [...unclear] })
  for await (const page of walk(async (at) => feed.read(work.client, { ...daysQuery(days), ...at }), plan.place)) {
    const pages = Math.max(page.pages ?? 0, page.number)
    if (pages > SCAN_PAGES_MAX && days.from < days.to) {
      const windowDays = Math.max(Math.floor(plan.windowDays / 2), 1)
      yield { records: [], plan: { ...state(), windowDays, place: null, shown: [], total: plan.total + 1 } }
      return
    }
    const mapped = await feed.map(work, days, page, shown)
    for (const id of mapped.shown) shown.add(id)
    for (const externalId of mapped.unclear) unclear.add(externalId)
    if (page.next) {
      yield { records: mapped.records, plan: { ...state(), place: page.next } }
    } else {
      for (const externalId of await notShown(work, feed.prefix, days, shown)) unclear.add(externalId)
      yield { records: mapped.records, plan: advance(state(), addDays(days.to, 1)) }
    }
  }
}

/** Reads alone the first of what a window left unclear. */
async function* clarify(work: Pull, plan: Plan): AsyncGenerator<Step<Plan>> {
  const [externalId, ...unclear] = plan.unclear
  if (externalId === undefined) return
  const isVisit = externalId.startsWith('record:')
  const record = await (isVisit ? readVisit(work.client, work.branch, externalId) : readSale(work, externalId))
  const absent = record?.type === 'gone' ? [...plan.gone, externalId] : plan.gone
  const found = record && record.type !== 'gone' ? [record] : []
  if (unclear.length > 0) yield { records: found, plan: { ...plan, unclear, gone: absent } }
  else yield { records: [...found, ...absent.map(gone)], plan: { ...plan, unclear, gone: [] } }
}

function daysQuery({ from, to }: Days): Query {
  return { start_date: from, end_date: to }
}

interface Mapped {
  readonly records: readonly MappedRecord[]
  /** Vendor ids, without the prefix. */
  readonly shown: readonly string[]
  readonly unclear: readonly string[]
}

interface Feed {
  readonly prefix: 'record:' | 'sale:'
  readonly read: (client: YclientsClient, query: Query) => Promise<Rows>
  readonly map: (work: Pull, days: Days, page: WalkedPage, shown: ReadonlySet<string>) => Promise<Mapped>
}

const VISITS: Feed = {
  prefix: 'record:',
  read: async (client, query) => client.records({ ...query, with_deleted: 1, include_finance_transactions: 1 }),
  map: async ({ branch }, _days, page) => {
    const records = page.rows.map((row) => mapVisit(row, branch))
    return { records, shown: records.flatMap((record) => idOf(record, 'record:')), unclear: [] }
  },
}

const SALES: Feed = {
  prefix: 'sale:',
  read: async (client, query) => client.transactions(query),
  map: async (work, days, page, before) => {
    const { unreadable, documents } = groupSales(page.rows)
    const shown = [...documents.keys()]
    const cut = await cutSales(work, days, { page, shown, before })
    const whole = [...documents].filter(([documentId]) => !cut.has(documentId))
    const records = whole.map(([documentId, operations]) => mapSale(documentId, operations, work.branch))
    return { records: [...unreadable, ...records], shown, unclear: [...cut].map((documentId) => `sale:${documentId}`) }
  },
}

interface Shown {
  readonly page: WalkedPage
  readonly shown: readonly string[]
  readonly before: ReadonlySet<string>
}

/**
 * Sales that this page alone does not tell: they may go on beyond its borders, were on an earlier page, began before the
 * window, or have an operation that cannot be read.
 */
async function cutSales(work: Pull, days: Days, { page, shown, before }: Shown): Promise<ReadonlySet<string>> {
  const unreadable = page.rows.filter((row) => 'type' in readOperation(row))
  const atBorders = [page.number > 1 ? page.rows[0] : null, page.next ? page.rows.at(-1) : null]
  const borders = new Set([...atBorders, ...unreadable].map((row) => idIn(row, 'document_id')))
  const scope = { from: addDays(days.from, -PART_PAYMENT_DAYS), to: addDays(days.from, -1) }
  const began = new Set(shown.length > 0 ? await held(work, 'sale:', scope, shown) : [])
  return new Set(shown.filter((id) => borders.has(id) || before.has(id) || began.has(`sale:${id}`)))
}

interface GroupedSales {
  readonly unreadable: readonly MappedRecord[]
  /** Revenue operations by sale document, each once. */
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
  work: Pull,
  prefix: string,
  days: Days,
  shown: ReadonlySet<string>,
): Promise<readonly string[]> {
  return (await held(work, prefix, days)).filter((externalId) => !shown.has(externalId.slice(prefix.length)))
}

async function held(work: Pull, prefix: string, days: Days, ids?: readonly string[]): Promise<readonly string[]> {
  const { session, branch } = work
  const at = (local: string) => zonedToUtc(local, branch.timezone)
  const period = { from: at(`${days.from} 00:00:00`), to: at(`${days.to} 23:59:59`) }
  return session.storedIds({ prefix, ...period, ...(ids && { among: ids.map((id) => `${prefix}${id}`) }) })
}

function idOf(record: MappedRecord, prefix: string): string[] {
  const externalId = externalIdOf(record)
  return externalId?.startsWith(prefix) ? [externalId.slice(prefix.length)] : []
}
