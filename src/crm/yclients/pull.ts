// What a sync asks for, in which order, and how nothing is skipped or taken twice on the way.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
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
  type Running,
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

/** A plan so much older than the work at hand was left over from an earlier run. */
const PLAN_AGE_MS = 60_000

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const resumed = cursor?.running ?? null
  const first = resumed ?? (await plan(session, client, cursor, window))
  const ended = yield* workOff(session, client, { running: first, marks: cursor })
  const isLeftOver = Date.parse(resumed?.changedTo ?? '') < session.startedAt.getTime() - PLAN_AGE_MS
  if (isLeftOver) yield* workOff(session, client, { running: await plan(session, client, ended), marks: ended })
}

interface Work {
  readonly running: Running
  /** The cursor that the plan began from: its watermarks hold until the plan is through. */
  readonly marks: Cursor | null
}

/** Works a plan off; the cursor after it. */
async function* workOff(
  session: Session<Settings>,
  client: YclientsClient,
  { running: first, marks }: Work,
): AsyncGenerator<Page<Cursor>, Cursor | null> {
  const before = { version: 1, changedTo: marks?.changedTo ?? null, rescannedOn: marks?.rescannedOn ?? null } as const
  let running = first
  let cursor: Cursor | null = marks
  while (running.phases.length > 0 || running.unclear.length > 0) {
    for await (const step of stepsOf({ session, client, branch: running.branch }, running)) {
      running = step.running
      const isOver = running.phases.length === 0 && running.unclear.length === 0
      cursor = isOver
        ? { version: 1, changedTo: running.changedTo, rescannedOn: running.rescannedOn, running: null }
        : { ...before, running }
      yield { records: step.records, cursor, progress: { done: running.done, total: running.total } }
    }
  }
  return cursor
}

async function plan(
  session: Session<Settings>,
  client: YclientsClient,
  cursor: Cursor | null,
  window?: Window,
): Promise<Running> {
  const branch = await openBranch(session, client)
  if (window) return planWindow(window, branch)
  return planLive(cursor, session, branch)
}

interface Days {
  readonly from: string
  readonly to: string
}

interface Step {
  readonly records: readonly MappedRecord[]
  readonly running: Running
}

function stepsOf(work: Pull, running: Running): AsyncGenerator<Step> {
  const [phase] = running.phases
  if (running.unclear.length > 0 || !phase) return clarify(work, running)
  return phase.feed === 'changed' ? pullChanged(work, running, phase) : scan(work, running, phase)
}

/** One window of the changed feed, page by page; its end is frozen, so a record that changes meanwhile leaves it. */
async function* pullChanged(work: Pull, running: Running, phase: Phase): AsyncGenerator<Step> {
  const { branch, client } = work
  const start = Date.parse(phase.from)
  const end = Math.min(start + CHANGED_WINDOW_MS, Date.parse(phase.to))
  const query = {
    changed_after: localDateTime(new Date(start - BORDER_OVERLAP_MS), branch.timezone),
    changed_before: localDateTime(new Date(end), branch.timezone),
    with_deleted: 1,
    include_finance_transactions: 1,
  }
  for await (const page of walk(async (at) => client.records({ ...query, ...at }), running.place)) {
    const records = page.rows.map((row) => mapVisit(row, branch))
    if (page.next) yield { records, running: { ...running, place: page.next } }
    else yield { records, running: advance(running, new Date(end).toISOString()) }
  }
}

/** One window of days, page by page. At its end it is known which stored records it no longer shows. */
async function* scan(work: Pull, running: Running, phase: Phase): AsyncGenerator<Step> {
  const last = addDays(phase.from, running.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const feed = phase.feed === 'visits' ? VISITS : SALES
  const shown = new Set(running.shown)
  const unclear = new Set(running.unclear)
  const state = () => ({ ...running, shown: [...shown], unclear: [...unclear] })
  for await (const page of walk(async (at) => feed.read(work.client, { ...daysQuery(days), ...at }), running.place)) {
    const pages = Math.max(page.pages ?? 0, page.number)
    if (pages > SCAN_PAGES_MAX && days.from < days.to) {
      const windowDays = Math.max(Math.floor(running.windowDays / 2), 1)
      yield { records: [], running: { ...state(), windowDays, place: null, shown: [], total: running.total + 1 } }
      return
    }
    const mapped = await feed.map(work, days, page, shown)
    for (const id of mapped.shown) shown.add(id)
    for (const externalId of mapped.unclear) unclear.add(externalId)
    if (page.next) {
      yield { records: mapped.records, running: { ...state(), place: page.next } }
    } else {
      for (const externalId of await notShown(work, feed.prefix, days, shown)) unclear.add(externalId)
      yield { records: mapped.records, running: advance(state(), addDays(days.to, 1)) }
    }
  }
}

/** Reads alone the first of what a window left unclear. */
async function* clarify(work: Pull, running: Running): AsyncGenerator<Step> {
  const [externalId, ...unclear] = running.unclear
  if (externalId === undefined) return
  const isVisit = externalId.startsWith('record:')
  const record = await (isVisit ? readVisit(work.client, work.branch, externalId) : readSale(work, externalId))
  const gone = record?.type === 'gone' ? [...running.gone, externalId] : running.gone
  const found = record && record.type !== 'gone' ? [record] : []
  if (unclear.length > 0) yield { records: found, running: { ...running, unclear, gone } }
  else yield { records: [...found, ...gone.map(goneRecord)], running: { ...running, unclear, gone: [] } }
}

function goneRecord(externalId: string): MappedRecord {
  return { type: 'gone', externalId, sourceUpdatedAt: null }
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
    const { unmapped, documents } = groupSales(page.rows)
    const shown = [...documents.keys()]
    const cut = await cutSales(work, days, { page, shown, before })
    const whole = [...documents].filter(([documentId]) => !cut.has(documentId))
    const records = whole.map(([documentId, operations]) => mapSale(documentId, operations, work.branch))
    return { records: [...unmapped, ...records], shown, unclear: [...cut].map((documentId) => `sale:${documentId}`) }
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
  const borders = new Set([...atBorders, ...unreadable].map(documentOf))
  const scope = { from: addDays(days.from, -PART_PAYMENT_DAYS), to: addDays(days.from, -1) }
  const began = new Set(shown.length > 0 ? await held(work, 'sale:', scope, shown) : [])
  return new Set(shown.filter((id) => borders.has(id) || before.has(id) || began.has(`sale:${id}`)))
}

function documentOf(row: unknown): string | null {
  const isObject = typeof row === 'object' && row !== null && 'document_id' in row
  return isObject ? String(row.document_id) : null
}

interface GroupedSales {
  readonly unmapped: readonly MappedRecord[]
  /** Revenue operations by sale document, each once. */
  readonly documents: ReadonlyMap<string, readonly Operation[]>
}

function groupSales(rows: readonly unknown[]): GroupedSales {
  const unmapped: MappedRecord[] = []
  const documents = new Map<string, Operation[]>()
  for (const row of rows) {
    const operation = readOperation(row)
    if ('type' in operation) unmapped.push(operation)
    else if (isSaleRevenue(operation) && !operation.document_id) {
      const externalId = `operation:${operation.id}`
      unmapped.push({ type: 'unmapped', externalId, reason: 'no sale document', raw: row })
    } else if (isSaleRevenue(operation)) {
      const documentId = String(operation.document_id)
      const others = (documents.get(documentId) ?? []).filter(({ id }) => id !== operation.id)
      documents.set(documentId, [...others, operation])
    }
  }
  return { unmapped, documents }
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
  const externalId = record.type === 'transaction' ? record.transaction.externalId : record.externalId
  return externalId?.startsWith(prefix) ? [externalId.slice(prefix.length)] : []
}
