// Slices of a run, requested one by one from a Worker of plain workerd, as the queue's messages would.
import * as z from 'zod'
import type { BenchEnv } from './env.ts'

const Slice = z.object({ ms: z.number() })
const REPORT_EVERY = 20

/** Slice after slice until the run has ended; how long each took, in milliseconds. */
export async function runToEnd({ pool }: BenchEnv, workerUrl: string, runId: string): Promise<number[]> {
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
    if (slices.length % REPORT_EVERY === 0) console.log(`${slices.length} slices, ${pages} pages`)
    if (status !== 'running' && status !== 'queued') return slices
  }
}
