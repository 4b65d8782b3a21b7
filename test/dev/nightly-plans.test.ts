// What the night and the operator ask of large tables is found through indexes, however many rows are stored.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { createDb } from '#db/client.ts'
import { inboxHealth } from '#health/inbox-health.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { systemClock } from '#lib/clock.ts'
import { createLog } from '#lib/log.ts'
import { ownDatabase } from '#test/databases.ts'

const Body = z.object({ query: z.string(), params: z.array(z.unknown()) })
const { url, ownerUrl, endpoint } = ownDatabase()
const sent: z.infer<typeof Body>[] = []
let owner: pg.Client

/** Enough for the night and for health, without files. */
function contextOf(): Context {
  const db = createDb({
    ...{ databaseUrl: url, endpoint, clock: systemClock, random: Math.random },
    fetch: async (input, init) => {
      if (typeof init?.body === 'string') sent.push(Body.parse(JSON.parse(init.body)))
      return fetch(input, init)
    },
  })
  const retentionDays = { runs: 30, changes: 365, quarantine: 90, webhooks: 30, webhookBodies: 7 }
  const files = { list: async () => ({ objects: [], truncated: false }) }
  const write = () => undefined
  const log = createLog({}, { log: write, warn: write, error: write })
  const context = { db, files, log, clock: systemClock, config: { retentionDays } }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else is asked of it
  return context as unknown as Context
}

beforeAll(async () => {
  owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  await owner.query(`
    with owner as (
      insert into businesses (id, name, timezone, currency)
      select gen_random_uuid(), 'many', 'Europe/Moscow', 'RUB' from generate_series(1, 100) returning id
    ), ours as (
      insert into crm_integrations (business_id, crm_type) select id, 'iiko' from owner returning id
    ), deliveries as (
      insert into webhook_deliveries (integration_id, dedupe_key, status, body, received_at)
      select id, n, case when n % 300 = 0 then 'failed' else 'done' end, case when n < 40 then '\\x00'::bytea end,
        now() - n * interval '1 hour' from ours, generate_series(1, 700) n)
    insert into sync_runs (integration_id, trigger, status, settings_epoch, created_at, finished_at)
    select id, 'schedule', 'succeeded', 1, now() - n * interval '1 hour', now() from ours, generate_series(1, 700) n`)
  await owner.query(`insert into webhook_refusals values ('iiko', current_date, 30) on conflict do nothing`)
  await owner.query('analyze')
})

afterAll(async () => {
  await owner.query(`delete from crm_integrations where business_id in (select id from businesses where name = 'many')`)
  await owner.query(`delete from businesses where name = 'many'`)
  await owner.end()
})

/** The plans of the statements as one text. */
async function plansOf(statements: typeof sent): Promise<string> {
  const lines: string[] = []
  for (const { query, params } of statements.filter((statement) => !statement.query.startsWith('call'))) {
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`explain ${query}`, params)
    lines.push(...rows.map((row) => row['QUERY PLAN']))
  }
  return lines.join('\n')
}

describe('on large tables', () => {
  it('the night takes the oldest first, by an index', async () => {
    sent.length = 0
    await cleanUp(contextOf())
    const plans = await plansOf(sent)
    // In the order of the index, which a BRIN index has not.
    for (const index of ['sync_runs_age', 'webhook_deliveries_age']) {
      expect(plans).toContain(`Index Scan using ${index} `)
    }
    expect(plans).toMatch(/Index Scan (?:using|on) webhook_deliveries_bodies /)
  })

  it('the operator’s look at the inbox reads what was refused and the last day, by an index', async () => {
    sent.length = 0
    expect(await inboxHealth(contextOf())).toMatchObject({ refusals: [{ crmType: 'iiko' }] })
    const plans = await plansOf(sent)
    for (const index of ['webhook_deliveries_refused', 'webhook_deliveries_newest']) {
      expect(plans).toMatch(new RegExp(`Index Scan (?:using|on) ${index} `))
    }
    expect(plans).not.toContain('Seq Scan on webhook_deliveries')
  })
})

it('vacuums soon what a night leaves dead, though it is little of the table', async () => {
  const { rows } = await owner.query(`
    select relname as name from pg_class, pg_options_to_table(reloptions)
    where option_name = 'autovacuum_vacuum_scale_factor' and option_value::float < 1.0 / 30 order by 1`)
  expect(rows.map(({ name }) => String(name))).toEqual(
    expect.arrayContaining(['crm_transactions', 'sync_runs', 'transaction_feed', 'webhook_deliveries']),
  )
})
