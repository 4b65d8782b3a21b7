import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { claimDue } from '#jobs/claim-due.ts'
import { phaseOf } from '#runs/schedule-slots.ts'
import { paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { integrationOf, query } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'

/** A salon whose hooks have worked, the last of them so many minutes ago. */
async function heard(minutes: number, interval = 60): Promise<Salon> {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true, syncIntervalMinutes: interval })
  await sync(salon)
  await post(salon, visitEvent(paidVisit(salon)))
  await workOffHooks(salon)
  await query(
    salon,
    sql`update crm_integrations set webhook_last_at = now() - ${minutes}::int * interval '1 minute'
      where id = ${salon.integrationId}::uuid`,
  )
  return salon
}

/** As if polling had found the first such change so long ago. */
async function missedSince(salon: Salon, since: string) {
  await query(
    salon,
    sql`update crm_integrations set webhook_missed_at = now() - ${since}::interval where id = ${salon.integrationId}::uuid`,
  )
}

async function minutesToNext(salon: Salon): Promise<number> {
  return (Date.parse((await integrationOf(salon)).nextSyncAt) - Date.now()) / 60_000
}

describe('hooks', () => {
  it('are unknown before the first arrives, and live from then on', async () => {
    const salon = await createSalonTenant()
    expect((await integrationOf(salon)).webhooks).toEqual({ status: 'unknown', lastAt: null })
    await post(salon, visitEvent(1))
    await workOffHooks(salon)
    const { webhooks } = await integrationOf(salon)
    expect(webhooks.status).toBe('live')
    expect(Math.abs(Date.parse(webhooks.lastAt) - Date.now())).toBeLessThan(60_000)
  })

  it('are no sign of life when they are rejected', async () => {
    const salon = await createSalonTenant()
    await post(salon, 'no json')
    expect((await integrationOf(salon)).webhooks).toEqual({ status: 'unknown', lastAt: null })
  })

  it('are none either when they turn out to be about another account', async () => {
    const salon = await heard(30)
    const before = (await integrationOf(salon)).webhooks
    await missedSince(salon, '15 minutes')
    await post(salon, { ...visitEvent(1), company_id: 1 })
    await workOffHooks(salon)
    expect((await integrationOf(salon)).webhooks).toEqual({ status: 'silent', lastAt: before.lastAt })
  })

  it('count as silent when polling has found what none of them told of for ten minutes, until one comes', async () => {
    const salon = await heard(30)
    paidVisit(salon)
    await sync(salon)
    // One may still be on its way.
    expect((await integrationOf(salon)).webhooks.status).toBe('live')
    salon.context.clock.advance(11 * 60_000)
    expect((await integrationOf(salon)).webhooks.status).toBe('silent')
    await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    expect((await integrationOf(salon)).webhooks.status).toBe('live')
  })

  it('stay silent when an old one is worked off once more', async () => {
    const salon = await heard(30)
    await query(
      salon,
      sql`update webhook_deliveries set received_at = now() - interval '30 minutes'
        where integration_id = ${salon.integrationId}::uuid`,
    )
    await missedSince(salon, '15 minutes')
    const { json } = await salon.call('GET', `${salon.path}/webhook-deliveries`)
    await salon.call('POST', `${salon.path}/webhook-deliveries/${json.items[0].id}/replay`)
    await workOffHooks(salon)
    expect((await integrationOf(salon)).webhooks.status).toBe('silent')
  })

  it('are not silent when polling finds nothing, or when they came just before', async () => {
    const [idle, prompt] = [await heard(30), await heard(1)]
    await sync(idle)
    paidVisit(prompt)
    await sync(prompt)
    for (const salon of [idle, prompt]) {
      salon.context.clock.advance(11 * 60_000)
      expect((await integrationOf(salon)).webhooks.status).toBe('live')
    }
  })

  it('that nobody ever set up are not missed', async () => {
    const salon = await createSalonTenant()
    await sync(salon)
    paidVisit(salon)
    await sync(salon)
    salon.context.clock.advance(11 * 60_000)
    expect((await integrationOf(salon)).webhooks.status).toBe('unknown')
  })

  it('that were set up and never came are missed', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await sync(salon)
    paidVisit(salon)
    await sync(salon)
    salon.context.clock.advance(11 * 60_000)
    expect((await integrationOf(salon)).webhooks).toEqual({ status: 'silent', lastAt: null })
  })
})

describe('polling of an integration whose hooks are silent', () => {
  it('looks again soon after the first change that no hook told of', async () => {
    const salon = await heard(30, 1440)
    await query(
      salon,
      sql`update crm_integrations set next_sync_at = now() + interval '1 day' where id = ${salon.integrationId}::uuid`,
    )
    paidVisit(salon)
    await sync(salon)
    expect(await minutesToNext(salon)).toBeLessThanOrEqual(11.5)
  })

  it.each([
    [60, '20 minutes', 15],
    [1440, '20 minutes', 15],
    [20, '20 minutes', 5],
    [1, '20 minutes', 1],
    [60, '5 minutes', 60],
    [60, '8 days', 60],
  ])('every %i minutes becomes, %s after, at most every %i', async (interval, since, most) => {
    const salon = await heard(30, interval)
    const phases: number[] = []
    for (let round = 0; round < 2; round += 1) {
      await missedSince(salon, since)
      await query(salon, sql`update crm_integrations set next_sync_at = now() where id = ${salon.integrationId}::uuid`)
      await claimDue(salon.context)
      phases.push(await minutesToNext(salon))
    }
    expect(Math.max(...phases)).toBeLessThanOrEqual(most + 0.1)
    expect(Math.max(...phases)).toBeGreaterThan(0)
  })
})

describe('an adaptive integration', () => {
  it('is polled every half hour instead of five minutes while hooks arrive, and at the set interval at once after', async () => {
    const salon = await heard(30, 5)
    const config = sql`additional_config = additional_config || '{"adaptive": true}', next_sync_at = now()`
    await query(salon, sql`update crm_integrations set ${config} where id = ${salon.integrationId}::uuid`)
    await claimDue(salon.context)
    const stored = sql`select extract(epoch from next_sync_at)::int as at, id from crm_integrations where id = ${salon.integrationId}::uuid`
    const [row] = await query(salon, stored)
    expect(Number(row?.['at']) % 1800).toBe(phaseOf(salon.integrationId) % 1800)
    const far = sql`next_sync_at = now() + interval '25 minutes'`
    await query(salon, sql`update crm_integrations set ${far} where id = ${salon.integrationId}::uuid`)
    paidVisit(salon)
    await sync(salon)
    expect(await minutesToNext(salon)).toBeLessThanOrEqual(5.1)
    expect(await minutesToNext(salon)).toBeGreaterThan(0)
  })
})
