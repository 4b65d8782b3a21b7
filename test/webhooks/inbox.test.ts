import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { claimInbox, type Settlement, settleInbox } from '#webhooks/inbox.ts'
import { workInbox } from '#webhooks/work-inbox.ts'
import { sweepInboxes } from '#jobs/cron.ts'
import { deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { integrationOf, keepOwn, query } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon } from '#test/tenants.ts'

const asked = ({ sandbox }: Salon) => sandbox.requests.filter((line) => line.includes('/record/')).length

async function makeDue(salon: Salon) {
  await query(
    salon,
    sql`update webhook_deliveries set due_at = now() where integration_id = ${salon.integrationId}::uuid`,
  )
}

async function expireInboxLease(salon: Salon) {
  await query(
    salon,
    sql`update crm_integrations set inbox_until = now() - interval '1 second' where id = ${salon.integrationId}::uuid`,
  )
}

describe('an inbox', () => {
  it('asks once for an object that many deliveries point at', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    for (const second of [10, 11, 12, 13]) await post(salon, visitEvent(id, `2026-11-24T10:00:${second}+0300`))
    await salon.context.drain()
    expect(asked(salon)).toBe(1)
    expect((await deliveriesOf(salon)).map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done'])
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('asks again when the same comes after it was worked off and does not tell its version', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await salon.context.drain()
    salon.sandbox.salon.withdrawPayment(id)
    await post(salon, visitEvent(id))
    await salon.context.drain()
    expect(asked(salon)).toBe(2)
    expect(await allTransactions(salon)).toMatchObject([{ status: 'unpaid' }])
  })

  it('takes the same version once more for the repeat that it is', async () => {
    const salon = await createSalonTenant()
    const event = visitEvent(paidVisit(salon), '2026-11-24T10:00:00+0300')
    for (let times = 0; times < 3; times += 1) {
      await post(salon, event)
      await salon.context.drain()
    }
    expect(asked(salon)).toBe(1)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done', repeats: 2 }])
  })

  it('misses no news that come while it is being worked off', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    // The vendor has answered, and only then the payment is taken back and told of.
    salon.sandbox.onRecord = async () => {
      salon.sandbox.onRecord = null
      queueMicrotask(() => books.withdrawPayment(id))
      await post(salon, visitEvent(id))
    }
    await workOffHooks(salon)
    expect(asked(salon)).toBe(2)
    expect(await allTransactions(salon)).toMatchObject([{ status: 'unpaid' }])
  })

  it('is worked off by one worker at a time', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    expect(await claimInbox(salon.context, salon.integrationId)).toMatchObject({ deliveries: [{ attempts: 1 }] })
    expect(await claimInbox(salon.context, salon.integrationId)).toBeNull()
  })

  it('is not let go of, nor its deliveries settled, by a worker that it was taken from', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    await makeDue(salon)
    const first = await claimInbox(salon.context, salon.integrationId)
    await expireInboxLease(salon)
    const next = await claimInbox(salon.context, salon.integrationId)
    if (!first || !next) throw new Error('nothing was claimed')
    const worked = (settlement: Settlement) => ({
      settlements: new Map(first.deliveries.map(({ id }) => [id, settlement])),
      ...{ pauseSeconds: 0, left: [], reads: 0 },
    })
    await settleInbox(salon.context, first, worked({ status: 'failed', reason: 'unreadable' }))
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new' }])
    expect(await claimInbox(salon.context, salon.integrationId)).toBeNull()
    await settleInbox(salon.context, next, worked({ status: 'done', reason: null }))
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done' }])
  })

  it('is not let go of by a settlement that waited for the claim that took it over', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    await makeDue(salon)
    const claim = await claimInbox(salon.context, salon.integrationId)
    if (!claim) throw new Error('nothing was claimed')
    await expireInboxLease(salon)
    // A claim that is not through yet: as `claimInbox` makes it, only slower.
    const claiming = salon.context.db.batch([
      salon.context.db.execute(sql`
        update crm_integrations set inbox_until = now() + interval '1 minute' where id = ${salon.integrationId}::uuid`),
      salon.context.db.execute(sql`
        update webhook_deliveries set attempts = attempts + 1 where integration_id = ${salon.integrationId}::uuid`),
      salon.context.db.execute(sql`select pg_sleep(0.6)`),
    ])
    await new Promise((settle) => setTimeout(settle, 200))
    await settleInbox(salon.context, claim, { settlements: new Map(), pauseSeconds: 0, left: [], reads: 0 })
    await claiming
    expect(await claimInbox(salon.context, salon.integrationId)).toBeNull()
  })

  it('is taken over when its worker has died, and what that one wrote stays written once', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    const { messages, databaseFaults } = salon.context
    messages.length = 0
    // The claim and the write go through; the worker is gone before it can put down that it is done.
    databaseFaults.push('none', 'none', 'unsent')
    await expect(workInbox(salon.context, salon.integrationId)).rejects.toThrow()
    expect(await allTransactions(salon)).toHaveLength(1)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new' }])
    await expireInboxLease(salon)
    await workOffHooks(salon)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done' }])
    expect(await allTransactions(salon)).toMatchObject([{ changeSeq: 1 }])
    expect((await integrationOf(salon)).transactionsSynced).toBe(1)
  })

  it('goes on without its message when that is lost', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    salon.context.messages.length = 0
    await sweepInboxes(salon.context)
    await keepOwn(salon)
    expect(salon.context.messages).toEqual([])
    await query(
      salon,
      sql`update webhook_deliveries set due_at = now() - interval '31 seconds'
        where integration_id = ${salon.integrationId}::uuid`,
    )
    await sweepInboxes(salon.context)
    await keepOwn(salon)
    await salon.context.drain()
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('gives up what breaks every worker, and says so', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    await query(
      salon,
      sql`update webhook_deliveries set attempts = 12, due_at = now() where integration_id = ${salon.integrationId}::uuid`,
    )
    await salon.context.drain()
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'failed', reason: { code: 'worker_lost' } }])
    expect(asked(salon)).toBe(0)
  })

  it('hands on what does not fit into a slice, and forgets none of it', async () => {
    const salon = await createSalonTenant()
    // 400 ms a request, so a slice has time for about a dozen.
    for (let count = 0; count < 40; count += 1) await post(salon, visitEvent(paidVisit(salon)))
    await salon.context.takeOne()
    const first = (await allTransactions(salon)).length
    expect(first).toBeGreaterThan(5)
    expect(first).toBeLessThan(40)
    await salon.context.drain()
    expect(await allTransactions(salon)).toHaveLength(40)
    expect(new Set((await deliveriesOf(salon)).map(({ attempts }) => attempts))).toEqual(new Set([1]))
  })

  it('works off a body that names more than fits into a slice, asking once for each, and lets others past', async () => {
    const salon = await createSalonTenant()
    const ids = Array.from({ length: 40 }, () => paidVisit(salon))
    await post(
      salon,
      ids.map((id) => visitEvent(id)),
    )
    const later = paidVisit(salon)
    await post(salon, visitEvent(later))
    for (let round = 0; round < 8; round += 1) await salon.context.takeOne()
    expect(await allTransactions(salon)).toHaveLength(41)
    await salon.context.drain()
    expect(asked(salon)).toBe(41)
    expect((await deliveriesOf(salon)).map(({ status }) => status)).toEqual(['done', 'done'])
  })

  it('of one integration that is flooded does not stand before that of another', async () => {
    const [flooded, quiet] = [await createSalonTenant(), await createSalonTenant()]
    for (let count = 0; count < 60; count += 1) await post(flooded, visitEvent(paidVisit(flooded)))
    await post(quiet, visitEvent(paidVisit(quiet)))
    // One for each few seconds that this took, not one for each delivery.
    expect(flooded.context.messages.length).toBeLessThan(15)
    await quiet.context.drain()
    expect(await allTransactions(quiet)).toHaveLength(1)
  })
})

describe('a vendor that does not give what a hook points at', () => {
  it('is left alone as long as it asks for, and no try is used up', async () => {
    const salon = await createSalonTenant({ variables: { THROTTLE_WAIT_SCALE: '1' } })
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    salon.sandbox.faults.plan.next = ['429']
    await salon.context.takeOne()
    expect(salon.context.messages).toMatchObject([{ delaySeconds: 60 }])
    await post(salon, visitEvent(paidVisit(salon)))
    expect(await claimInbox(salon.context, salon.integrationId)).toBeNull()
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(2)
    expect((await deliveriesOf(salon)).map(({ attempts }) => attempts)).toEqual([1, 1])
  })

  it('is asked again five times, then the delivery fails with the reason and can be replayed', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    salon.sandbox.faults.plan.rate = 1
    salon.sandbox.faults.plan.kinds = ['503']
    await workOffHooks(salon)
    const [failed] = await deliveriesOf(salon)
    expect(failed).toMatchObject({ status: 'failed', attempts: 5, reason: { code: 'unavailable.server_error' } })
    salon.sandbox.faults.plan.rate = 0
    const replay = await salon.call('POST', `${salon.path}/webhook-deliveries/${failed.id}/replay`)
    expect([replay.status, replay.json.status]).toEqual([202, 'new'])
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('and refuses the credentials is not asked again: the connection has failed', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    Object.assign(salon.sandbox.credentials, { apiSecret: 'another' })
    await post(salon, visitEvent(paidVisit(salon)))
    await post(salon, visitEvent(paidVisit(salon)))
    const before = salon.sandbox.requests.length
    await workOffHooks(salon)
    expect(salon.sandbox.requests.length - before).toBe(1)
    const codes = (await deliveriesOf(salon)).map(({ status, reason }) => `${status} ${reason.code}`)
    expect(codes.toSorted()).toEqual(['failed auth.token_rejected', 'failed connection_failed'])
    expect(await integrationOf(salon)).toMatchObject({
      syncEnabled: false,
      connection: { status: 'failed' },
      lastError: expect.stringContaining('token'),
    })
  })

  it('tells that a visit is gone: it is cancelled', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    salon.sandbox.salon.vanish(id)
    await post(salon, { ...visitEvent(id), status: 'delete' })
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toMatchObject([{ status: 'cancelled' }])
  })

  it('gives one that cannot be mapped: it is quarantined', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    salon.sandbox.broken.add(id)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done' }])
    const { json } = await salon.call('GET', `${salon.path}/quarantine`)
    expect(json.items).toMatchObject([{ externalId: `record:${id}` }])
  })
})
