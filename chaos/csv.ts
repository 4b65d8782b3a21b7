// An import whose worker is killed again and again, beside the same import left alone: what they leave must be the same.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchEnv, createBenchEnv } from '#bench/env.ts'
import { openImport, serveSlices } from '#bench/csv.ts'
import { writeSales } from '#bench/csv-file.ts'
import { type FileServer, serveFiles } from '#bench/files.ts'
import { workOff } from '#bench/slices.ts'

const LIFE_MS = 4000

interface KilledReport {
  readonly rows: number
  readonly deaths: number
  readonly wrong: {
    readonly status: number
    readonly missing: number
    readonly different: number
    readonly extra: number
  }
}

export async function killed(rows: number): Promise<KilledReport> {
  const bed = await createBenchEnv()
  const files = await serveFiles(join(bed.directory, 'files'))
  try {
    const [left, struck] = [await openRun(bed, files, rows), await openRun(bed, files, rows)]
    const worker = await serveSlices(bed, files)
    await workOff(bed, worker.url, left.runId)
    await worker.close()
    const deaths = await workOffUnderFire(bed, files, struck.runId)
    const { rows: runs } = await bed.pool.query<{ ok: boolean }>(
      `select bool_and(status = 'succeeded') and count(distinct (inserted, updated, skipped, quarantined)) = 1 as ok
        from sync_runs where id in ($1, $2)`,
      [left.runId, struck.runId],
    )
    const [a, b] = [left.integrationId, struck.integrationId]
    const wrong = {
      ...{ status: runs[0]?.ok === true ? 0 : 1, missing: rows - (await count(bed, a)) },
      ...{ different: await difference(bed, a, b), extra: await difference(bed, b, a) },
    }
    return { rows, deaths, wrong }
  } finally {
    await files.close()
    await bed.close()
  }
}

async function openRun(bed: BenchEnv, files: FileServer, rows: number) {
  const path = join(bed.directory, 'killed.csv')
  await writeSales(path, { rows })
  return openImport(bed, files, path)
}

/** A worker lives for a few seconds; the next one takes over as after a lease that ran out. */
async function workOffUnderFire(bed: BenchEnv, files: FileServer, runId: string): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const worker = await serveSlices(bed, files)
    const work = workOff(bed, worker.url, runId).then(
      () => 'over' as const,
      () => 'dead' as const,
    )
    const first = await Promise.race([work, sleep(LIFE_MS, 'killed' as const)])
    if (first !== 'killed') {
      await worker.close()
      if (first === 'over') return deaths
    } else {
      process.kill(worker.pid, 'SIGKILL')
      await work
    }
    // What the dead one had sent may still be on its way.
    await sleep(200)
    await bed.pool.query(
      `update crm_integrations set lease_until = now() - interval '1 second' where lease_run_id = $1`,
      [runId],
    )
  }
}

async function count({ pool }: BenchEnv, integrationId: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from crm_transactions where integration_id = $1',
    [integrationId],
  )
  return rows[0]?.count ?? 0
}

/** Sales of one that the other does not have as they are. */
async function difference({ pool }: BenchEnv, a: string, b: string): Promise<number> {
  const sales = (id: string) => `select external_id, kind, status, amount_minor, currency, occurred_at, customer_name,
    customer_phone, customer_card from crm_transactions where integration_id = '${id}'`
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from (${sales(a)} except ${sales(b)}) d`,
  )
  return rows[0]?.count ?? 0
}
