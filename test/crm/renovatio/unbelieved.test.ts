// Answers that say less than they seem to.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createClinicTenant, one, hoursAgo, quarantined, stored, workingClinic } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'

const DAY_HOURS = 24

describe('answers that must not be believed', () => {
  it('never takes empty lists for deleted invoices', async () => {
    const tenant = await workingClinic()
    await sync(tenant)
    tenant.sandbox.emptyLists = true
    tenant.sandbox.emptyReads = true
    for (let run = 0; run < 3; run += 1) {
      tenant.context.clock.advance(DAY_HOURS * 3_600_000)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
    }
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('never takes an empty read by number, as it is right after a change, for a deletion', async () => {
    const tenant = await workingClinic()
    const { clinic } = tenant.sandbox
    const sold = clinic.sell(hoursAgo(tenant, 5), 123_400)
    await sync(tenant)
    tenant.sandbox.emptyReads = true
    clinic.touch(clinic.visit(sold.visitId ?? 0))
    for (let run = 0; run < 3; run += 1) {
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { updated: 0 } })
    }
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ status: 'paid' })
  })

  it.each(['its own list', 'the read by its number'])(
    'cancels nothing while something in %s does not tell what it is',
    async (where) => {
      const tenant = await workingClinic({ initialDays: 20 })
      const { clinic, broken } = tenant.sandbox
      const { number } = clinic.sell(hoursAgo(tenant, 5), 123_400)
      await sync(tenant)
      broken.set(`invoice:${number}`, { number: null })
      if (where === 'its own list') tenant.sandbox.emptyReads = true
      else clinic.invoice(number).at = hoursAgo(tenant, 60 * DAY_HOURS)
      for (let run = 0; run < 3; run += 1) await sync(tenant)
      expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
      if (where === 'its own list') {
        expect(await quarantined(tenant)).toMatchObject([
          { externalId: null, reason: expect.stringMatching(/^number/) },
        ])
      }
    },
  )

  it('quarantines what it cannot read, stores the others, and takes it in once it can be read', async () => {
    const tenant = await workingClinic()
    const { clinic, broken } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 5), 123_400)
    broken.set(`invoice:${number}`, { value: 'много' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 18 } })
    expect(await quarantined(tenant)).toMatchObject([{ externalId: `invoice:${number}`, raw: { value: '***' } }])
    broken.clear()
    const { json } = await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect((await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json.counters).toMatchObject({ inserted: 1 })
    expect(await quarantined(tenant)).toEqual([])
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('goes on when all that it reads alone is unreadable', async () => {
    const tenant = await createClinicTenant({ settings: { initialDays: 20 } })
    const { clinic, broken } = tenant.sandbox
    await sync(tenant)
    const old = Array.from({ length: 4 }, (_, n) => clinic.sell(hoursAgo(tenant, 40 * DAY_HOURS + n), 1000))
    for (const { number } of old) broken.set(`invoice:${number}`, { value: 'много' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 4 } })
    expect(await quarantined(tenant)).toHaveLength(4)
  })
})

describe('a plan left over from an earlier run', () => {
  it('is followed by a fresh one: what was sold since comes with the same sync', async () => {
    const tenant = await workingClinic({ initialDays: 20 })
    const { clinic, faults, requests } = tenant.sandbox
    // All days are scanned by then.
    tenant.sandbox.onList = () => {
      if (requests.at(-1)?.includes('date_updated')) faults.plan.rate = 1
    }
    expect(await sync(tenant)).toMatchObject({ status: 'failed' })
    tenant.sandbox.onList = null
    faults.plan.rate = 0
    tenant.context.clock.advance(3 * 3_600_000)
    const at = hoursAgo(tenant, 1)
    const sold = clinic.addInvoice({ at, patient: clinic.addPatient(), kopecks: 5000, status: 'paid' })
    // Runs begin by the database's clock, which the test cannot move.
    const { json } = await tenant.call('POST', `${tenant.path}/sync`)
    await tenant.context.db.execute(
      sql`update sync_runs set started_at = now() + interval '3 hours' where id = ${json.id}::uuid`,
    )
    await tenant.context.drain()
    expect((await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json).toMatchObject({ status: 'succeeded' })
    expect(await one(tenant, `invoice:${sold.number}`)).toMatchObject({ status: 'paid' })
  })
})
