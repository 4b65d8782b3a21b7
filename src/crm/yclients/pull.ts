// What a sync asks for, in which order, and how nothing is skipped or taken twice on the way.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { addDays, localDateTime, zonedToUtc } from '#lib/time.ts'
import { openBranch } from '#crm/yclients/branch.ts'
import { createClient, type YclientsClient } from '#crm/yclients/client.ts'
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
import { walk } from '#crm/yclients/walk.ts'

/** More pages than this in one window of days: the window is halved instead, so that a failure costs few requests. */
const SCAN_PAGES_MAX = 3

interface Pull {
  readonly session: Session<Settings>
  readonly client: YclientsClient
  readonly branch: Branch
}

export async function* pull(
  session: Session<Settings>,
  cursor: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const client = createClient(session)
  const marks = { version: 1, changedTo: cursor?.changedTo ?? null, rescannedOn: cursor?.rescannedOn ?? null } as const
  let running = cursor?.running ?? (await plan(session, client, cursor, window))
  const work = { session, client, branch: running.branch }
  while (running.phases.length > 0 || running.unclear.length > 0) {
    for await (const step of stepsOf(work, running)) {
      running = step.running
      const isOver = running.phases.length === 0 && running.unclear.length === 0
      const next: Cursor = isOver
        ? { version: 1, changedTo: running.changedTo, rescannedOn: running.rescannedOn, running: null }
        : { ...marks, running }
      yield { records: step.records, cursor: next, progress: { done: running.done, total: running.total } }
    }
  }
}

async function plan(
  session: Session<Settings>,
  client: YclientsClient,
  cursor: Cursor | null,
  window: Window | undefined,
): Promise<Running> {
  const branch = await openBranch(session, client)
  if (window) return planWindow(window, branch)
  return planLive(cursor, session.clock.now(), branch, session.settings.initialDays)
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

interface Scanned {
  readonly records: readonly MappedRecord[]
  readonly unclear: readonly string[]
}

/** One window of days, whole: only then is it known which records it no longer shows. */
async function* scan(work: Pull, running: Running, phase: Phase): AsyncGenerator<Step> {
  const last = addDays(phase.from, running.windowDays - 1)
  const to = last < phase.to ? last : phase.to
  const days = { from: phase.from, to }
  const scanned = await (phase.feed === 'visits' ? scanVisits(work, days) : scanSales(work, days))
  if (scanned === 'too_long') {
    const windowDays = Math.max(Math.floor(running.windowDays / 2), 1)
    yield { records: [], running: { ...running, windowDays, total: running.total + 1 } }
    return
  }
  const { records, unclear } = scanned
  yield { records, running: { ...advance(running, addDays(to, 1)), unclear: [...unclear] } }
}

/** Reads alone the first of what a window left unclear. */
async function* clarify(work: Pull, running: Running): AsyncGenerator<Step> {
  const [externalId, ...unclear] = running.unclear
  if (externalId === undefined) return
  const isVisit = externalId.startsWith('record:')
  const record = await (isVisit ? readVisit(work.client, work.branch, externalId) : readSale(work, externalId))
  yield { records: record ? [record] : [], running: { ...running, unclear } }
}

interface Days {
  readonly from: string
  readonly to: string
}

async function scanVisits(work: Pull, days: Days): Promise<Scanned | 'too_long'> {
  const { branch, client } = work
  const query = { start_date: days.from, end_date: days.to, with_deleted: 1, include_finance_transactions: 1 }
  const rows = await readWindow(async (at) => client.records({ ...query, ...at }), days)
  if (rows === 'too_long') return rows
  const records = rows.map((row) => mapVisit(row, branch))
  return { records, unclear: await notShown(work, 'record:', days, new Set(records.map(externalIdOf))) }
}

async function scanSales(work: Pull, days: Days): Promise<Scanned | 'too_long'> {
  const { branch, client } = work
  const query = { start_date: days.from, end_date: days.to }
  const rows = await readWindow(async (at) => client.transactions({ ...query, ...at }), days)
  if (rows === 'too_long') return rows
  const { unmapped, documents } = groupSales(rows)
  // A sale paid on several days lies in several windows; one that began before this window is read whole.
  const began = { from: addDays(days.from, -365), to: addDays(days.from, -1) }
  const earlier = documents.size > 0 ? new Set(await held(work, 'sale:', began)) : new Set()
  const shown = new Set([...documents.keys()].map((documentId) => `sale:${documentId}`))
  const sales = [...documents]
    .filter(([documentId]) => !earlier.has(`sale:${documentId}`))
    .map(([documentId, operations]) => mapSale(documentId, operations, branch))
  const missing = await notShown(work, 'sale:', days, shown)
  return { records: [...unmapped, ...sales], unclear: [...shown].filter((id) => earlier.has(id)).concat(missing) }
}

/** All rows of a window of days; too long when they are more than a failure may cost and the window can be halved. */
async function readWindow(read: Parameters<typeof walk>[0], days: Days): Promise<readonly unknown[] | 'too_long'> {
  const rows: unknown[] = []
  let pages = 0
  for await (const page of walk(read, null)) {
    pages += 1
    if (Math.max(pages, page.pages ?? 0) > SCAN_PAGES_MAX && days.from < days.to) return 'too_long'
    rows.push(...page.rows)
  }
  return rows
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
  shown: ReadonlySet<string | null>,
): Promise<readonly string[]> {
  return (await held(work, prefix, days)).filter((externalId) => !shown.has(externalId))
}

async function held({ session, branch }: Pull, prefix: string, days: Days): Promise<readonly string[]> {
  const at = (local: string) => zonedToUtc(local, branch.timezone)
  return session.held({ prefix, from: at(`${days.from} 00:00:00`), to: at(`${days.to} 23:59:59`) })
}

function externalIdOf(record: MappedRecord): string | null {
  return record.type === 'transaction' ? record.transaction.externalId : record.externalId
}
