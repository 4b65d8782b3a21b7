// The page write beside a bare one-statement upsert of the same rows by the same driver, and beside what a well-known
// sync engine does with as many rows of its own. New, unchanged and changed rows, on a table that holds rows already.
import type * as Engine from '@supabase/stripe-sync-engine'
import { sql } from 'drizzle-orm'
import { createRequire } from 'node:module'
import type Stripe from 'stripe'
import type { MappedRecord } from '#crm/contract.ts'
import { type Position, startOf, writePage } from '#sync/write-page.ts'
import { takeRun } from '#sync/take-run.ts'
import type { OpenDatabase } from './database.ts'
import { addRun, type BenchEnv, storeTransactions, withEnv } from './env.ts'
import { type Line, orderOf, ratios, timed } from './measure.ts'

// Its ES module looks for its migrations in a place that only its CommonJS form knows.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own types
const { runMigrations, StripeSync } = createRequire(import.meta.url)('@supabase/stripe-sync-engine') as typeof Engine

interface PageWriteSize {
  readonly rounds: number
  readonly pageRows: number
  readonly stored: number
}

export const KINDS = ['new', 'unchanged', 'changed'] as const
type Kind = (typeof KINDS)[number]

const BUDGETS = {
  new: { bare: 0.95, engine: 6 },
  unchanged: { bare: 1.4, engine: 12 },
  changed: { bare: 0.7, engine: null },
} as const

export interface Row {
  readonly id: string
  readonly amount: number
}

type Write = (rows: readonly Row[], kind: Kind) => Promise<void>

export async function measurePageWrite(
  open: OpenDatabase,
  { rounds, pageRows, stored }: PageWriteSize,
): Promise<Line[]> {
  return withEnv(open, async (env) => {
    await fill(env, stored)
    const sides = { ours: await ourWrite(env), bare: await bareWrite(env), engine: await engineWrite(env, stored) }
    const times = new Map<string, number[]>()
    for (let round = 0; round <= rounds; round += 1) {
      const ids = Array.from({ length: pageRows }, (_, index) => `sale:${round}-${index}`)
      for (const kind of KINDS) {
        const rows = ids.map((id) => ({ id, amount: kind === 'changed' ? round + 2 : round + 1 }))
        for (const [side, write] of orderOf(Object.entries(sides), round)) {
          const ms = await timed(async () => write(rows, kind))
          // The first round warms up all sides.
          if (round > 0) times.set(side + kind, [...(times.get(side + kind) ?? []), ms])
        }
      }
    }
    return KINDS.flatMap((kind) => linesOf(kind, stored, (side) => times.get(side + kind) ?? []))
  })
}

/** Rows a second, ours ÷ theirs, is their time ÷ ours. */
function linesOf(kind: Kind, storedRows: number, timesOf: (side: string) => readonly number[]): Line[] {
  const budget = BUDGETS[kind]
  const on = `${kind} rows, ${storedRows.toLocaleString('en')} stored`
  return [
    {
      name: `page write ÷ bare upsert, ${on}`,
      value: ratios(timesOf('bare'), timesOf('ours')),
      unit: '×',
      budget: { kind: 'least', value: budget.bare },
    },
    {
      name: `page write ÷ stripe-sync-engine, ${on}`,
      value: ratios(timesOf('engine'), timesOf('ours')),
      unit: '×',
      budget: budget.engine === null ? null : { kind: 'least', value: budget.engine },
    },
  ]
}

/** Both tables hold the same rows under the same indexes before anything is timed. */
export async function fill(env: BenchEnv, rows: number): Promise<void> {
  await storeTransactions(env, rows)
  await env.pool.query('create table bare (like crm_transactions including all)')
  await env.pool.query('insert into bare select * from crm_transactions')
  // Ours has the fence in its place.
  await env.pool.query('alter table bare add foreign key (integration_id) references crm_integrations not valid')
  await env.pool.query('vacuum analyze')
}

async function ourWrite(env: BenchEnv): Promise<Write> {
  const context = env.openContext()
  const run = await takeRun(context, await addRun(env.pool, env.integrationId, { trigger: 'schedule' }))
  if (!run) throw new Error('the run was not to be taken')
  let position: Position = startOf(run)
  // As in a run of such pages.
  const quiet = new Map<Kind, boolean>()
  return async (page, kind) => {
    const from = { ...position, isQuiet: quiet.get(kind) ?? false }
    const written = await writePage(context, run, from, {
      records: page.map(record),
      cursor: { page: position.pages },
    })
    if (!written) throw new Error('the page was refused')
    position = written
    quiet.set(kind, written.isQuiet)
  }
}

const NOW = Math.floor(Date.now() / 1000) * 1000
/** Spread over the period of what is stored: a page that changed all sales of one moment would meet the brake. */
const atOf = (id: string) => `${new Date(NOW - Number(/\d+$/.exec(id)?.[0]) * 80 * 60_000).toISOString().slice(0, 19)}Z`
const ITEMS = [{ externalId: '1', name: 'Стрижка', quantity: 1, amountMinor: 10_000 }]

export function record({ id, amount }: Row): MappedRecord {
  const transaction = {
    ...({
      externalId: id,
      kind: 'sale',
      status: 'paid',
      amountMinor: amount,
      currency: 'RUB',
      occurredAt: atOf(id),
    } as const),
    customer: { externalId: '7', name: 'Анна Белова', phone: '+79001234567', email: null, card: null },
    ...{ items: ITEMS, location: null, sourceUpdatedAt: atOf(id) },
  }
  return { type: 'transaction', transaction, rule: { code: 'sold' } }
}

export async function bareWrite(env: BenchEnv): Promise<Write> {
  const { db } = env.openContext()
  let seq = 1_000_000_000
  return async (page) => {
    const rows = page.map(({ id, amount }) => ({
      ...{ external_id: id, amount_minor: amount, occurred_at: atOf(id), source_updated_at: atOf(id), items: ITEMS },
      ...{
        customer_external_id: '7',
        customer_name: 'Анна Белова',
        customer_phone: '+79001234567',
        change_seq: (seq += 1),
      },
    }))
    await db.execute(sql`
      insert into bare (business_id, integration_id, external_id, kind, status, amount_minor, currency, occurred_at,
        customer_external_id, customer_name, customer_phone, items, source_updated_at, version_at, change_seq, seen_seq,
        settings_epoch)
      select ${env.businessId}::uuid, ${env.integrationId}::uuid, r.external_id, 'sale', 'paid', r.amount_minor, 'RUB',
        r.occurred_at, r.customer_external_id, r.customer_name, r.customer_phone, r.items, r.source_updated_at,
        r.source_updated_at, r.change_seq, r.change_seq, 0
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(external_id text, amount_minor bigint,
        occurred_at timestamptz, customer_external_id text, customer_name text, customer_phone text, items jsonb,
        source_updated_at timestamptz, change_seq bigint)
      on conflict (integration_id, external_id) do update set amount_minor = excluded.amount_minor,
        occurred_at = excluded.occurred_at, customer_external_id = excluded.customer_external_id,
        customer_name = excluded.customer_name, customer_phone = excluded.customer_phone, items = excluded.items,
        source_updated_at = excluded.source_updated_at, change_seq = excluded.change_seq, updated_at = now()`)
  }
}

/** Its customers: the rows it writes by the same path as all its other objects. */
async function engineWrite({ databaseUrl, pool }: BenchEnv, storedRows: number): Promise<Write> {
  await runMigrations({ databaseUrl, schema: 'stripe' })
  await pool.query(
    `insert into stripe.customers (id, object, balance, created, currency, name, phone, livemode, delinquent, last_synced_at)
      select 'stored:' || n, 'customer', n % 100000, 1790000000, 'rub', 'Анна Белова', '+7900' || n, false, false, now()
      from generate_series(1, $1::bigint) n`,
    [storedRows],
  )
  await pool.query('vacuum analyze stripe.customers')
  const engine = new StripeSync({
    ...{ schema: 'stripe', stripeSecretKey: 'sk_test_bench', stripeWebhookSecret: 'whsec_bench' },
    ...{
      autoExpandLists: false,
      backfillRelatedEntities: false,
      poolConfig: { connectionString: databaseUrl, max: 10 },
    },
  })
  // The server is stopped before its idle connections are closed.
  engine.postgresClient.pool.on('error', () => undefined)
  return async (page) => {
    const customers = page.map(({ id, amount }) => ({
      ...{ id, object: 'customer', balance: amount, created: 1_790_000_000, currency: 'rub', name: 'Анна Белова' },
      ...{ phone: '+79001234567', email: null, metadata: { item: 'Стрижка' }, livemode: false, delinquent: false },
    }))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the columns it stores, no more
    await engine.upsertCustomers(customers as unknown as Stripe.Customer[])
  }
}
