// After the faults: what was committed and not told, and what was told and is not so.
import { setTimeout as sleep } from 'node:timers/promises'
import { committedUpTo, NUMBERS, type Receiver } from './event-receivers.ts'
import type { Service } from './service.ts'

const QUIET_MS = 3 * 60_000

export interface EventFinding {
  readonly events: number
  readonly repeats: number
  readonly numbersCommitted: number
  readonly runsEnded: number
  readonly issues: number
  /** What must all be 0. */
  readonly wrong: {
    readonly changesUntold: number
    readonly changesNotSo: number
    /** Numbers that appeared below a `toSeq` after it was told. */
    readonly changesHidden: number
    readonly runsUntold: number
    readonly runsNotSo: number
    readonly issuesUntold: number
    readonly issuesNotSo: number
    readonly connectionsNotSo: number
    readonly foreign: number
    readonly flaws: number
    readonly undelivered: number
  }
}

/** Brings every wait to its end until nothing waits. */
export async function untilDelivered({ query }: Service): Promise<void> {
  const deadline = Date.now() + QUIET_MS
  while (Date.now() < deadline) {
    await query('update event_endpoints set paused_until = null, failing_since = null')
    const [row] = await query<{ left: number }>(`
      with again as (
        update event_deliveries set due_at = least(due_at, now()), status = 'waiting', attempts = 0
        where status <> 'delivered' and attempts > 0 returning id)
      select count(*)::int as left from event_deliveries where status <> 'delivered'`)
    if (row?.left === 0) return
    await sleep(2000)
  }
}

interface NumberRow {
  readonly integration_id: string
  readonly change_seq: string
}

interface RunRow {
  readonly id: string
  readonly business_id: string
  readonly status: string
  readonly inserted: number
}

interface IssueRow {
  readonly id: string
  readonly business_id: string
  readonly is_over: boolean
}

export async function inspectEvents({ query }: Service, receivers: readonly Receiver[]): Promise<EventFinding> {
  const owners = await query<{ id: string; business_id: string }>('select id, business_id from crm_integrations')
  const businessOf = new Map(owners.map((row) => [row.id, row.business_id]))
  const runs = await query<RunRow>(
    `select r.id, i.business_id, r.status, r.inserted from sync_runs r join crm_integrations i on i.id = r.integration_id
      where r.finished_at is not null`,
  )
  const issues = await query<IssueRow>(
    `select id, business_id, resolved_at is not null as is_over from issues where integration_id is not null`,
  )
  const numbers = await query<NumberRow>(NUMBERS)
  const undelivered = await query(`select from event_deliveries where status <> 'delivered'`)
  const wrong = { ...NOTHING, undelivered: undelivered.length }
  for (const receiver of receivers) {
    const hears = (businessId = '') => receiver.businessId === null || receiver.businessId === businessId
    const heard = eventsOf(receiver).flatMap(({ data }) => ('integrationId' in data ? [data.integrationId ?? ''] : []))
    const counts: Readonly<Record<string, number>> = {
      ...(await inspectChanges(
        query,
        receiver,
        numbers.filter((row) => hears(businessOf.get(row.integration_id))),
      )),
      ...inspectRuns(
        receiver,
        runs.filter((row) => hears(row.business_id)),
      ),
      ...inspectIssues(
        receiver,
        issues.filter((row) => hears(row.business_id)),
      ),
      ...(await inspectConnections(query, receiver)),
      foreign: heard.filter((id) => !hears(businessOf.get(id))).length,
      flaws: receiver.flaws.length,
    }
    for (const [name, value] of Object.entries(counts)) add(wrong, name, value)
  }
  const told = receivers.flatMap((receiver) => [...receiver.told.values()])
  return {
    events: told.length,
    repeats: told.reduce((sum, { times }) => sum + times - 1, 0),
    ...{ numbersCommitted: numbers.length, runsEnded: runs.length, issues: issues.length },
    wrong,
  }
}

const NOTHING: EventFinding['wrong'] = {
  ...{ changesUntold: 0, changesNotSo: 0, changesHidden: 0, runsUntold: 0, runsNotSo: 0, issuesUntold: 0 },
  ...{ issuesNotSo: 0, connectionsNotSo: 0, foreign: 0, flaws: 0, undelivered: 0 },
}

function add(wrong: Record<string, number>, name: string, value: number): void {
  wrong[name] = (wrong[name] ?? 0) + value
}

function eventsOf({ told }: Receiver) {
  // Their ids rise with time.
  return [...told].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { event }]) => event)
}

async function inspectChanges(query: Service['query'], receiver: Receiver, numbers: readonly NumberRow[]) {
  const known = Map.groupBy(numbers, (row) => row.integration_id)
  const counts = { changesUntold: 0, changesNotSo: 0, changesHidden: 0 }
  const ranges = [...receiver.told.values()].flatMap(({ event, committed }) =>
    event.type === 'transactions.changed' ? [{ ...event.data, committed }] : [],
  )
  const byIntegration = Map.groupBy(ranges, ({ integrationId }) => integrationId)
  for (const [id, rows] of known) {
    const told = byIntegration.get(id) ?? []
    const all = new Set(rows.map(({ change_seq: seq }) => Number(seq)))
    for (const seq of all)
      if (!told.some(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq)) counts.changesUntold += 1
    for (const { fromSeq, toSeq } of told) if (!all.has(fromSeq) || !all.has(toSeq)) counts.changesNotSo += 1
  }
  for (const { integrationId, toSeq, committed } of ranges) {
    if (committed !== null && committed !== (await committedUpTo(query, integrationId, toSeq)))
      counts.changesHidden += 1
  }
  return counts
}

function inspectRuns(receiver: Receiver, runs: readonly RunRow[]) {
  const told = new Map(
    eventsOf(receiver).flatMap((event) => (event.type === 'run.finished' ? [[event.data.runId, event.data]] : [])),
  )
  const known = new Map(runs.map((run) => [run.id, run]))
  return {
    runsUntold: runs.filter(({ id }) => !told.has(id)).length,
    runsNotSo: [...told.values()].filter(({ runId, status, counters }) => {
      const run = known.get(runId)
      return run?.status !== status || run.inserted !== counters.inserted
    }).length,
  }
}

function inspectIssues(receiver: Receiver, issues: readonly IssueRow[]) {
  const events = eventsOf(receiver)
  const idsOf = (type: 'issue.opened' | 'issue.resolved') =>
    new Set(events.flatMap((event) => (event.type === type ? [event.data.id] : [])))
  const [opened, resolved] = [idsOf('issue.opened'), idsOf('issue.resolved')]
  const known = new Map(issues.map((issue) => [issue.id, issue]))
  return {
    issuesUntold: issues.filter(({ id, is_over: isOver }) => !opened.has(id) || (isOver && !resolved.has(id))).length,
    issuesNotSo:
      [...opened].filter((id) => !known.has(id)).length +
      [...resolved].filter((id) => known.get(id)?.is_over !== true).length,
  }
}

/** The last event of each connection is what it is now. */
async function inspectConnections(query: Service['query'], receiver: Receiver) {
  const rows = await query<{ id: string; connection_status: string; stopped_by: string | null }>(
    'select id, connection_status, stopped_by from crm_integrations',
  )
  const last = new Map(
    eventsOf(receiver).flatMap((event) =>
      event.type === 'connection.changed' ? [[event.data.integrationId, event.data]] : [],
    ),
  )
  const isWrong = (row: (typeof rows)[number]) => {
    const told = last.get(row.id)
    return told !== undefined && (told.status !== row.connection_status || told.stoppedBy !== row.stopped_by)
  }
  return { connectionsNotSo: rows.filter(isWrong).length }
}
