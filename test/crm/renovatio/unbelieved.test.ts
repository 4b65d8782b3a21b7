// Answers that say less than they seem to.
import { describe, expect, it } from 'vitest'
import { one, hoursAgo, quarantined, stored, workingClinic } from '#test/renovatio.ts'
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

  it('cancels nothing while something in the list does not tell what it is', async () => {
    const tenant = await workingClinic()
    const { clinic, broken } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 5), 123_400)
    await sync(tenant)
    broken.set(`invoice:${number}`, { number: null })
    for (let run = 0; run < 3; run += 1) await sync(tenant)
    expect(await one(tenant, `invoice:${number}`)).toMatchObject({ status: 'paid' })
    expect(await quarantined(tenant)).toMatchObject([{ externalId: null, reason: expect.stringMatching(/^number/) }])
  })

  it('quarantines what it cannot read, stores the others, and takes it in once it can be read', async () => {
    const tenant = await workingClinic()
    const { clinic, broken } = tenant.sandbox
    const { number } = clinic.sell(hoursAgo(tenant, 5), 123_400)
    broken.set(`invoice:${number}`, { value: 'много' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 18 } })
    expect(await quarantined(tenant)).toMatchObject([{ externalId: `invoice:${number}`, raw: { value: '(text)' } }])
    broken.clear()
    const { json } = await tenant.call('POST', `${tenant.path}/quarantine/retry`)
    await tenant.context.drain()
    expect((await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json.counters).toMatchObject({ inserted: 1 })
    expect(await quarantined(tenant)).toEqual([])
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('goes on when all that it reads alone is unreadable', async () => {
    const tenant = await workingClinic({ initialDays: 20 })
    const { clinic, broken } = tenant.sandbox
    await sync(tenant)
    const old = Array.from({ length: 4 }, (_, n) => clinic.sell(hoursAgo(tenant, 40 * DAY_HOURS + n), 1000))
    for (const { number } of old) broken.set(`invoice:${number}`, { value: 'много' })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 4 } })
    expect(await quarantined(tenant)).toHaveLength(4)
  })
})
