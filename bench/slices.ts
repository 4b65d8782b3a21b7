// Slices of runs in a Worker of plain workerd that does nothing else: asked for, one by one, as messages would ask.
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { BenchEnv } from './env.ts'

const Slice = z.object({ ms: z.number() })

/** What the slice Worker of this bed is bound to. */
export function sliceBindings(bed: BenchEnv, keys: string): Readonly<Record<string, string>> {
  return {
    ...{ DATABASE_URL: bed.databaseUrl, NEON_FETCH_ENDPOINT: bed.endpoint, ENVIRONMENT: 'development' },
    ...{ AUTH_JWT_SECRET: 'a secret that nobody asks for in this run', AUTH_ISSUER: 'bench', AUTH_AUDIENCE: 'bench' },
    ENCRYPTION_KEYS: keys,
  }
}

export async function bundleSlices(directory: string, entry = 'slice-worker.ts'): Promise<string> {
  const outfile = join(directory, 'slices.js')
  const entryPoints = [join(import.meta.dirname, entry)]
  const options = { bundle: true, format: 'esm', minify: true, logLevel: 'error' } as const
  await build({ entryPoints, outfile, conditions: ['workerd'], external: ['node:*', 'cloudflare:*'], ...options })
  return outfile
}

/** Slice after slice until the run is over; how long each took, in milliseconds. */
export async function workOff({ pool }: BenchEnv, workerUrl: string, runId: string): Promise<number[]> {
  const slices: number[] = []
  for (;;) {
    const answer = await fetch(`${workerUrl}/?run=${runId}`)
    if (!answer.ok) throw new Error(`a slice ended with ${answer.status}`)
    const { ms } = Slice.parse(await answer.json())
    slices.push(ms)
    const { rows } = await pool.query<{ status: string; pages: number }>(
      'select status, pages from sync_runs where id = $1',
      [runId],
    )
    const { status, pages } = rows[0] ?? {}
    if (slices.length % 20 === 0) console.log(`${slices.length} slices, ${pages} pages`)
    if (status !== 'running' && status !== 'queued') return slices
  }
}

/** Resident memory of a process. */
export function mibOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}
