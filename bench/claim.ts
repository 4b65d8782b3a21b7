// The cron's claim: a thousand due integrations of a million beside a thousand of ten thousand.
import { claimDue } from '#jobs/claim-due.ts'
import type { OpenDatabase } from './database.ts'
import { type BenchEnv, withEnv } from './env.ts'
import { explain } from './explain.ts'
import { interleave, type Line, ratios, timed } from './measure.ts'

interface ClaimSize {
  readonly rounds: number
  readonly due: number
  readonly few: number
  readonly many: number
}

export async function measureClaim(open: OpenDatabase, { rounds, due, few, many }: ClaimSize): Promise<Line[]> {
  return withEnv(open, async (small) =>
    withEnv(open, async (large) => {
      await fillIntegrations(small, few)
      await fillIntegrations(large, many)
      const times = await interleave(rounds, {
        small: async () => claim(small, due),
        large: async () => claim(large, due),
      })
      const [fewer, more] = [few.toLocaleString('en'), many.toLocaleString('en')]
      await makeDue(large, due)
      await explain(large, `claim of due integrations, ${more} stored`, async () => claimDue(large.openContext()))
      const name = `claiming ${due} due of ${more} ÷ of ${fewer}, time`
      const budget = { kind: 'most', value: 1.2 } as const
      return [{ name, value: ratios(times.large, times.small), unit: '×', budget }]
    }),
  )
}

async function claim(env: BenchEnv, due: number): Promise<number> {
  await makeDue(env, due)
  const context = env.openContext()
  let claimed = 0
  const ms = await timed(async () => {
    claimed = await claimDue(context)
  })
  if (claimed !== due) throw new Error(`${claimed} claimed instead of ${due}`)
  return ms
}

export async function fillIntegrations({ pool }: BenchEnv, size: number): Promise<void> {
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

/** So many, wherever they lie, fall due; the runs of the last round are over, and vacuumed as autovacuum would. */
export async function makeDue({ pool }: BenchEnv, due: number): Promise<void> {
  // Named one by one, not `cascade`, which would empty whatever comes to refer to a run.
  await pool.query('truncate sync_runs, rejected_rows')
  // What the last round has claimed may be due again within the minute that a claim looks ahead.
  await pool.query(
    `update crm_integrations set next_sync_at = now() + interval '1 hour'
     where sync_enabled and next_sync_at < now() + interval '10 minutes'`,
  )
  await pool.query(
    `update crm_integrations set next_sync_at = now() - random() * interval '1 minute' where id in (
       select id from crm_integrations where sync_enabled order by random() limit $1)`,
    [due],
  )
  await pool.query('vacuum crm_integrations')
}
