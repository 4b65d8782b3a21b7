// A session keeps the plans of the procedures. One that was made on empty tables must be right when they are large,
// since nothing tells the session that they have grown.
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { createDatabase } from '#test/fresh-database.ts'
import { NOBODY_ERASED } from '#tombstones/erased.ts'
import { toPageRows } from '#transactions/page-rows.ts'
import { pageCalls } from '#transactions/page-statement.ts'

const STORED = 20_000
const PAGE = 50
const [integrationId, runId] = [randomUUID(), randomUUID()]
let client: pg.Client

beforeAll(async () => {
  const url = await createDatabase('plans')
  await applyMigrations(url)
  client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('vacuum analyze')
  await client.query(`
    with owner as (
      insert into businesses (id, name, timezone, currency) values (gen_random_uuid(), 'B', 'Europe/Moscow', 'RUB')
      returning id
    ), ours as (
      insert into crm_integrations (id, business_id, crm_type, lease_run_id, lease_until)
      select '${integrationId}', id, 'yclients', '${runId}', now() from owner)
    insert into sync_runs (id, integration_id, trigger, status, settings_epoch, started_at, brake_off)
    values ('${runId}', '${integrationId}', 'manual', 'running', 1, now(), true)`)
})

afterAll(async () => client.end())

function record(n: number, amountMinor: number): MappedRecord {
  const at = '2026-11-01T09:30:00Z'
  const transaction = {
    ...({
      externalId: `sale:${n}`,
      kind: 'sale',
      status: 'paid',
      amountMinor,
      currency: 'RUB',
      occurredAt: at,
    } as const),
    ...{ customer: null, items: [], location: null, sourceUpdatedAt: at },
  }
  return { type: 'transaction', transaction, rule: { code: 'sold' }, alias: `alias:${n}` }
}

/** Writes a page and returns how many rows of sales PostgreSQL has read for it. */
async function rowsRead(ordinal: number, records: readonly MappedRecord[], isQuiet = false): Promise<number> {
  const { whole, hashes } = pageCalls({
    integrationId,
    writer: {
      ...({
        type: 'run',
        leaseEpoch: 0,
        leaseSeconds: 60,
        runId,
        ordinal,
        pages: 1,
        skipped: 0,
        readable: records.length,
      } as const),
      ...{ endsRefused: false, cursorJson: '{}', progressDone: null, progressTotal: null },
    },
    ...{ snapshotSeq: STORED * 9, rows: await toPageRows(records), source: 'manual', canRecheck: true },
    erased: NOBODY_ERASED,
  })
  const { text, params } = (isQuiet ? hashes : null)?.() ?? whole()
  // What was read before counts until it is flushed.
  await client.query('select pg_stat_force_next_flush()')
  await client.query('begin')
  const { rows } = await client.query<{ written: unknown }>(text, [...params])
  expect(rows[0]?.written).toMatchObject({ braked: false })
  const { rows: read } = await client.query<{ rows: number }>(`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables
    where relname in ('crm_transactions', 'transaction_changes', 'transaction_feed')`)
  await client.query('commit')
  return read[0]?.rows ?? Number.NaN
}

it('reads no more of a large table than of an empty one, by the plans of the empty one', async () => {
  const page = (from: number, amount: number) => Array.from({ length: PAGE }, (_, n) => record(from + n, amount))
  await rowsRead(0, page(0, 1))
  await rowsRead(1, page(0, 1), true)
  await rowsRead(2, page(0, 2))
  await client.query(
    `insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, items, change_seq, seen_seq, settings_epoch)
      select business_id, id, 'stored:' || n, 'sale', 'paid', n, 'RUB', now(), '[]', n + 1000, n + 1000, 1
      from crm_integrations, generate_series(1, $1::int) n`,
    [STORED],
  )
  await client.query(`
    insert into transaction_feed select integration_id, change_seq, id from crm_transactions where change_seq > 1000`)
  await client.query('update crm_integrations set change_seq = $1', [STORED + 1000])
  expect(await rowsRead(3, page(PAGE, 1))).toBeLessThan(6 * PAGE)
  expect(await rowsRead(4, page(PAGE, 1), true)).toBeLessThan(6 * PAGE)
  expect(await rowsRead(5, page(PAGE, 2))).toBeLessThan(6 * PAGE)
})
