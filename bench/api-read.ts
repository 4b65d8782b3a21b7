// GET /v1/integrations/{id} with JWT and JSON, beside a bare Worker that does the same single SELECT.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import * as z from 'zod'
import type { OpenDatabase } from './database.ts'
import { withEnv } from './env.ts'
import { interleave, type Line, ratios } from './measure.ts'
import { serveEntry, serveService, tokenFor } from './serve.ts'

export interface LoadSize {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

const Report = z.object({
  requests: z.object({ average: z.number() }),
  latency: z.object({ p50: z.number(), average: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
})
type Report = z.infer<typeof Report>

export async function measureApiRead(open: OpenDatabase, { rounds, ...size }: LoadSize): Promise<Line[]> {
  return withEnv(open, async (env) => {
    const { businessId, integrationId } = env
    const token = await tokenFor(businessId, 'integrations:read')
    const [service, bare] = [await serveService(env), await serveEntry(env, 'bare-worker.ts')]
    try {
      return linesOf(
        await interleave(rounds, {
          ours: async () => load(`${service.url}/v1/integrations/${integrationId}`, token, size),
          bare: async () => load(`${bare.url}/${integrationId}`, token, size),
        }),
      )
    } finally {
      await service.close()
      await bare.close()
    }
  })
}

function linesOf({ ours, bare }: Readonly<Record<'ours' | 'bare', readonly Report[]>>): Line[] {
  const rate = ratios(ours.map(perSecond), bare.map(perSecond))
  const latency = ratios(ours.map(latencyMs), bare.map(latencyMs))
  return [
    { name: 'API read: requests/s ÷ bare', value: rate, unit: '×', budget: { kind: 'least', value: 0.8 } },
    { name: 'API read: latency ÷ bare', value: latency, unit: '×', budget: { kind: 'most', value: 1.25 } },
  ]
}

const perSecond = ({ requests }: Report) => requests.average
/** The median would do, but the tool gives it in whole milliseconds. */
const latencyMs = ({ latency }: Report) => latency.average

async function load(url: string, token: string, { connections, seconds }: Omit<LoadSize, 'rounds'>): Promise<Report> {
  const bin = createRequire(import.meta.url).resolve('autocannon/autocannon.js')
  const options = ['-j', '-n', '-c', String(connections), '-d', String(seconds), '-H', `Authorization=Bearer ${token}`]
  const child = spawn(process.execPath, [bin, ...options, url], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  const report = Report.parse(JSON.parse(text))
  if (report.non2xx > 0 || report.errors > 0)
    throw new Error(`${url}: ${report.non2xx} refused, ${report.errors} failed`)
  return report
}
