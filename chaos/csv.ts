// An import whose worker is killed again and again, beside the same import left alone: what they leave must be the
// same.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openImport, serveSlices } from '#bench/csv.ts'
import { writeSales } from '#bench/csv-file.ts'
import type { OpenDatabase } from '#bench/database.ts'
import { type BenchEnv, countTransactions, withEnv } from '#bench/env.ts'
import { type FileServer, serveFiles } from '#bench/files.ts'
import { runToEnd } from '#bench/slices.ts'

interface KilledSize {
  readonly rows: number
  readonly lifeMs: number
  /** After so many deaths the next worker is left alone. */
  readonly deathsMax: number
}

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

export async function proveCsv(open: OpenDatabase, size: KilledSize): Promise<KilledReport> {
  const { rows } = size
  return withEnv(open, async (env) => {
    const files = await serveFiles(join(env.directory, 'files'))
    try {
      const [calm, killed] = [await openRun(env, files, rows), await openRun(env, files, rows)]
      const worker = await serveSlices(env, files)
      await runToEnd(env, worker.url, calm.runId)
      await worker.close()
      const deaths = await runUnderFire(env, files, { ...size, runId: killed.runId })
      const { rows: runs } = await env.pool.query<{ ok: boolean }>(
        `select bool_and(status = 'succeeded') and count(distinct (inserted, updated, skipped, quarantined)) = 1 as ok
          from sync_runs where id in ($1, $2)`,
        [calm.runId, killed.runId],
      )
      const [a, b] = [calm.integrationId, killed.integrationId]
      const wrong = {
        ...{ status: runs[0]?.ok === true ? 0 : 1, missing: rows - (await countTransactions(env.pool, a)) },
        ...{ different: await difference(env, a, b), extra: await difference(env, b, a) },
      }
      return { rows, deaths, wrong }
    } finally {
      await files.close()
    }
  })
}

async function openRun(env: BenchEnv, files: FileServer, rows: number) {
  const path = join(env.directory, 'killed.csv')
  await writeSales(path, { rows })
  return openImport(env.pool, files, path)
}

/** A worker lives for a few seconds; the next one takes over as after a lease that ran out. */
async function runUnderFire(
  env: BenchEnv,
  files: FileServer,
  { runId, lifeMs, deathsMax }: KilledSize & { readonly runId: string },
): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const worker = await serveSlices(env, files)
    const work = runToEnd(env, worker.url, runId).then(
      () => 'over' as const,
      () => 'dead' as const,
    )
    const death = deaths < deathsMax ? [sleep(lifeMs, 'killed' as const)] : []
    const first = await Promise.race([work, ...death])
    if (first !== 'killed') {
      await worker.close()
      if (first === 'over') return deaths
    } else {
      process.kill(worker.pid, 'SIGKILL')
      await work
    }
    // What the dead one had sent may still be on its way.
    await sleep(200)
    await env.pool.query(
      `update crm_integrations set lease_until = now() - interval '1 second' where lease_run_id = $1`,
      [runId],
    )
  }
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
