// A mended rule of a mapping mends what was stored by the wrong one.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { yclients } from '#crm/yclients/index.ts'
import { claimDue } from '#jobs/claim-due.ts'
import { moveToNoon } from '#test/noon.ts'
import { keepOwn, query } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const DAY_MS = 86_400_000
const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

function visit({ sandbox, context }: Salon, daysAgo: number): number {
  const at = new Date(Math.floor(context.clock.now().getTime() / 1000) * 1000 - daysAgo * DAY_MS)
  const added = sandbox.salon.addVisit({ at, services: [LINE], attendance: 1 })
  sandbox.salon.pay(added.id)
  added.changedAt = at
  return added.id
}

async function storedVersion(salon: Salon) {
  const [row] = await query(
    salon,
    sql`select map_version from crm_integrations where id = ${salon.integrationId}::uuid`,
  )
  return row?.['map_version']
}

/** As if all had been read by the rules before the present ones. */
async function makeOld(salon: Salon) {
  await query(salon, sql`update crm_integrations set map_version = 0 where id = ${salon.integrationId}::uuid`)
}

/** A sync by the schedule, and what follows from it. */
async function runDue(salon: Salon) {
  await moveToNoon(salon)
  await query(salon, sql`update crm_integrations set next_sync_at = now() where id = ${salon.integrationId}::uuid`)
  await claimDue(salon.context)
  await keepOwn(salon)
  await salon.context.drain()
  return (await salon.call('GET', `${salon.path}/runs?limit=2`)).json.items
}

/** Synced, on, and with one sale of a week ago stored wrong. */
async function salonWithWrong(): Promise<Salon> {
  const salon = await createSalonTenant({ settings: { initialDays: 12 } })
  for (const days of [1, 8]) visit(salon, days)
  await sync(salon)
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await runDue(salon)
  const wrong = sql`amount_minor = 1, occurred_at = occurred_at + interval '1 second'`
  await query(
    salon,
    sql`update crm_transactions set ${wrong} where integration_id = ${salon.integrationId}::uuid
      and occurred_at between now() - interval '10 days' and now() - interval '5 days'`,
  )
  return salon
}

const amounts = async (salon: Salon) => (await allTransactions(salon)).map(({ amountMinor }) => amountMinor)

describe('a new version of a mapping', () => {
  it('makes the next sync read all that a person’s scan reads, and shows what it changed', async () => {
    const salon = await salonWithWrong()
    const [quiet] = await runDue(salon)
    expect(quiet.counters.updated).toBe(0)
    await makeOld(salon)
    const [run] = await runDue(salon)
    expect(run).toMatchObject({ trigger: 'schedule', status: 'succeeded', counters: { updated: 1 } })
    expect(await amounts(salon)).toEqual([180_000, 180_000])
    expect(await storedVersion(salon)).toBe(yclients.mapVersion)
    const asked = salon.sandbox.requests.length
    await runDue(salon)
    expect(salon.sandbox.requests.length - asked).toBeLessThan(8)
  })

  it('reads quarantine again, once', async () => {
    const salon = await salonWithWrong()
    const id = visit(salon, 1)
    salon.sandbox.broken.add(id)
    await sync(salon)
    salon.sandbox.broken.clear()
    await makeOld(salon)
    // What the scan shows leaves quarantine by itself; this one is too old to be shown.
    await query(
      salon,
      sql`insert into quarantined_records (integration_id, record_key, external_id, reason)
        values (${salon.integrationId}::uuid, 'record:404404', 'record:404404', 'no date')`,
    )
    const [reread, run] = await runDue(salon)
    expect(run).toMatchObject({ trigger: 'schedule', status: 'succeeded', counters: { inserted: 1 } })
    expect(reread).toMatchObject({ task: 'quarantine', status: 'succeeded', counters: { fetched: 1 } })
    expect((await salon.call('GET', `${salon.path}/quarantine`)).json.items).toEqual([])
    expect((await runDue(salon))[1]).toMatchObject({ task: 'quarantine', id: reread.id })
  })

  it('waits for a run that succeeds', async () => {
    const salon = await salonWithWrong()
    await makeOld(salon)
    salon.sandbox.faults.plan.rate = 1
    expect((await runDue(salon))[0]).toMatchObject({ status: 'failed' })
    expect(await storedVersion(salon)).toBe(0)
    salon.sandbox.faults.plan.rate = 0
    expect((await runDue(salon))[0]).toMatchObject({ status: 'succeeded', counters: { updated: 1 } })
    expect(await storedVersion(salon)).toBe(yclients.mapVersion)
  })

  it('is stopped by the brake like any sync that would change too much', async () => {
    const salon = await createSalonTenant({ settings: { initialDays: 12 } })
    for (let n = 0; n < 25; n += 1) visit(salon, 5 + n / 24)
    await sync(salon)
    await query(
      salon,
      sql`update crm_transactions set amount_minor = 1 where integration_id = ${salon.integrationId}::uuid`,
    )
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    await makeOld(salon)
    const [braked] = await runDue(salon)
    expect(braked).toMatchObject({ status: 'failed', error: { code: 'rejected.brake' } })
    expect(await storedVersion(salon)).toBe(0)
    await salon.call('POST', `${salon.path}/runs/${braked.id}/confirm`)
    await salon.context.drain()
    expect(new Set(await amounts(salon))).toEqual(new Set([180_000]))
    expect(await storedVersion(salon)).toBe(yclients.mapVersion)
  })

  it('is that of a first sync at once', async () => {
    const salon = await createSalonTenant()
    visit(salon, 1)
    await makeOld(salon)
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const runs = await runDue(salon)
    expect(runs).toHaveLength(1)
    expect(await storedVersion(salon)).toBe(yclients.mapVersion)
  })
})
