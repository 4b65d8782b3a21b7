// What PostgreSQL says of a statement just as the service sends it: caught on its way, explained with its own values,
// and undone.
import type pg from 'pg'
import * as z from 'zod'
import type { BenchEnv } from './env.ts'

const Query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]) })
const Body = z.union([z.object({ queries: z.array(Query).min(1) }), Query])

export interface Plan {
  readonly text: string
  /** 8 KiB blocks touched, in memory or not. */
  readonly blocks: number
  readonly scansTable: boolean
}

const REFUSED = 10
/** Of a month of the history with some hundred rows, which are a few blocks, a scan is right. */
const SCAN = /Seq Scan on (?:crm_transactions|transaction_changes_\w+ .*\n.*\n.*Rows Removed by Filter: \d{4})/

/**
 * Prints and returns the plan of the last statement of the first request that `act` makes; nothing is executed for
 * good.
 */
export async function explain({ pool, proxy }: BenchEnv, name: string, act: () => Promise<unknown>): Promise<Plan> {
  const bodies: string[] = []
  Object.assign(proxy.switches, { onRequest: (body: string) => void bodies.push(body), failNext: REFUSED })
  await act().catch(() => undefined)
  Object.assign(proxy.switches, { onRequest: null, failNext: 0 })
  const body = Body.parse(JSON.parse(bodies[0] ?? ''))
  const queries = 'queries' in body ? body.queries : [body]
  const client = await pool.connect()
  try {
    await client.query('begin')
    for (const { query, params } of queries.slice(0, -1)) await client.query(query, params)
    const { query = '', params = [] } = queries.at(-1) ?? {}
    const plans = query.startsWith('call ')
      ? await plansOfCall(client, query, params)
      : [await planOf(client, query, params)]
    const text = plans.join('\n')
    console.log(`\n── ${name}\n${text}`)
    const blocks = plans.reduce((sum, plan) => sum + blocksOf(plan), 0)
    return { text, blocks, scansTable: SCAN.test(text) }
  } finally {
    await client.query('rollback')
    client.release()
  }
}

async function planOf(client: pg.PoolClient, query: string, params: unknown[]): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers) ${query}`, params)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

/** EXPLAIN takes no procedure, so each of its queries is explained as it runs. */
async function plansOfCall(client: pg.PoolClient, call: string, params: unknown[]): Promise<string[]> {
  const plans: string[] = []
  const note = ({ message }: { readonly message: string | undefined }) => void plans.push(message ?? '')
  await client.query(`load 'auto_explain'; set local client_min_messages = notice;
    set local auto_explain.log_min_duration = 0; set local auto_explain.log_analyze = on;
    set local auto_explain.log_buffers = on; set local auto_explain.log_nested_statements = on;
    set local auto_explain.log_level = notice`)
  client.on('notice', note)
  await client.query(call, params)
  client.off('notice', note)
  return plans
}

/** The first line is that of the whole plan. */
function blocksOf(plan: string): number {
  const buffers = /Buffers: shared((?: \w+=\d+)+)/.exec(plan)?.[1] ?? ''
  return [...buffers.matchAll(/(?:hit|read)=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}
