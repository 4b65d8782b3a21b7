import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { isoInstant, isoInstantOrNull, safeInteger } from '#db/columns.ts'
import { pendingMigrations } from '#db/schema-version.ts'
import type { EngineHealth, Measured } from '#health/schema.ts'
import { ACTIVE, IS_CLAIMED_AHEAD } from '#runs/states.ts'

/** A dead worker costs a lease of a minute and a tick of the cron. Ten minutes mean that the sweep does not work. */
const SILENT_SECONDS = 10 * 60
/** Counting stops here: any larger number means the same, and counting millions of rows is slow. */
const COUNT_MAX = 100_000

interface HealthRow extends Record<string, unknown> {
  due: number
  switched_on: number
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
  lists_short: string[]
  quarantined: { records: number; integrations: number; last_day: number }
  months_ahead: number
  open_issues: EngineHealth['issues'] | null
  schema_version: string
}

const OPEN_ISSUES: SQL = sql`(
  select jsonb_agg(jsonb_build_object('crmType', c.crm_type, 'errors', c.errors, 'warnings', c.warnings,
    'infos', c.infos, 'connectionsLost', c.lost, 'connectionsLostLastDay', c.lost_last_day,
    'late', c.late, 'lateHalfHour', c.late_half_hour) order by c.crm_type)
  from (
    select i.crm_type, count(*) filter (where s.severity = 'error') as errors,
      count(*) filter (where s.severity = 'warning') as warnings, count(*) filter (where s.severity = 'info') as infos,
      count(*) filter (where s.code = 'connection_refused') as lost,
      count(*) filter (where s.code = 'connection_refused' and s.since > now() - interval '1 day') as lost_last_day,
      count(*) filter (where s.code = 'data_late') as late,
      count(*) filter (where s.code = 'data_late' and s.since < now() - interval '30 minutes') as late_half_hour
    from (select * from issues where resolved_at is null and integration_id is not null limit ${COUNT_MAX}::int) s
      join crm_integrations i on i.id = s.integration_id
    group by i.crm_type) c)`

type Stored = Omit<Measured, 'queue' | 'webhooks' | 'events' | 'keys' | 'startProblem'>

export async function measureDatabase({ db }: Context): Promise<Stored> {
  const { rows } = await db.execute<HealthRow>(sql`
    with active as (select r.* from sync_runs r where r.status in ${ACTIVE} and not (${IS_CLAIMED_AHEAD}))
    select
      (select count(*)::int from (
        select from crm_integrations where sync_enabled = true and next_sync_at <= now() limit ${COUNT_MAX}::int) due) as due,
      (select count(*)::int from (
        select from crm_integrations where sync_enabled = true limit ${COUNT_MAX}::int) enabled) as switched_on,
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
          or r.status = 'queued' and r.trigger not in ('backfill','import','check') and quiet > ${SILENT_SECONDS}::int))
        from active r, lateral (select extract(epoch from now() - r.created_at) as age,
          extract(epoch from now() - greatest(r.heartbeat_at, r.enqueued_at)) as quiet) t) as runs,
      oldest.id as oldest_id, oldest.integration_id as oldest_integration_id, oldest.created_at as oldest_created_at,
      (select count(*)::int from sync_runs where dead_letter_at > now() - interval '1 day') as dead_runs,
      (select max(dead_letter_at) from sync_runs where dead_letter_at is not null) as dead_at,
      (select coalesce(jsonb_agg(detail_key order by detail_key), '[]') from issues
        where code = 'vendor_trouble' and integration_id is null and resolved_at is null
          and last_seen_at > now() - interval '1 day') as vendors_in_trouble,
      (select coalesce(jsonb_agg(detail_key order by detail_key), '[]') from issues
        where code = 'installs_missing' and integration_id is null and resolved_at is null) as lists_short,
      (select jsonb_build_object('records', count(*), 'integrations', count(distinct integration_id),
        'last_day', count(*) filter (where first_seen_at > now() - interval '1 day'))
        from (select integration_id, first_seen_at from quarantined_records limit ${COUNT_MAX}::int) q) as quarantined,
      (select count(*) filter (where to_regclass('transaction_changes_' || month) is not null
          and to_regclass('audit_' || month) is not null)::int
        from (select to_char(now() at time zone 'UTC' + n * interval '1 month', 'YYYY_MM') as month
          from generate_series(1, 3) n) months) as months_ahead,
      ${OPEN_ISSUES} as open_issues, schema_version() as schema_version
    from (select) one
    left join lateral (
      select id, next_sync_at from crm_integrations where sync_enabled = true and next_sync_at <= now()
      order by next_sync_at limit 1) due on true
    left join lateral (select id, integration_id, created_at from active order by created_at limit 1) oldest on true`)
  const [row] = rows
  if (!row) throw new Error('a row of counts was expected')
  return present(row)
}

function present(row: HealthRow): Stored {
  const { queued, running, waiting, silent, ...byAge } = row.runs
  const { due_id: dueId, due_at: dueAt, oldest_id: runId, oldest_integration_id: integrationId } = row
  return {
    schedule: {
      due: row.due,
      on: row.switched_on,
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
    listsShort: row.lists_short,
    issues: row.open_issues ?? [],
    pendingMigrations: pendingMigrations(safeInteger(row.schema_version)),
  }
}
