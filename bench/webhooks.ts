// Receipt of webhooks, beside a bare Worker that does one INSERT of the same body.
import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import type { LoadSize } from './api-read.ts'
import { cpuOf, processMs, tellsCpu } from './cpu.ts'
import type { OpenDatabase } from './database.ts'
import { type BenchEnv, withEnv } from './env.ts'
import { interleave, type Line, ratios, spreadOf } from './measure.ts'
import { serveEntry, serveService, tokenFor } from './serve.ts'

interface Load {
  readonly perSecond: number
  readonly p99Ms: number
  /** CPU of one receipt, in microseconds. Null: this system does not tell. */
  readonly cpu: { readonly worker: number; readonly postgres: number } | null
}

export async function measureWebhooks(open: OpenDatabase, { rounds, ...size }: LoadSize): Promise<Line[]> {
  return withEnv(open, async (env) => {
    await env.pool.query('create table bare_deliveries (like webhook_deliveries including all)')
    // Ours looks the integration up in its place.
    await env.pool.query('alter table bare_deliveries add foreign key (integration_id) references crm_integrations')
    const service = await serveService(env)
    const bare = await serveEntry(env, 'bare-hook-worker.ts', { bindings: { INTEGRATION_ID: env.integrationId } })
    const settling = settleBoth(env)
    try {
      const address = await newAddress(service.url, env)
      const loads = await interleave(rounds, {
        ours: async () => loadWithCpu(env, service.pid, async () => load(address, size)),
        bare: async () => loadWithCpu(env, bare.pid, async () => load(bare.url, size)),
      })
      await expectStored(env)
      return linesOf(loads)
    } finally {
      await settling.stop()
      await service.close()
      await bare.close()
    }
  })
}

async function newAddress(url: string, { businessId, integrationId }: BenchEnv): Promise<string> {
  const token = await tokenFor(businessId, 'integrations:write')
  const answer = await fetch(`${url}/v1/integrations/${integrationId}/webhook-token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  const { webhookUrl } = z.object({ webhookUrl: z.string() }).parse(await answer.json())
  return webhookUrl
}

function linesOf({ ours, bare }: Readonly<Record<'ours' | 'bare', readonly Load[]>>): Line[] {
  const rates = (side: readonly Load[]) => side.map(({ perSecond }) => perSecond)
  const tails = (side: readonly Load[]) => side.map(({ p99Ms }) => p99Ms)
  return [
    {
      name: 'webhook receipt: receipts/s ÷ bare',
      value: ratios(rates(ours), rates(bare)),
      unit: '×',
      budget: { kind: 'least', value: 0.85 },
    },
    { name: 'webhook receipt: receipts/s', value: spreadOf(rates(ours)), unit: '/s', budget: null },
    { name: 'webhook receipt: p99', value: spreadOf(tails(ours)), unit: 'ms', budget: null },
    { name: 'bare INSERT: p99', value: spreadOf(tails(bare)), unit: 'ms', budget: null },
    ...cpuLines(ours, bare),
  ]
}

/** Whose work it is: the Worker's or PostgreSQL's. */
function cpuLines(ours: readonly Load[], bare: readonly Load[]): Line[] {
  return (['worker', 'postgres'] as const).flatMap((who): Line[] => {
    const [own, beside] = [ours, bare].map((side) => side.flatMap(({ cpu }) => (cpu ? [cpu[who]] : [])))
    if (!own?.length || !beside?.length) return []
    const name = `webhook receipt: CPU of ${who === 'worker' ? 'workerd' : 'PostgreSQL'}`
    return [
      { name, value: spreadOf(own), unit: 'µs', budget: null },
      { name: `${name} ÷ bare`, value: ratios(own, beside), unit: '×', budget: null },
    ]
  })
}

async function loadWithCpu(
  { pool }: BenchEnv,
  pid: number,
  act: () => Promise<Omit<Load, 'cpu'> & { readonly count: number }>,
): Promise<Load> {
  if (!tellsCpu()) return { ...(await act()), cpu: null }
  const before = processMs(pid)
  let done = { perSecond: 0, p99Ms: 0, count: 0 }
  const postgres = await cpuOf(pool, async () => (done = await act()))
  const { count, ...loaded } = done
  return { ...loaded, cpu: { worker: ((processMs(pid) - before) / count) * 1000, postgres: (postgres / count) * 1000 } }
}

/** Twenty times a second: fewer than a hundred may wait, or they share one row. */
const SETTLE_MS = 50

/** Settles what has come, on both sides alike, as the worker of an inbox does. */
function settleBoth({ pool }: BenchEnv): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController()
  const settle = async () => {
    while (!stopping.signal.aborted) {
      for (const table of ['webhook_deliveries', 'bare_deliveries'])
        await pool.query(`update ${table} set status = 'done', done_at = now() where status = 'new'`)
      await setTimeout(SETTLE_MS)
    }
  }
  const settling = settle()
  return {
    stop: async () => {
      stopping.abort()
      await settling
    },
  }
}

/** A receipt that stores nothing would be fast. */
async function expectStored({ pool }: BenchEnv): Promise<void> {
  for (const table of ['webhook_deliveries', 'bare_deliveries']) {
    const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${table}`)
    if ((rows[0]?.n ?? 0) < sent / 4) throw new Error(`${table} holds ${rows[0]?.n} of ${sent} sent`)
  }
}

let sent = 0

/** A visit as YCLIENTS sends it; no two are the same. */
function nextBody(): string {
  sent += 1
  const client = { id: 66_120_034, name: 'Анна', surname: 'Кедрова', phone: '+79001234567', email: '', card: '' }
  const services = [{ id: 3301, title: 'Стрижка', cost: 1800, cost_to_pay: 1800, discount: 10, amount: 1 }]
  const data = { id: sent, services, goods_transactions: [], client, date: '2026-11-24 12:00:00', attendance: 1 }
  const event = { company_id: 540_112, resource: 'record', resource_id: sent, status: 'update', data }
  return JSON.stringify(event)
}

/** Each connection sends one after the other. */
async function load(url: string, { connections, seconds: most }: Omit<LoadSize, 'rounds'>) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const startedAt = performance.now()
  const tookMs: number[] = []
  const connection = async () => {
    while (performance.now() - startedAt < most * 1000) {
      const sentAt = performance.now()
      await post(url, agent)
      tookMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  tookMs.sort((a, b) => a - b)
  const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN
  return { perSecond: tookMs.length / seconds, p99Ms, count: tookMs.length }
}

async function post(url: string, agent: Agent): Promise<void> {
  await new Promise<void>((settle, reject) => {
    const outgoing = request(
      url,
      // Cloudflare gives every request its id.
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'cf-ray': `bench-${sent}` } },
      (answer) => {
        answer.resume()
        answer.once('end', () =>
          answer.statusCode === 200 ? settle() : reject(new Error(`answered ${answer.statusCode}`)),
        )
      },
    )
    outgoing.once('error', reject)
    outgoing.end(nextBody())
  })
}
