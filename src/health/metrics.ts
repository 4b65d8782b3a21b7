// The state of the engine as Prometheus reads it: the numbers of the administrator's health, all integrations by CRM,
// and what the cron has counted.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { isEqual } from '#crypto/equal.ts'
import { engineHealth } from '#health/engine-health.ts'
import { type Family, gauge, type Sample, toExposition } from '#health/exposition.ts'
import { ALARM_CODES, type EngineHealth } from '#health/schema.ts'
import { type FleetPart, FRESHNESS_SECONDS, measureFleet } from '#health/fleet.ts'
import { Problem } from '#lib/errors.ts'

const BEARER = 'bearer '

/**
 * Throws Problem `not_found` while no METRICS_TOKEN is set, and `unauthenticated` for any other than that one. Nothing
 * is measured before.
 */
export async function admitToMetrics({ config }: Context, authorization: string | null): Promise<void> {
  if (config.metricsToken === null) throw new Problem('not_found')
  const isBearer = authorization?.slice(0, BEARER.length).toLowerCase() === BEARER
  const token = isBearer ? authorization.slice(BEARER.length) : ''
  if (await isEqual(token, config.metricsToken.reveal())) return
  throw new Problem('unauthenticated', {
    detail: {
      en: 'Send the METRICS_TOKEN of this deployment: Authorization: Bearer <token>.',
      ru: 'Передайте METRICS_TOKEN этого сервиса: Authorization: Bearer <токен>.',
    },
    headers: { 'www-authenticate': 'Bearer' },
  })
}

export async function metricsText(context: Context): Promise<string> {
  const [health, fleet, counters] = await Promise.all([
    engineHealth(context, 'en'),
    measureFleet(context),
    readCounters(context),
  ])
  const now = context.clock.now().getTime()
  return toExposition([...ofHealth(health, now), ...ofFleet(fleet), ...ofCron(counters)])
}

function ofHealth(health: EngineHealth, now: number): Family[] {
  const { queue, schedule, activeRuns, deadLetters, quarantine, history } = health
  const raised = new Set(health.alarms.map(({ code }) => code))
  const age = (at: string | null | undefined) => (at == null ? 0 : Math.max(0, (now - Date.parse(at)) / 1000))
  return [
    {
      ...({ name: 'crm_alarm', type: 'gauge', help: '1: the alarm is raised. docs/operations.md has each.' } as const),
      samples: ALARM_CODES.map((code) => ({ labels: { code }, value: raised.has(code) ? 1 : 0 })),
    },
    gauge('crm_queue_messages', 'Messages that wait in all queues.', queue && queue.messages),
    gauge('crm_queue_oldest_message_age_seconds', 'Age of the oldest message.', queue && age(queue.oldestMessageAt)),
    gauge('crm_schedule_due', 'Integrations whose sync should have begun.', schedule.due),
    gauge('crm_schedule_late_seconds', 'How late the latest of them is.', schedule.oldestDue?.lateSeconds ?? 0),
    gauge('crm_schedule_failing', 'Integrations that failed three or more times in a row.', schedule.failing),
    {
      ...({ name: 'crm_runs_active', type: 'gauge', help: 'Runs that have not ended.' } as const),
      samples: (['queued', 'running', 'waiting'] as const).map((status) => {
        return { labels: { status }, value: activeRuns[status] }
      }),
    },
    gauge('crm_runs_silent', 'Active runs without a sign of life for 10 minutes.', activeRuns.silent),
    gauge('crm_runs_oldest_age_seconds', 'Age of the oldest active run.', age(activeRuns.oldest?.createdAt)),
    gauge('crm_runs_dead_lettered_last_day', 'Runs whose message was given up within a day.', deadLetters.runsLastDay),
    ...ofWebhooks(health.webhooks),
    gauge('crm_events_waiting', 'Events that wait to be sent.', health.events.waiting),
    gauge('crm_events_late_seconds', 'How late the latest of them is.', health.events.oldest?.lateSeconds ?? 0),
    gauge('crm_events_unattended', 'Endpoints that nobody sends what is due.', health.events.unattended),
    gauge('crm_quarantine_records', 'Records that wait in quarantine.', quarantine.records),
    gauge('crm_quarantine_integrations', 'Integrations that have any.', quarantine.integrations),
    gauge('crm_quarantine_records_last_day', 'Records that came within a day.', quarantine.lastDay),
    gauge('crm_pending_migrations', 'Migrations that the database lacks.', health.pendingMigrations),
    gauge('crm_history_months_ahead', 'Months to come that the history has a partition for.', history.monthsAhead),
    {
      ...({ name: 'crm_vendor_in_trouble', type: 'gauge', help: '1: the CRM refuses many integrations.' } as const),
      samples: health.vendorsInTrouble.map((crmType) => ({ labels: { crm_type: crmType }, value: 1 })),
    },
  ]
}

function ofWebhooks(webhooks: EngineHealth['webhooks']): Family[] {
  return [
    gauge('crm_webhooks_waiting', 'Webhooks that wait to be processed.', webhooks.waiting),
    gauge('crm_webhooks_late_seconds', 'How late the latest of them is.', webhooks.oldest?.lateSeconds ?? 0),
    gauge('crm_webhooks_failed_last_day', 'Webhooks that were given up within a day.', webhooks.failedLastDay),
    gauge('crm_webhooks_rejected_last_day', 'Webhooks that were not readable within a day.', webhooks.rejectedLastDay),
    {
      ...({
        name: 'crm_webhooks_refused_ratio',
        type: 'gauge',
        help: 'Not answered with 200 since yesterday.',
      } as const),
      samples: webhooks.refusals.map(({ crmType, share }) => ({ labels: { crm_type: crmType }, value: share })),
    },
  ]
}

function ofFleet(fleet: readonly FleetPart[]): Family[] {
  const each = (samples: (part: FleetPart) => readonly Sample[]): Sample[] =>
    fleet.flatMap((part) =>
      samples(part).map(({ labels, value }) => ({ labels: { crm_type: part.crm_type, ...labels }, value })),
    )
  return [
    {
      ...({ name: 'crm_integrations', type: 'gauge', help: 'Integrations, by whether their sync is on.' } as const),
      samples: each(({ on, off }) => [
        { labels: { sync: 'on' }, value: on },
        { labels: { sync: 'off' }, value: off },
      ]),
    },
    {
      ...({
        name: 'crm_integrations_stopped',
        type: 'gauge',
        help: 'Those that are off, by what stopped them.',
      } as const),
      samples: each(({ stopped }) => Object.entries(stopped).map(([by, value]) => ({ labels: { by }, value }))),
    },
    {
      ...({ name: 'crm_integrations_refused', type: 'gauge', help: 'Those whose connection failed.' } as const),
      samples: each(({ failed }) => [{ value: failed }]),
    },
    {
      ...({ name: 'crm_integrations_fresh', type: 'gauge' } as const),
      help: 'Those that are on and were pulled whole within `le` seconds, for histogram_quantile().',
      samples: each(({ fresh, on }) => [
        ...FRESHNESS_SECONDS.map((seconds, n) => ({ labels: { le: String(seconds) }, value: fresh[n] ?? 0 })),
        { labels: { le: '+Inf' }, value: on },
      ]),
    },
  ]
}

const COUNTERS = {
  ticks: ['crm_cron_ticks_total', 'Ticks of the cron that did their work. It stands still when the cron does.'],
  claimed: ['crm_syncs_claimed_total', 'Scheduled syncs that were begun.'],
  swept: ['crm_runs_swept_total', 'Runs that were sent again: their message was lost, or their worker died.'],
  inboxes: ['crm_inboxes_swept_total', 'Inboxes of webhooks that were sent again.'],
} as const

async function readCounters({ db }: Context): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.execute<{ name: string; value: string }>(sql`select name, value from engine_counters`)
  return new Map(rows.map(({ name, value }) => [name, Number(value)]))
}

function ofCron(counters: ReadonlyMap<string, number>): Family[] {
  return codesOf(COUNTERS).map((counter) => {
    const [name, help] = COUNTERS[counter]
    return { name, type: 'counter', help, samples: [{ value: counters.get(counter) ?? 0 }] }
  })
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
const codesOf = <Key extends string>(table: Readonly<Record<Key, unknown>>) => Object.keys(table) as Key[]
