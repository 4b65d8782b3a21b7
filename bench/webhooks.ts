// Receipt of webhooks, beside a bare Worker that does one INSERT of the same body.
import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { build } from 'esbuild'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import type { BenchEnv } from './env.ts'
import { buildWorker } from './bundle.ts'
import { type Line, ratios, spreadOf } from './measure.ts'
import { type Served, serveWorker } from './workerd.ts'

const ROUNDS = 9
const SECONDS = 3
const CONNECTIONS = 16

interface Load {
  readonly perSecond: number
  readonly p99Ms: number
}

export async function measureWebhooks(bed: BenchEnv): Promise<Line[]> {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest()
  await bed.pool.query('update crm_integrations set webhook_token_hash = $2 where id = $1', [bed.integrationId, hash])
  await bed.pool.query('create table bare_deliveries (like webhook_deliveries including all)')
  // `like` copies every constraint but this kind.
  await bed.pool.query('alter table bare_deliveries add foreign key (integration_id) references crm_integrations')
  const [service, bare] = [await serveOurs(bed), await serveBare(bed)]
  const ours: Load[] = []
  const theirs: Load[] = []
  const sides = [
    async () => ours.push(await load(`${service.url}/webhooks/yclients/${token}`)),
    async () => theirs.push(await load(bare.url)),
  ]
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
    }
  } finally {
    await service.close()
    await bare.close()
  }
  await expectStored(bed)
  // The first round warms up both.
  const [a, b] = [ours.slice(1), theirs.slice(1)]
  const rates = (side: readonly Load[]) => side.map(({ perSecond }) => perSecond)
  const tails = (side: readonly Load[]) => side.map(({ p99Ms }) => p99Ms)
  return [
    {
      name: 'webhook receipt: receipts/s ÷ bare',
      value: ratios(rates(a), rates(b)),
      unit: '×',
      budget: { kind: 'least', value: 0.8 },
    },
    { name: 'webhook receipt: receipts/s', value: spreadOf(rates(a)), unit: '/s', budget: null },
    { name: 'webhook receipt: p99', value: spreadOf(tails(a)), unit: 'ms', budget: null },
    { name: 'bare INSERT: p99', value: spreadOf(tails(b)), unit: 'ms', budget: null },
  ]
}

/** A receipt that stores nothing would be fast. */
async function expectStored({ pool }: BenchEnv): Promise<void> {
  for (const table of ['webhook_deliveries', 'bare_deliveries']) {
    const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${table} where status = 'new'`)
    if ((rows[0]?.n ?? 0) < sent / 4) throw new Error(`${table} holds ${rows[0]?.n} of ${sent} sent`)
  }
}

async function serveOurs({ directory, databaseUrl, endpoint }: BenchEnv): Promise<Served> {
  return serveWorker(join(directory, 'hooks'), buildWorker(join(directory, 'hooks-bundle')), {
    ...{ DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: endpoint, ENVIRONMENT: 'development' },
    ...{ AUTH_JWT_SECRET: randomBytes(32).toString('hex'), AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE },
    ENCRYPTION_KEYS: `bench:${Buffer.alloc(32, 1).toString('base64')}`,
  })
}

async function serveBare({ directory, databaseUrl, endpoint, integrationId }: BenchEnv): Promise<Served> {
  const script = join(directory, 'bare-hooks.js')
  const entryPoints = [join(import.meta.dirname, 'bare-hook-worker.ts')]
  const options = { bundle: true, format: 'esm', minify: true, logLevel: 'error' } as const
  await build({ entryPoints, outfile: script, conditions: ['workerd'], ...options })
  const bindings = { DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: endpoint, INTEGRATION_ID: integrationId }
  return serveWorker(join(directory, 'bare-hooks'), script, bindings)
}

let sent = 0

/** A visit as YCLIENTS tells of it; no two are the same. */
function nextBody(): string {
  sent += 1
  const client = { id: 66_120_034, name: 'Анна', surname: 'Кедрова', phone: '+79001234567', email: '', card: '' }
  const services = [{ id: 3301, title: 'Стрижка', cost: 1800, cost_to_pay: 1800, discount: 10, amount: 1 }]
  const data = { id: sent, services, goods_transactions: [], client, date: '2026-11-24 12:00:00', attendance: 1 }
  const event = { company_id: 540_112, resource: 'record', resource_id: sent, status: 'update', data }
  return JSON.stringify(event)
}

/** So many connections that each send one after the other, for some seconds. */
async function load(url: string): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const startedAt = performance.now()
  const tookMs: number[] = []
  const connection = async () => {
    while (performance.now() - startedAt < SECONDS * 1000) {
      const sentAt = performance.now()
      await post(url, agent)
      tookMs.push(performance.now() - sentAt)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const seconds = (performance.now() - startedAt) / 1000
  agent.destroy()
  tookMs.sort((a, b) => a - b)
  return { perSecond: tookMs.length / seconds, p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN }
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
