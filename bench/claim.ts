// The cron's claim: a thousand due integrations of a million beside a thousand of ten thousand.
import { claimDue } from '#jobs/cron.ts'
import { type BenchEnv, createBenchEnv } from './env.ts'
import { explain } from './explain.ts'
import { type Line, ratios } from './measure.ts'

const ROUNDS = 9
const DUE = 1000
const SIZES = [10_000, 1_000_000] as const

export async function measureClaim(): Promise<Line[]> {
  const beds = await Promise.all(
    SIZES.map(async (size) => ({ bed: await createBenchEnv(), size, times: [] as number[] })),
  )
  try {
    for (const { bed, size } of beds) await fill(bed, size)
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const { bed, times } of round % 2 === 0 ? beds : beds.toReversed()) {
        await makeDue(bed)
        const context = bed.openContext()
        const startedAt = performance.now()
        const claimed = await claimDue(context)
        // The first round warms up both.
        if (round > 0) times.push(performance.now() - startedAt)
        if (claimed !== DUE) throw new Error(`${claimed} claimed instead of ${DUE}`)
      }
    }
    for (const { bed } of beds.slice(1)) {
      await makeDue(bed)
      await explain(bed, 'claim of due integrations, 1,000,000 stored', async () => claimDue(bed.openContext()))
    }
    const [small, large] = beds.map(({ times }) => times)
    const value = ratios(large ?? [], small ?? [])
    const name = `claiming ${DUE} due of 1,000,000 ÷ of 10,000, time`
    return [{ name, value, unit: '×', budget: { kind: 'most', value: 1.5 } }]
  } finally {
    for (const { bed } of beds) await bed.close()
  }
}

async function fill({ pool }: BenchEnv, size: number): Promise<void> {
  await pool.query(
    `with owners as (
       insert into businesses (id, name, timezone, currency)
       select gen_random_uuid(), 'Bench', 'Europe/Moscow', 'RUB' from generate_series(1, $1::int) returning id)
     insert into crm_integrations (business_id, crm_type, sync_enabled, next_sync_at)
     select id, 'yclients', true, now() + interval '1 hour' + random() * interval '1 hour' from owners`,
    [size],
  )
  await pool.query('vacuum analyze')
}

/** So many, wherever they lie, fall due; the runs of the last round are over. What autovacuum would do meanwhile is done. */
async function makeDue({ pool }: BenchEnv): Promise<void> {
  await pool.query('truncate sync_runs')
  await pool.query(
    `update crm_integrations set next_sync_at = now() - random() * interval '1 minute' where id in (
       select id from crm_integrations where sync_enabled order by random() limit $1)`,
    [DUE],
  )
  await pool.query('vacuum crm_integrations')
}
