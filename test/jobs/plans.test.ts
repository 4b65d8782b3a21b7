// What the night and the operator ask of large tables is found through indexes, however many rows are stored.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import * as z from 'zod'
import type { Db } from '#db/client.ts'
import { inboxHealth } from '#health/inbox-health.ts'
import { listIntegrations } from '#integrations/list.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { client } from '#test/database-client.ts'
import { createSalonTenant } from '#test/tenants.ts'

const Body = z.object({ query: z.string(), params: z.array(z.string().nullable()) })

/** The plan where reading all of a table, and sorting it, is out of the question, as it is for large ones. */
async function explain(db: Db, query: string, params: readonly (string | null)[]): Promise<string[]> {
  const parts = query.split(/\$(\d+)/).map((part, n) => (n % 2 ? sql`${params[Number(part) - 1]}` : sql.raw(part)))
  const off = (name: string) => db.execute(sql`select set_config(${name}, 'off', true)`)
  const [, , , { rows }] = await db.batch([
    ...([off('enable_seqscan'), off('enable_bitmapscan'), off('enable_sort')] as const),
    db.execute<{ 'QUERY PLAN': string }>(sql`explain ${sql.join(parts)}`),
  ])
  return rows.map((row) => row['QUERY PLAN'])
}

/** A context beside 2,000 deliveries and runs of a month, and the plans of what it asks. */
async function beside() {
  const { context, businessId } = await createSalonTenant()
  await context.db.execute(sql`
    with ours as (
      select id from crm_integrations where business_id = ${businessId}::uuid
    ), deliveries as (
      insert into webhook_deliveries (integration_id, dedupe_key, status, body, received_at)
      select id, n, case when n % 300 = 0 then 'failed' else 'done' end, case when n % 100 = 0 then '\\x00'::bytea end,
        now() - n * interval '20 minutes' from ours, generate_series(1, 2000) n)
    insert into sync_runs (integration_id, trigger, status, settings_epoch, created_at, finished_at)
    select id, 'schedule', 'succeeded', 1, now() - n * interval '20 minutes', now() from ours, generate_series(1, 2000) n`)
  // The choice between two indexes must not hang on when autovacuum has last seen them.
  await context.db.execute(sql`analyze webhook_deliveries, sync_runs`)
  await context.db.execute(
    sql`insert into webhook_refusals values ('yclients', current_date, 30) on conflict do nothing`,
  )
  const { db, sent } = client()
  const plans = async () => {
    const lines: string[] = []
    for (const { query, params } of sent.splice(0).map(({ body }) => Body.parse(body))) {
      if (!query.startsWith('call')) lines.push(...(await explain(context.db, query, params)))
    }
    return lines.join('\n')
  }
  return { context: { ...context, db }, plans }
}

it('reads by an index what the operator looks at, and at night what is old, the oldest first', async () => {
  const { context, plans } = await beside()
  await inboxHealth(context)
  const look = await plans()
  expect(look).toMatch(/Index (?:Only )?Scan using webhook_deliveries_refused /)
  expect(look).not.toMatch(/Seq Scan on (?:webhook_deliveries|sync_runs)/)
  await cleanUp(context)
  const night = await plans()
  for (const index of ['sync_runs_age', 'webhook_deliveries_age', 'webhook_deliveries_bodies']) {
    expect(night).toMatch(new RegExp(`Index Scan using ${index} `))
  }
})

it('finds by an index, in the order of the list, what each filter of an administrator is for', async () => {
  const { context } = await createSalonTenant()
  await context.db.execute(sql`
    with owners as (
      insert into businesses (id, name, timezone, currency)
      select gen_random_uuid(), 'Many', 'Europe/Moscow', 'RUB' from generate_series(1, 3000) returning id)
    insert into crm_integrations (business_id, crm_type, sync_enabled, connection_status, stopped_by, last_failure)
    select id, case when n % 500 = 0 then 'renovatio' else 'yclients' end, n % 100 <> 0,
      case when n % 200 = 0 then 'failed' else 'ok' end, case when n % 300 = 0 then 'vendor' end,
      case when n % 250 = 0 then '{"kind":"auth","reason":"revoked"}'::jsonb end
    from (select id, row_number() over () as n from owners) o`)
  await context.db.execute(sql`analyze crm_integrations`)
  const { db, sent } = client()
  const indexOf = async (filter: object) => {
    await listIntegrations({ ...context, db }, { tenant: null, limit: 50, ...filter })
    const plans = sent.splice(0).map(async ({ body }) => {
      const { query, params } = Body.parse(body)
      return explain(context.db, query, params)
    })
    const [, index] = /using (\w+) on crm_integrations/.exec((await Promise.all(plans)).flat().join('\n')) ?? []
    return index
  }
  const found = {
    all: await indexOf({}),
    crmType: await indexOf({ crmType: 'renovatio' }),
    status: await indexOf({ status: 'failed' }),
    stoppedBy: await indexOf({ stoppedBy: 'vendor' }),
    syncEnabled: await indexOf({ syncEnabled: 'false' }),
    lastErrorCode: await indexOf({ lastErrorCode: 'auth.revoked' }),
    staleSince: await indexOf({ staleSince: '2026-01-01T00:00:00Z' }),
  }
  await context.db.batch([
    context.db.execute(sql`delete from crm_integrations where business_id in (
      select id from businesses where name = 'Many')`),
    context.db.execute(sql`delete from businesses where name = 'Many'`),
    context.db.execute(sql`delete from removals`),
  ])
  expect(found).toEqual({
    ...{ all: 'crm_integrations_newest', crmType: 'crm_integrations_of_type', status: 'crm_integrations_not_ok' },
    ...{ stoppedBy: 'crm_integrations_stopped', syncEnabled: 'crm_integrations_off' },
    ...{ lastErrorCode: 'crm_integrations_last_failure', staleSince: 'crm_integrations_newest' },
  })
})

it('vacuums soon what a night leaves dead, though it is little of the table', async () => {
  const { db } = client()
  const rows = await db.call(
    `
    select relname from pg_class, pg_options_to_table(reloptions)
    where option_name = 'autovacuum_vacuum_scale_factor' and option_value::float < 1.0 / 30 order by 1`,
    [],
  )
  expect(rows.flat()).toEqual(
    expect.arrayContaining(['crm_transactions', 'sync_runs', 'transaction_feed', 'webhook_deliveries']),
  )
})
