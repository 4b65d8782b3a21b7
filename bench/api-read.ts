// GET /v1/integrations/{id} with JWT and JSON, beside a bare Worker that does the same single SELECT.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as z from 'zod'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import { mintToken } from '#dev/token.ts'
import { buildWorker } from './bundle.ts'
import type { BenchEnv } from './env.ts'
import { type Line, ratios } from './measure.ts'
import { type Served, serveWorker } from './workerd.ts'

const ROUNDS = 9
const SECONDS = 3
const CONNECTIONS = 16

const Report = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), average: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
})
type Report = z.infer<typeof Report>

export async function measureApiRead(bed: BenchEnv): Promise<Line[]> {
  const { businessId, integrationId } = bed
  const secret = randomBytes(32).toString('base64url')
  const token = await mintToken(secret, { businessId, scope: 'integrations:read', ttlSeconds: 3600 })
  const [service, bare] = [await serveOurs(bed, secret), await serveBare(bed)]
  const ours: Report[] = []
  const theirs: Report[] = []
  const sides = [
    async () => ours.push(await load(`${service.url}/v1/integrations/${integrationId}`, token)),
    async () => theirs.push(await load(`${bare.url}/${integrationId}`, token)),
  ]
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
    }
  } finally {
    await service.close()
    await bare.close()
  }
  // The first round warms up both.
  const [a, b] = [ours.slice(1), theirs.slice(1)]
  const rate = ratios(a.map(perSecond), b.map(perSecond))
  const latency = ratios(a.map(latencyMs), b.map(latencyMs))
  return [
    { name: 'API read: requests/s ÷ bare', value: rate, unit: '×', budget: { kind: 'least', value: 0.8 } },
    { name: 'API read: latency ÷ bare', value: latency, unit: '×', budget: { kind: 'most', value: 1.25 } },
  ]
}

const perSecond = ({ requests }: Report) => requests.average
/** The median would do, but the tool gives it in whole milliseconds. */
const latencyMs = ({ latency }: Report) => latency.average

async function serveOurs({ directory, databaseUrl, endpoint }: BenchEnv, secret: string): Promise<Served> {
  return serveWorker(join(directory, 'service'), buildWorker(join(directory, 'bundle')), {
    ...{ DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: endpoint, ENVIRONMENT: 'development' },
    ...{ AUTH_JWT_SECRET: secret, AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE },
    ENCRYPTION_KEYS: `bench:${Buffer.alloc(32, 1).toString('base64')}`,
  })
}

async function serveBare({ directory, databaseUrl, endpoint }: BenchEnv): Promise<Served> {
  const script = join(directory, 'bare.js')
  const entryPoints = [join(import.meta.dirname, 'bare-worker.ts')]
  const options = { bundle: true, format: 'esm', minify: true, logLevel: 'error' } as const
  await build({ entryPoints, outfile: script, conditions: ['workerd'], ...options })
  return serveWorker(join(directory, 'bare'), script, { DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: endpoint })
}

async function load(url: string, token: string): Promise<Report> {
  const bin = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
  const options = ['-j', '-n', '-c', String(CONNECTIONS), '-d', String(SECONDS), '-H', `Authorization=Bearer ${token}`]
  const child = spawn(process.execPath, [bin, ...options, url], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  const report = Report.parse(JSON.parse(text))
  if (report.non2xx > 0 || report.errors > 0)
    throw new Error(`${url}: ${report.non2xx} refused, ${report.errors} failed`)
  return report
}
