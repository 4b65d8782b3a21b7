import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { type SessionColumns, sessionRowOf, type SessionRow } from '#connections/session.ts'
import { isoInstant, safeInteger } from '#db/columns.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { ACTIVE, BULK, LIVE } from '#runs/states.ts'
import type { Run } from '#runs/schema.ts'

/**
 * How long a slice may stay silent before another worker takes over. A minute is what the cron needs to notice it
 * anyway, and three times the interval at which a slice renews its lease.
 */
export const LEASE_SECONDS = 60

/** The present version of each CRM's mapping. */
const MAP_VERSIONS = JSON.stringify(Object.fromEntries(CONNECTORS.map(({ type, mapVersion }) => [type, mapVersion])))

/**
 * A run that this slice holds: each of its writes carries `leaseEpoch` and is refused once another worker took over.
 */
export interface TakenRun {
  readonly id: string
  readonly integrationId: string
  readonly leaseEpoch: number
  readonly trigger: Run['trigger']
  readonly task: Run['task']
  readonly isBulk: boolean
  readonly startedAt: Date
  readonly attempt: number
  readonly ageSeconds: number
  /** Pages committed so far: the ordinal that the next write must carry. */
  readonly pages: number
  /** The run's own checkpoint, or where the last live run ended. */
  readonly cursor: unknown
  /** It reads all that a person's scan does, since the rules of the mapping are newer than what is stored. */
  readonly readsAll: boolean
  readonly window: { readonly from: string; readonly to: string } | null
  /** The integration's change counter before the vendor is asked. */
  readonly changeSeq: number
  readonly integration: SessionRow & { readonly syncEnabled: boolean; readonly settingsEpoch: number }
}

interface TakenRow extends SessionColumns {
  id: string
  integration_id: string
  lease_epoch: string
  change_seq: string
  trigger: Run['trigger']
  task: Run['task']
  is_bulk: boolean
  started_at: string
  attempt: number
  age_seconds: number
  pages: number
  cursor: unknown
  reads_all: boolean
  window_from: string | null
  window_to: string | null
  sync_enabled: boolean
  settings_epoch: number
}

/** A run whose last worker died may only be taken when nothing else is at work in this isolate. */
interface HeldBack extends Record<string, unknown> {
  id: null
}

/**
 * Takes a run for this slice. Null when there is nothing to do: another worker holds it, it is not due, it waits behind
 * another run, it is over, or it no longer exists. A lease that ran out is a death, for the run that held it. The first
 * since a committed page costs no attempt, since the worker may have died of another run.
 */
export async function takeRun(context: Context, runId: string): Promise<TakenRun | null> {
  const row = await take(context, runId, true)
  return row && row.id !== null ? toTakenRun(row) : null
}

/** The same beside other work. `held_back`: its last worker died, so it has to be taken alone. */
export async function takeRunBesideOthers(context: Context, runId: string): Promise<TakenRun | 'held_back' | null> {
  const row = await take(context, runId, false)
  if (!row) return null
  return row.id === null ? 'held_back' : toTakenRun(row)
}

async function take(context: Context, runId: string, isAlone: boolean): Promise<TakenRow | HeldBack | undefined> {
  const [, taken] = await context.db.batch([
    context.db.execute(lockIntegrationOf(runId)),
    context.db.execute<TakenRow | HeldBack>(takeStatement(runId, isAlone)),
  ])
  return taken.rows[0]
}

/** Lock order everywhere: integration, run, transactions. */
function lockIntegrationOf(runId: string) {
  return sql`select i.id from crm_integrations i join sync_runs r on r.integration_id = i.id
    where r.id = ${runId}::uuid for no key update of i`
}

const countDeath = (run: 'r' | 'o') =>
  sql.raw(`deaths = ${run}.deaths + (${run}.id is not distinct from c.lapsed_run_id)::int,
    attempt = ${run}.attempt + (${run}.id is not distinct from c.lapsed_run_id and ${run}.deaths > 0)::int`)

/** A person's scan, the first sync, and the first one by new rules of the mapping read all that there is to read. */
const WIDE = sql`
  select v.version from lease i, candidate c, lateral (
    select (${MAP_VERSIONS}::jsonb ->> i.crm_type)::int as version offset 0) v
  where c.is_pull and (c.trigger = 'manual' or i.cursor is null or i.map_version < v.version)`

/** Columns that are set when a run is taken for the first time. */
const AT_FIRST_TAKE = sql.raw(
  [
    ['map_version', 'w.version'],
    ['brake_changed', 'coalesce(b.brake_changed, 0)'],
    ['brake_window_from', 'b.brake_window_from'],
    ['brake_window_to', 'b.brake_window_to'],
    ['brake_window_rows', 'coalesce(b.brake_window_rows, 0)'],
  ]
    .map(([column, value]) => `${column} = case when r.started_at is null then ${value} else r.${column} end`)
    .join(', '),
)

const takeStatement = (runId: string, isAlone: boolean) => sql`
  with found as (
    select r.id, r.integration_id, r.trigger, r.trigger in ${LIVE} and r.task = 'pull' as is_pull,
      r.trigger in ${BULK} as is_bulk, i.lease_run_id as lapsed_run_id, r.deaths
    from sync_runs r join crm_integrations i on i.id = r.integration_id
    where r.id = ${runId}::uuid and r.status in ${ACTIVE} and (r.resume_at is null or r.resume_at <= now())
      and (i.lease_until is null or i.lease_until < now())
      and not (r.trigger in ${BULK} and exists (
        select from sync_runs ahead where ahead.integration_id = r.integration_id and ahead.id <> r.id
          and ahead.status in ${ACTIVE} and (
            (ahead.trigger in ${LIVE} and (ahead.resume_at is null or ahead.resume_at <= now()))
            -- A run that has begun goes first, then the oldest by (created_at, id): no two block each other.
            or (ahead.trigger in ${BULK} and (ahead.status <> 'queued'
              or r.status = 'queued' and (ahead.created_at, ahead.id) < (r.created_at, r.id))))))
  ), candidate as (
    select * from found f where ${isAlone}::bool or f.deaths = 0 and f.lapsed_run_id is distinct from f.id
  ), lease as (
    update crm_integrations i set lease_epoch = i.lease_epoch + 1, lease_run_id = c.id,
      lease_until = now() + ${LEASE_SECONDS}::int * interval '1 second', last_sync_status = 'in_progress',
      called_at = now()
    from candidate c where i.id = c.integration_id
    returning i.*
  ), others as (
    update sync_runs o set status = 'queued', ${countDeath('o')}
    from candidate c where o.integration_id = c.integration_id and o.id <> c.id and o.status = 'running'
  ), went_before as ( -- changes of a failed live run still count, or the brake would pass one page with each run
    select p.brake_changed, p.brake_window_from, p.brake_window_to, p.brake_window_rows from lease i, candidate c, lateral (
      select * from sync_runs p where p.integration_id = i.id and not c.is_bulk and p.trigger in ${LIVE}
        and p.status in ('succeeded','failed') and p.settings_epoch = i.settings_epoch
      order by p.created_at desc, p.id desc limit 1) p
    where p.status = 'failed' and not p.brake_off
  ), wide as (${WIDE}
  ), run as (
    update sync_runs r set status = 'running', started_at = coalesce(r.started_at, now()), heartbeat_at = now(),
      resume_at = null, error = null, ${countDeath('r')},
      ${AT_FIRST_TAKE}
    from candidate c left join went_before b on true left join wide w on true where r.id = c.id
    returning r.*, c.is_bulk
  )
  select r.id, r.integration_id, r.trigger, r.task, r.is_bulk, r.started_at, r.attempt, r.pages, r.window_from,
    r.window_to, coalesce(r.map_version > i.map_version, false) and i.cursor is not null as reads_all,
    extract(epoch from now() - r.created_at)::float8 as age_seconds,
    case when r.is_bulk then r.cursor else coalesce(r.cursor, i.cursor) end as cursor,
    i.business_id, i.lease_epoch, i.change_seq, i.crm_type, i.api_url, i.api_key, i.api_secret, i.extra_secret,
    i.additional_config, coalesce(i.sync_enabled, false) as sync_enabled, i.settings_epoch, b.timezone, b.currency
  from found f left join run r on r.id = f.id left join lease i on i.id = r.integration_id
    left join businesses b on b.id = i.business_id`

function toTakenRun(row: TakenRow): TakenRun {
  return {
    id: row.id,
    integrationId: row.integration_id,
    leaseEpoch: safeInteger(row.lease_epoch),
    trigger: row.trigger,
    task: row.task,
    isBulk: row.is_bulk,
    startedAt: new Date(isoInstant(row.started_at)),
    attempt: row.attempt,
    ageSeconds: row.age_seconds,
    pages: row.pages,
    readsAll: row.reads_all,
    cursor: row.cursor,
    window:
      row.window_from && row.window_to ? { from: isoInstant(row.window_from), to: isoInstant(row.window_to) } : null,
    changeSeq: safeInteger(row.change_seq),
    integration: {
      ...sessionRowOf(row.integration_id, row),
      syncEnabled: row.sync_enabled,
      settingsEpoch: row.settings_epoch,
    },
  }
}
