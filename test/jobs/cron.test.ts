import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { claimDue } from '#jobs/claim-due.ts'
import { runCron } from '#jobs/cron.ts'
import { moveToNoon } from '#test/noon.ts'
import { keepOwn, query, sentRuns } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

async function enabledSalon(): Promise<Salon> {
  const salon = await createSalonTenant()
  const { status, text } = await salon.call('PATCH', salon.path, { syncEnabled: true, syncIntervalMinutes: 10 })
  if (status !== 200) throw new Error(text)
  await moveToNoon(salon)
  return salon
}

async function makeDue(salon: Salon, ago = '1 second') {
  await query(
    salon,
    sql`update crm_integrations set next_sync_at = now() - ${ago}::interval where id = ${salon.integrationId}::uuid`,
  )
}

async function runs(salon: Salon) {
  return (await salon.call('GET', `${salon.path}/runs`)).json.items
}

describe('the cron', () => {
  it('opens a run for what is due and works it off', async () => {
    const salon = await enabledSalon()
    await runCron(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
    expect(await runs(salon)).toMatchObject([{ trigger: 'schedule', status: 'succeeded' }])
  })

  it('opens one run, though two ticks come at once', async () => {
    const salon = await enabledSalon()
    await Promise.all([claimDue(salon.context), claimDue(salon.context), claimDue(salon.context)])
    expect(await runs(salon)).toHaveLength(1)
  })

  it('opens none while one is active, and none when sync is off', async () => {
    const salon = await enabledSalon()
    await salon.call('POST', `${salon.path}/sync`)
    await makeDue(salon)
    await claimDue(salon.context)
    expect(await runs(salon)).toHaveLength(1)
    const off = await createSalonTenant()
    await makeDue(off)
    await claimDue(off.context)
    expect(await runs(off)).toEqual([])
  })

  it('keeps each integration on its own grid: a late tick moves nothing', async () => {
    const salon = await enabledSalon()
    const times: number[] = []
    for (const ago of ['1 second', '7 minutes', '3 days']) {
      await makeDue(salon, ago)
      await claimDue(salon.context)
      times.push(Date.parse((await salon.call('GET', salon.path)).json.nextSyncAt))
    }
    for (const time of times) {
      expect(time).toBeGreaterThan(Date.now())
      expect(time - Date.now()).toBeLessThanOrEqual(600_000)
      expect((time - (times[0] ?? 0)) % 600_000).toBe(0)
    }
  })

  it('takes the default interval where none is stored', async () => {
    const salon = await enabledSalon()
    const none = sql`sync_interval_minutes = null`
    await query(salon, sql`update crm_integrations set ${none} where id = ${salon.integrationId}::uuid`)
    await makeDue(salon)
    await claimDue(salon.context)
    const next = Date.parse((await salon.call('GET', salon.path)).json.nextSyncAt)
    expect(next).toBeGreaterThan(Date.now())
    expect(next - Date.now()).toBeLessThanOrEqual(300_000)
  })

  it('gets through more than one statement may claim, within the one tick', async () => {
    const salon = await createSalonTenant()
    await query(
      salon,
      sql`with owners as (
          insert into businesses (id, name, timezone, currency)
          select gen_random_uuid(), 'Many', 'Europe/Moscow', 'RUB' from generate_series(1, 1100) returning id)
        insert into crm_integrations (business_id, crm_type, sync_enabled, next_sync_at)
        select id, 'yclients', true, now() - interval '1 second' from owners`,
    )
    const many = sql`select id from businesses where name = 'Many'`
    try {
      await runCron(salon.context)
      const counts = sql`select count(*)::int as late from crm_integrations
        where business_id in (${many}) and next_sync_at <= now() - interval '1 second'`
      expect(await query(salon, counts)).toEqual([{ late: 0 }])
      expect(sentRuns(salon).length).toBeGreaterThanOrEqual(1100)
    } finally {
      await query(salon, sql`delete from crm_integrations where business_id in (${many})`)
      await query(salon, sql`delete from businesses where name = 'Many'`)
    }
  })

  it('loses nothing when the queue refuses: the sweep sends what the claim could not', async () => {
    const salon = await enabledSalon()
    const broken = {
      ...salon.context,
      queues: {
        ...salon.context.queues,
        live: {
          ...salon.context.queues.live,
          sendBatch: async () => {
            throw new Error('Too Many Requests')
          },
        },
      },
    }
    await runCron(broken)
    expect(await runs(salon)).toMatchObject([{ status: 'queued' }])
    const old = sql`enqueued_at = now() - interval '2 minutes'`
    await query(salon, sql`update sync_runs set ${old} where integration_id = ${salon.integrationId}::uuid`)
    await runCron(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
    expect(await runs(salon)).toMatchObject([{ status: 'succeeded' }])
  })
})
