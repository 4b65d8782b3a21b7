// All integrations in numbers, for the metrics.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'

/** Upper bounds of the freshness, in seconds: from one fast poll to a day. */
export const FRESHNESS_SECONDS = [120, 300, 600, 900, 1800, 3600, 10_800, 21_600, 86_400] as const

/**
 * Beyond, a part of the table's blocks is read and stands for all: a scan of a million rows would take a second at
 * every scrape.
 */
const ROWS_MAX = 100_000

export interface FleetPart extends Record<string, unknown> {
  readonly crm_type: string
  readonly on: number
  readonly off: number
  /** Their connection was refused when it was last tested or used. */
  readonly failed: number
  readonly stopped: Readonly<Record<string, number>>
  /** Of those that are on: how many are at most as old as each of FRESHNESS_SECONDS. */
  readonly fresh: readonly number[]
}

export async function measureFleet({ db }: Context): Promise<readonly FleetPart[]> {
  const share = sql`(select least(1, ${ROWS_MAX}::float8 / greatest(c.reltuples, 1)) from pg_class c
    where c.oid = 'crm_integrations'::regclass)`
  const fresh = FRESHNESS_SECONDS.map(
    (seconds) =>
      sql`(count(*) filter (where i.sync_enabled and i.as_of >= now() - ${seconds}::int * interval '1 second'))`,
  )
  const whole = (counted: ReturnType<typeof sql>) => sql`round(${counted} / s.share)::int`
  const { rows } = await db.execute<FleetPart>(sql`
    with s as (select ${share} as share)
    select p.crm_type, ${whole(sql`p.on_`)} as on, ${whole(sql`p.off_`)} as off, ${whole(sql`p.failed`)} as failed,
      (select coalesce(jsonb_object_agg(b.key, round(b.value::int / s.share)::int), '{}') from jsonb_each_text(p.stopped) b) as stopped,
      (select jsonb_agg(round(f.value::int / s.share)::int order by f.n)
        from jsonb_array_elements_text(p.fresh) with ordinality f(value, n)) as fresh
    from s, lateral (
      select i.crm_type, count(*) filter (where i.sync_enabled) as on_,
        count(*) filter (where i.sync_enabled is not true) as off_,
        count(*) filter (where i.connection_status = 'failed') as failed,
        jsonb_build_object(${sql.raw(STOPPED)}) as stopped, jsonb_build_array(${sql.join(fresh, sql`, `)}) as fresh
      from crm_integrations i tablesample system (100 * ${share}) group by i.crm_type) p
    order by p.crm_type`)
  return rows
}

const STOPPED = ['person', 'vendor', 'uninstall', 'freeze']
  .map((by) => `'${by}', count(*) filter (where i.stopped_by = '${by}')`)
  .join(', ')
