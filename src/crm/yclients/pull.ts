// What a sync asks for, in which order, and how nothing is skipped or taken twice on the way.
import type { MappedRecord, Page, Session, Window } from '#crm/contract.ts'
import { addDays, localDateTime, zonedToUtc } from '#lib/time.ts'
import { openBranch } from '#crm/yclients/branch.ts'
import { createClient, type YclientsClient } from '#crm/yclients/client.ts'
import {
  advance,
  BORDER_OVERLAP_MS,
  CHANGED_WINDOW_MS,
  type Cursor,
  type Phase,
  planLive,
  planWindow,
  type Running,
} from '#crm/yclients/cursor.ts'
import { readVisit, readSale } from '#crm/yclients/fetch-one.ts'
import { type Branch, isSaleRevenue, mapSale, mapVisit, readOperation } from '#crm/yclients/map.ts'
import type { Settings } from '#crm/yclients/settings.ts'
import type { Operation } from '#crm/yclients/schema.ts'
import { walk } from '#crm/yclients/walk.ts'

/** More pages than this in one window of days: the window is halved instead. */
const SCAN_PAGES_MAX = 10

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
  const branch = await openBranch(session, client)
  const now = session.clock.now()
  const marks = { version: 1, changedTo: cursor?.changedTo ?? null, rescannedOn: cursor?.rescannedOn ?? null } as const
  let running =
    cursor?.running ??
    (window
      ? planWindow(window, branch.timezone)
      : planLive(cursor, now, branch.timezone, session.settings.initialDays))
  const work = { session, client, branch }
  for (;;) {
    const [phase] = running.phases
    if (!phase) return
    const steps = phase.feed === 'changed' ? pullChanged(work, running, phase) : scan(work, running, phase)
    for await (const step of steps) {
      running = step.running
      const isOver = running.phases.length === 0
      const next: Cursor = isOver
        ? { version: 1, changedTo: running.changedTo, rescannedOn: running.rescannedOn, running: null }
        : { ...marks, running }
      yield { records: step.records, cursor: next, progress: { done: running.done, total: running.total } }
    }
  }
}

interface Step {
  readonly records: readonly MappedRecord[]
  readonly running: Running
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

/** One window of days, whole: only then is it known which records it no longer shows. */
async function* scan(work: Pull, running: Running, phase: Phase): AsyncGenerator<Step> {
  const last = addDays(phase.from, running.windowDays - 1)
  const to = last < phase.to ? last : phase.to
  const days = { from: phase.from, to }
  const records = await (phase.feed === 'visits' ? scanVisits(work, days) : scanSales(work, days))
  if (records === 'too_long' && days.from < days.to) {
    yield {
      records: [],
      running: { ...running, windowDays: Math.max(Math.floor(running.windowDays / 2), 1), total: running.total + 1 },
    }
    return
  }
  yield { records: records === 'too_long' ? [] : records, running: advance(running, addDays(to, 1)) }
}

interface Days {
  readonly from: string
  readonly to: string
}

async function scanVisits(work: Pull, days: Days): Promise<readonly MappedRecord[] | 'too_long'> {
  const { branch, client } = work
  const query = { start_date: days.from, end_date: days.to, with_deleted: 1, include_finance_transactions: 1 }
  const records: MappedRecord[] = []
  for await (const page of walk(async (at) => client.records({ ...query, ...at }), null)) {
    if (page.pages !== null && page.pages > SCAN_PAGES_MAX && days.from < days.to) return 'too_long'
    records.push(...page.rows.map((row) => mapVisit(row, branch)))
  }
  const vanished = await notShown(work, 'record:', days, new Set(records.map(externalIdOf)))
  for (const externalId of vanished) records.push(await readVisit(client, branch, externalId))
  return records
}

async function scanSales(work: Pull, days: Days): Promise<readonly MappedRecord[]> {
  const { branch, client } = work
  const records: MappedRecord[] = []
  const documents = new Map<string, Operation[]>()
  for await (const page of walk(
    async (at) => client.transactions({ start_date: days.from, end_date: days.to, ...at }),
    null,
  )) {
    for (const row of page.rows) {
      const operation = readOperation(row)
      if ('type' in operation) records.push(operation)
      else if (isSaleRevenue(operation)) {
        if (!operation.document_id) {
          records.push({
            type: 'unmapped',
            externalId: `operation:${operation.id}`,
            reason: 'no sale document',
            raw: row,
          })
          continue
        }
        const documentId = String(operation.document_id)
        const others = (documents.get(documentId) ?? []).filter(({ id }) => id !== operation.id)
        documents.set(documentId, [...others, operation])
      }
    }
  }
  // A sale paid on several days lies in several windows; one that began before this window is read whole.
  const began = { from: addDays(days.from, -365), to: addDays(days.from, -1) }
  const earlier = documents.size > 0 ? new Set(await held(work, 'sale:', began)) : new Set()
  for (const [documentId, operations] of documents) {
    const externalId = `sale:${documentId}`
    const sale = earlier.has(externalId) ? await readSale(work, externalId) : mapSale(documentId, operations, branch)
    if (sale) records.push(sale)
  }
  const shown = new Set([...documents.keys()].map((documentId) => `sale:${documentId}`))
  for (const externalId of await notShown(work, 'sale:', days, shown)) {
    const sale = await readSale(work, externalId)
    if (sale) records.push(sale)
  }
  return records
}

/** Stored records of a window that a complete scan of it did not show. Each is read by itself before it is believed gone. */
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
