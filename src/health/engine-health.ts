// The state of the sync engine in one answer. The alarms call an operator, and docs/operations.md says what to do then.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { ALARMS } from '#health/alarms.ts'
import { ACTIVE, IS_CLAIMED_AHEAD } from '#runs/states.ts'
import { InboxHealth, inboxHealth } from '#health/inbox-health.ts'

// The thresholds were chosen, not measured. An alarm must not fire for one late tick or one closed vendor account, and
// must fire before owners notice.

/** Five ticks of the cron. One or two may fail by themselves. */
const LATE_SECONDS = 5 * 60
/** The sweep sends again within two minutes after a lost message. A wait for a retry does not count as late. */
const INBOX_LATE_SECONDS = 10 * 60
/** A dead worker costs a lease of a minute and a tick of the cron. Ten minutes mean that the sweep does not work. */
const SILENT_SECONDS = 10 * 60
/** Delayed messages wait up to a quarter of an hour as planned, so a shorter limit would raise false alarms. */
const MESSAGE_AGE_SECONDS = 20 * 60
/** A changed format puts whole pages of records there; single bad records of many integrations stay well below. */
const QUARANTINED_A_DAY = 100
/** One or two are owners with a revoked key. Five at once point to a vendor or to us. */
const FAILING_INTEGRATIONS = 5
/** Half of the share from which the strictest vendor blocks the address. */
const REFUSED_SHARE = 0.05
/** Below, a share says little. */
const REFUSED_MIN = 20
/** The nightly work makes three. One less is the first night of a month; with one, a month of nights has failed. */
const MONTHS_AHEAD_MIN = 2
/** Counting stops here: any larger number means the same, and counting millions of rows is slow. */
const COUNT_MAX = 100_000

const count = z.int().nonnegative()
const time = z.iso.datetime()

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
const CODES = Object.keys(ALARMS) as [keyof typeof ALARMS, ...(keyof typeof ALARMS)[]]

const Schedule = z.strictObject({
  due: count.meta({ description: 'Integrations whose sync should have begun.' }),
  oldestDue: z
    .strictObject({
      integrationId: z.guid().meta({ description: 'The integration.' }),
      dueAt: time.meta({ description: 'When its sync was due.' }),
      lateSeconds: count.meta({ description: 'How late it is.' }),
    })
    .nullable()
    .meta({ description: 'The one that is overdue the longest.' }),
  failing: count.meta({ description: 'Switched on, and failed three or more times in a row.' }),
})

const ActiveRuns = z.strictObject({
  queued: count.meta({ description: 'In line.' }),
  running: count.meta({ description: 'At work.' }),
  waiting: count.meta({ description: 'Waiting for a later time.' }),
  byAge: z
    .strictObject({
      minute: count.meta({ description: 'Up to a minute old.' }),
      tenMinutes: count.meta({ description: 'Up to ten minutes.' }),
      hour: count.meta({ description: 'Up to an hour.' }),
      day: count.meta({ description: 'Up to a day.' }),
      older: count.meta({ description: 'Older than a day.' }),
    })
    .meta({ description: 'Active runs by their age.' }),
  silent: count.meta({ description: 'Due or running, and no sign of life for 10 minutes.' }),
  oldest: z
    .strictObject({
      runId: z.guid().meta({ description: 'The run.' }),
      integrationId: z.guid().meta({ description: 'Its integration.' }),
      createdAt: time.meta({ description: 'When it was put in line.' }),
    })
    .nullable()
    .meta({ description: 'The oldest active run.' }),
})

export const EngineHealth = z
  .strictObject({
    status: z.enum(['ok', 'attention']).meta({ description: '`attention`: at least one alarm is raised.' }),
    checkedAt: time.meta({ description: 'When this was measured.' }),
    queue: z
      .strictObject({
        messages: count.meta({ description: 'Messages that wait.' }),
        oldestMessageAt: time.nullable().meta({ description: 'When the oldest was sent.' }),
      })
      .nullable()
      .meta({ description: 'Null: the queue did not answer.' }),
    schedule: Schedule.meta({ description: 'Whether syncs begin in time.' }),
    activeRuns: ActiveRuns.meta({ description: 'Runs that have not ended.' }),
    webhooks: InboxHealth.meta({ description: 'What CRMs reported.' }),
    deadLetters: z
      .strictObject({
        runsLastDay: count.meta({ description: 'Runs whose message was given up within the last day.' }),
        lastAt: time.nullable().meta({ description: 'When that last happened.' }),
      })
      .meta({ description: 'Messages that the queue gave up.' }),
    quarantine: z
      .strictObject({
        records: count.meta({ description: 'Records that wait there.' }),
        integrations: count.meta({ description: 'Integrations that have any.' }),
        lastDay: count.meta({ description: 'Records that came within the last day.' }),
      })
      .meta({ description: 'Records that could not be read.' }),
    history: z
      .strictObject({
        monthsAhead: count.meta({
          description: 'Months to come for which the history of sales and the audit have partitions.',
        }),
      })
      .meta({ description: 'Where changes of sales are kept.' }),
    vendorsInTrouble: z.array(z.string()).meta({
      description: 'CRM types that refused many integrations at once within the last day, and have not recovered.',
    }),
    alarms: z
      .array(
        z.strictObject({
          code: z.enum(CODES).meta({ description: 'What is wrong. docs/operations.md says what to do.' }),
          detail: z.string().meta({ description: 'The same in a sentence.' }),
        }),
      )
      .meta({ description: 'What needs an operator, worst first.' }),
  })
  .meta({ id: 'EngineHealth', description: 'The state of the sync engine.' })
export type EngineHealth = z.infer<typeof EngineHealth>

type Measured = Omit<EngineHealth, 'status' | 'alarms' | 'checkedAt'>

export async function engineHealth(context: Context): Promise<EngineHealth> {
  const [queue, stored, webhooks] = await Promise.all([
    measureQueue(context),
    measureDatabase(context),
    inboxHealth(context),
  ])
  const now = context.clock.now()
  const codes = alarmsOf({ queue, webhooks, ...stored }, now)
  return {
    status: codes.length === 0 ? 'ok' : 'attention',
    checkedAt: now.toISOString(),
    queue,
    webhooks,
    ...stored,
    alarms: codes.map((code) => ({ code, detail: ALARMS[code] })),
  }
}

export function alarmsOf(measured: Measured, now: Date): (keyof typeof ALARMS)[] {
  const { queue, schedule, activeRuns, webhooks, deadLetters, quarantine, history, vendorsInTrouble } = measured
  const oldestMessageAt = Date.parse(queue?.oldestMessageAt ?? '')
  const isRaised: Readonly<Record<keyof typeof ALARMS, boolean>> = {
    queue_unreachable: queue === null,
    run_silent: activeRuns.silent > 0,
    schedule_late: (schedule.oldestDue?.lateSeconds ?? 0) > LATE_SECONDS,
    queue_backlog: now.getTime() - oldestMessageAt > MESSAGE_AGE_SECONDS * 1000,
    inbox_late: (webhooks.oldest?.lateSeconds ?? 0) > INBOX_LATE_SECONDS,
    hooks_refused: webhooks.refusals.some(({ refused, share }) => refused >= REFUSED_MIN && share > REFUSED_SHARE),
    dead_letters: deadLetters.runsLastDay > 0,
    vendor_trouble: vendorsInTrouble.length > 0,
    history_unprepared: history.monthsAhead < MONTHS_AHEAD_MIN,
    integrations_failing: schedule.failing >= FAILING_INTEGRATIONS,
    quarantine_growing: quarantine.lastDay > QUARANTINED_A_DAY,
  }
  return CODES.filter((code) => isRaised[code])
}

/** All lanes together. */
async function measureQueue({ queues, log }: Context): Promise<EngineHealth['queue']> {
  try {
    const lanes = await Promise.all(Object.values(queues).map(async (queue) => queue.metrics()))
    const oldest = lanes.flatMap(({ backlogCount, oldestMessageTimestamp }) =>
      backlogCount > 0 && oldestMessageTimestamp ? [oldestMessageTimestamp.getTime()] : [],
    )
    return {
      messages: lanes.reduce((sum, { backlogCount }) => sum + backlogCount, 0),
      oldestMessageAt: oldest.length > 0 ? new Date(Math.min(...oldest)).toISOString() : null,
    }
  } catch (error) {
    log.warn('queue_metrics_failed', { error })
    return null
  }
}

interface HealthRow extends Record<string, unknown> {
  due: number
  due_id: string | null
  due_at: string | null
  late_seconds: number | null
  failing: number
  runs: EngineHealth['activeRuns']['byAge'] & { queued: number; running: number; waiting: number; silent: number }
  oldest_id: string | null
  oldest_integration_id: string | null
  oldest_created_at: string | null
  dead_runs: number
  dead_at: string | null
  vendors_in_trouble: string[]
  quarantined: { records: number; integrations: number; last_day: number }
  months_ahead: number
}

async function measureDatabase({ db }: Context): Promise<Omit<Measured, 'queue' | 'webhooks'>> {
  const { rows } = await db.execute<HealthRow>(sql`
    with active as (select r.* from sync_runs r where r.status in ${ACTIVE} and not (${IS_CLAIMED_AHEAD}))
    select
      (select count(*)::int from (
        select from crm_integrations where sync_enabled = true and next_sync_at <= now() limit ${COUNT_MAX}::int) due) as due,
      due.id as due_id, due.next_sync_at as due_at,
      extract(epoch from now() - due.next_sync_at)::int as late_seconds,
      (select count(*)::int from crm_integrations where sync_enabled = true and consecutive_failures >= 3) as failing,
      (select jsonb_build_object(
        'queued', count(*) filter (where r.status = 'queued'), 'running', count(*) filter (where r.status = 'running'),
        'waiting', count(*) filter (where r.status = 'waiting'),
        'minute', count(*) filter (where age < 60), 'tenMinutes', count(*) filter (where age >= 60 and age < 600),
        'hour', count(*) filter (where age >= 600 and age < 3600),
        'day', count(*) filter (where age >= 3600 and age < 86400), 'older', count(*) filter (where age >= 86400),
        'silent', count(*) filter (where r.status = 'running' and quiet > ${SILENT_SECONDS}::int
          or r.status = 'waiting' and r.resume_at < now() - ${SILENT_SECONDS}::int * interval '1 second'
          or r.status = 'queued' and r.trigger not in ('backfill','import') and quiet > ${SILENT_SECONDS}::int))
        from active r, lateral (select extract(epoch from now() - r.created_at) as age,
          extract(epoch from now() - greatest(r.heartbeat_at, r.enqueued_at)) as quiet) t) as runs,
      oldest.id as oldest_id, oldest.integration_id as oldest_integration_id, oldest.created_at as oldest_created_at,
      (select count(*)::int from sync_runs where dead_letter_at > now() - interval '1 day') as dead_runs,
      (select max(dead_letter_at) from sync_runs where dead_letter_at is not null) as dead_at,
      (select coalesce(jsonb_agg(detail_key order by detail_key), '[]') from issues
        where code = 'vendor_trouble' and integration_id is null and resolved_at is null
          and last_seen_at > now() - interval '1 day') as vendors_in_trouble,
      (select jsonb_build_object('records', count(*), 'integrations', count(distinct integration_id),
        'last_day', count(*) filter (where first_seen_at > now() - interval '1 day'))
        from (select integration_id, first_seen_at from quarantined_records limit ${COUNT_MAX}::int) q) as quarantined,
      (select count(*) filter (where to_regclass('transaction_changes_' || month) is not null
          and to_regclass('audit_' || month) is not null)::int
        from (select to_char(now() at time zone 'UTC' + n * interval '1 month', 'YYYY_MM') as month
          from generate_series(1, 3) n) months) as months_ahead
    from (select) one
    left join lateral (
      select id, next_sync_at from crm_integrations where sync_enabled = true and next_sync_at <= now()
      order by next_sync_at limit 1) due on true
    left join lateral (select id, integration_id, created_at from active order by created_at limit 1) oldest on true`)
  const [row] = rows
  if (!row) throw new Error('a row of counts was expected')
  return present(row)
}

function present(row: HealthRow): Omit<Measured, 'queue' | 'webhooks'> {
  const { queued, running, waiting, silent, ...byAge } = row.runs
  const { due_id: dueId, due_at: dueAt, oldest_id: runId, oldest_integration_id: integrationId } = row
  return {
    schedule: {
      due: row.due,
      oldestDue:
        dueId && dueAt ? { integrationId: dueId, dueAt: isoInstant(dueAt), lateSeconds: row.late_seconds ?? 0 } : null,
      failing: row.failing,
    },
    activeRuns: {
      ...{ queued, running, waiting, byAge, silent },
      oldest:
        runId && integrationId && row.oldest_created_at
          ? { runId, integrationId, createdAt: isoInstant(row.oldest_created_at) }
          : null,
    },
    deadLetters: { runsLastDay: row.dead_runs, lastAt: isoInstantOrNull(row.dead_at) },
    quarantine: {
      records: row.quarantined.records,
      integrations: row.quarantined.integrations,
      lastDay: row.quarantined.last_day,
    },
    history: { monthsAhead: row.months_ahead },
    vendorsInTrouble: row.vendors_in_trouble,
  }
}
