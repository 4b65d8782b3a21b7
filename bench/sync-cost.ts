// What one piece of work costs of all that is paid for or limited, by CRM, against its sandbox: an idle sync, a sync
// with twenty sales, one webhook. The service and the slices run in plain workerd.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { freePort } from '#dev/free-port.ts'
import { type ServedSandbox, serveSandbox } from '#dev/serve-sandbox.ts'
import { DEMOS } from '#sandbox/registry.ts'
import { cpuOf, processMs } from './cpu.ts'
import type { OpenDatabase } from './database.ts'
import { addRun, type BenchEnv, withEnv } from './env.ts'
import { serveFiles } from './files.ts'
import { type Line, spreadOf } from './measure.ts'
import { serveEntry, serveService, tokenFor } from './serve.ts'
import { runToEnd } from './slices.ts'
import type { Served } from './workerd.ts'

export interface SyncCostSize {
  readonly rounds: number
  readonly sales: number
}

/** The most of an idle sync, where hooks are live. */
const BUDGETS = { requests: 4, 'vendor calls': 3, 'PostgreSQL ms': 8 } as const
/** A file is asked for once. */
const BUDGETS_CSV = { ...BUDGETS, requests: 2 } as const

/** Requests are those to Neon. */
const COSTS = [
  ...(['requests', 'statements', 'KB sent', 'KB answered', 'vendor calls', 'PostgreSQL ms', 'Worker ms'] as const),
]
type Cost = Readonly<Record<(typeof COSTS)[number], number>>

interface Setup {
  readonly env: BenchEnv
  readonly service: Served
  /** Works on a run or an inbox at once, as a message would make the service do. */
  readonly worker: Served
  readonly served: ServedSandbox
  readonly id: string
}

export async function measureSyncCost(open: OpenDatabase, size: SyncCostSize): Promise<Line[]> {
  const lines: Line[] = []
  const table: (readonly [string, readonly [string, number][]])[] = []
  for (const type of Object.keys(DEMOS)) {
    const costs = await withEnv(open, async (env) => withSetup(env, type, async (setup) => measureCrm(setup, size)))
    for (const [work, all] of Object.entries(costs)) {
      if (all.length > 0) table.push([`${type}, ${work}`, medianOf(all)])
    }
    for (const [what, value] of Object.entries(type === 'csv' ? BUDGETS_CSV : BUDGETS)) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a key of the budgets
      const values = costs['idle sync'].map((cost) => cost[what as keyof typeof BUDGETS])
      lines.push({
        name: `${type}, idle sync, ${what}`,
        value: spreadOf(values),
        unit: '',
        budget: { kind: 'most', value },
      })
    }
  }
  printTable(table)
  return lines
}

async function withSetup<T>(env: BenchEnv, type: string, use: (setup: Setup) => Promise<T>): Promise<T> {
  const sandbox = DEMOS[type]?.(new Date())
  if (!sandbox) throw new Error(`no demo of ${type}`)
  const served = { ...(await serveSandbox(sandbox, await freePort())), sandbox }
  const files = await serveFiles(join(env.directory, 'files'))
  // Syncs follow each other without the pause in which a vendor's limit becomes free again.
  const bindings = { EGRESS_ALLOW_ORIGINS: served.url, THROTTLE_WAIT_SCALE: '0.01' }
  const options = { bindings, filesAddress: files.address }
  const service = await serveService(env, options)
  const worker = await serveEntry(env, 'slice-worker.ts', { ...options, hasBudget: true })
  try {
    return await use({ env, service, worker, served, id: await connect(service, served) })
  } finally {
    await worker.close()
    await service.close()
    await files.close()
    await served.close()
  }
}

const Connected = z.object({ id: z.string(), webhookUrl: z.string().nullable() })

/** A business with sync on and the CRM's webhooks; its id. */
async function connect({ url }: Served, { url: at, sandbox }: ServedSandbox): Promise<string> {
  const businessId = randomUUID()
  const { business, connection, addressed, hooks } = sandbox
  const headers = { authorization: `Bearer ${await tokenFor(null, 'admin')}`, 'content-type': 'application/json' }
  const call = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    return text
  }
  await call('PUT', `/v1/businesses/${businessId}`, business)
  const created = await call('POST', '/v1/integrations', {
    ...{ ...connection, businessId, apiUrl: at },
    additionalConfig: { ...connection.additionalConfig, ...addressed?.(at) },
  })
  const { id } = Connected.parse(JSON.parse(created))
  const on = await call('PATCH', `/v1/integrations/${id}`, { syncEnabled: true })
  const { webhookUrl } = Connected.parse(JSON.parse(on))
  if (webhookUrl !== null) hooks?.address?.(webhookUrl)
  return id
}

async function measureCrm(setup: Setup, { rounds, sales }: SyncCostSize) {
  const { served } = setup
  const hooks = served.sandbox.hooks?.sent ?? []
  const costs = {
    'idle sync': [] as Cost[],
    [`sync with ${sales} sales`]: [] as Cost[],
    webhook: [] as Cost[],
  } as const
  const { 'idle sync': idle, webhook, ...others } = costs
  const [busy = []] = Object.values(others)
  // The first sync reads all there is; the next one warms up what the measured ones use.
  for (let warm = 0; warm < 3; warm += 1) await syncOnce(setup)
  // Before anything is sold: what was sold a moment ago is read again by the next syncs.
  for (let round = 0; round < rounds; round += 1) idle.push(await syncOnce(setup))
  for (let round = 0; round < rounds; round += 1) {
    for (let sale = 0; sale < sales; sale += 1) await sell(served)
    hooks.length = 0
    busy.push(await syncOnce(setup))
    await sell(served)
    const sent = hooks.splice(0)
    if (sent.length > 0) webhook.push(await receive(setup, sent))
    await syncOnce(setup)
  }
  return costs
}

async function sell({ url }: ServedSandbox): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/_sandbox/edit`, { method: 'POST', headers, body: '{"do":"sell","rubles":990}' })
  if (!answer.ok) throw new Error(await answer.text())
}

async function syncOnce(setup: Setup): Promise<Cost> {
  const { env, worker, id } = setup
  const runId = await addRun(env.pool, id, { settingsEpoch: 1, trigger: 'schedule' })
  const cost = await costOf(setup, async () => runToEnd(env, worker.url, runId))
  const { rows } = await env.pool.query<{ status: string; error: unknown }>(
    'select status, error from sync_runs where id = $1',
    [runId],
  )
  if (rows[0]?.status !== 'succeeded') throw new Error(`a run ended as ${JSON.stringify(rows)}`)
  return cost
}

/** What the CRM sends of one change, from its receipt to the stored sale. */
async function receive(setup: Setup, sent: NonNullable<ServedSandbox['sandbox']['hooks']>['sent']): Promise<Cost> {
  const { env, worker, service, id } = setup
  return costOf(setup, async () => {
    for (const { url, method, headers, body } of sent) {
      const { pathname, search } = new URL(url)
      const answer = await fetch(`${service.url}${pathname}${search}`, {
        method,
        headers,
        ...(method === 'POST' && { body }),
      })
      if (!answer.ok) throw new Error(`a webhook was answered with ${answer.status}`)
    }
    await (await fetch(`${worker.url}/?inbox=${id}`)).arrayBuffer()
    const waiting = await env.pool.query(
      `select from webhook_deliveries where status = 'new' and integration_id = $1`,
      [id],
    )
    if ((waiting.rowCount ?? 0) > 0) throw new Error('a webhook waits')
  })
}

/** Answers may still be on their way when the caller has all it waits for. */
const SETTLE_MS = 20

async function costOf({ env, service, worker, served }: Setup, act: () => Promise<unknown>): Promise<Cost> {
  const { proxy, pool } = env
  let statements = 0
  proxy.switches.onRequest = (body) => void (statements += statementsIn(body))
  const counted = () => ({
    ...{ requests: proxy.requests(), vendor: served.sandbox.requests.length, ...proxy.bytes() },
    worker: processMs(worker.pid) + processMs(service.pid),
  })
  const before = counted()
  const postgresMs = await cpuOf(pool, async () => {
    await act()
    await sleep(SETTLE_MS)
  })
  const after = counted()
  proxy.switches.onRequest = null
  return {
    requests: after.requests - before.requests,
    statements,
    'KB sent': (after.received - before.received) / 1024,
    'KB answered': (after.sent - before.sent) / 1024,
    'vendor calls': after.vendor - before.vendor,
    'PostgreSQL ms': postgresMs,
    'Worker ms': after.worker - before.worker,
  }
}

const Body = z.union([z.object({ queries: z.array(z.unknown()) }), z.object({ query: z.string() })])

function statementsIn(body: string): number {
  const parsed = Body.parse(JSON.parse(body))
  return 'queries' in parsed ? parsed.queries.length : 1
}

function medianOf(costs: readonly Cost[]): [string, number][] {
  return COSTS.map((what) => [what, spreadOf(costs.map((cost) => cost[what])).median])
}

function printTable(rows: readonly (readonly [string, readonly [string, number][]])[]): void {
  const rounded = rows.map(([name, cost]) => [
    name,
    Object.fromEntries(cost.map(([what, value]) => [what, Number(value.toFixed(1))])),
  ])
  console.table(Object.fromEntries(rounded))
}
