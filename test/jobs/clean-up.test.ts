// What is kept for a limited time goes at night, and nothing else.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { cleanUp } from '#jobs/clean-up.ts'
import { query, runOf, take } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { used } from '#test/used-salon.ts'

async function makeOlder(salon: Salon, days: number) {
  const by = sql`${days} * interval '1 day'`
  const of = sql`where integration_id = ${salon.integrationId}::uuid`
  await query(salon, sql`update sync_runs set created_at = created_at - ${by}, finished_at = finished_at - ${by} ${of}`)
  await query(salon, sql`update transaction_changes set at = at - ${by} ${of}`)
  await query(salon, sql`update quarantined_records set last_seen_at = last_seen_at - ${by} ${of}`)
}

async function kept(salon: Salon) {
  const [counts] = await query(
    salon,
    sql`select (select count(*)::int from sync_runs where integration_id = i.id) as runs,
      (select count(*)::int from transaction_changes where integration_id = i.id) as changes,
      (select count(*)::int from quarantined_records where integration_id = i.id) as quarantine
    from crm_integrations i where i.id = ${salon.integrationId}::uuid`,
  )
  return counts
}

describe('the nightly clean-up', () => {
  it('takes what is older than it should be kept, and nothing else', async () => {
    const salon = await used()
    await sync(salon)
    await cleanUp(salon.context)
    expect(await kept(salon)).toEqual({ runs: 2, changes: 1, quarantine: 1 })
    await makeOlder(salon, 31)
    await sync(salon)
    await cleanUp(salon.context)
    expect(await kept(salon)).toEqual({ runs: 1, changes: 1, quarantine: 1 })
    await makeOlder(salon, 400)
    await cleanUp(salon.context)
    // The newest run stays: it tells how the last sync went.
    expect(await kept(salon)).toEqual({ runs: 1, changes: 0, quarantine: 0 })
    expect((await salon.call('GET', `${salon.path}/transactions`)).json.items).toHaveLength(1)
  })

  it('keeps as long as it is told to', async () => {
    const salon = await used({ RETENTION_CHANGES_DAYS: '3', RETENTION_QUARANTINE_DAYS: '1000' })
    await makeOlder(salon, 400)
    await cleanUp(salon.context)
    expect(await kept(salon)).toMatchObject({ changes: 0, quarantine: 1 })
  })

  it('never takes an active run', async () => {
    const salon = await createSalonTenant()
    const held = await take(salon)
    await makeOlder(salon, 400)
    await cleanUp(salon.context)
    expect(await runOf(salon, held.id)).toMatchObject({ status: 'running' })
  })

  it('works through more than one batch', async () => {
    const salon = await used()
    await query(
      salon,
      sql`insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, at)
        select ${salon.integrationId}::uuid, 1000 + n, gen_random_uuid(), '{}', 'manual', now() - interval '2 years'
        from generate_series(1, 12000) n`,
    )
    expect((await cleanUp(salon.context))['changes']).toBeGreaterThanOrEqual(12_000)
    expect(await kept(salon)).toMatchObject({ changes: 1 })
    expect(salon.context.logged.join('')).not.toContain('clean_up_failed')
  })

  it('gives each kind its turn, so that the largest does not take all the time', async () => {
    const salon = await createSalonTenant()
    await query(
      salon,
      sql`insert into transaction_changes (integration_id, change_seq, transaction_id, before, source, at)
        select ${salon.integrationId}::uuid, n, gen_random_uuid(), '{}', 'manual', now() - interval '2 years'
        from generate_series(1, 20000) n`,
    )
    await query(
      salon,
      sql`insert into unpaid_observations (integration_id, external_id, seen_seq, at)
        select ${salon.integrationId}::uuid, n, 1, now() - interval '2 days' from generate_series(1, 10000) n`,
    )
    let asked = 0
    const now = () => new Date(Date.now() + 4 * 60_000 * asked++)
    const deleted = await cleanUp({ ...salon.context, clock: { ...salon.context.clock, now } })
    // The time is over after the third round.
    expect(deleted).toMatchObject({ changes: 15_000, unpaidObservations: 10_000 })
    await cleanUp(salon.context)
  })

  it('goes on with the rest when a part fails, and tells of it at the end', async () => {
    const salon = await used()
    await makeOlder(salon, 400)
    let failed = 0
    const execute: typeof salon.context.db.execute = (statement) => {
      failed += 1
      return salon.context.db.execute(failed === 3 ? sql`select 1 / 0` : statement)
    }
    await expect(cleanUp({ ...salon.context, db: { ...salon.context.db, execute } })).rejects.toThrow()
    expect(await kept(salon)).toMatchObject({ changes: 0, quarantine: 0 })
  })
})
