import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { integrationOf, query } from '#test/pages.ts'
import { allTransactions, createSalonTenant } from '#test/tenants.ts'

describe('what a hook brings', () => {
  it('stands in the feed and in the history as a webhook’s doing', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    salon.sandbox.salon.withdrawPayment(id)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    const { json } = await salon.call('GET', `${salon.path}/changes?after=1`)
    expect(json.items).toMatchObject([{ externalId: `record:${id}`, status: 'unpaid' }])
    const history = await salon.call('GET', `${salon.path}/transactions/${json.items[0].id}/history`)
    expect(history.json.items).toMatchObject([{ source: 'webhook', runId: null }])
    expect((await integrationOf(salon)).transactionsSynced).toBe(2)
  })

  it('is not written when the settings changed while the vendor was asked', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(paidVisit(salon)))
    salon.sandbox.onRecord = async () => {
      salon.sandbox.onRecord = null
      await salon.call('PATCH', salon.path, { additionalConfig: { companyId: 540_112, initialDays: 3 } })
    }
    await salon.context.takeOne()
    expect(await allTransactions(salon)).toEqual([])
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', attempts: 0 }])
    await salon.context.drain()
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('is looked for by a live sync when the event cannot name it', async () => {
    const salon = await createSalonTenant()
    paidVisit(salon)
    await post(salon, [{ ...visitEvent(1), resource: 'finances_operation', data: { amount: 100 } }])
    await salon.context.drain()
    const { json } = await salon.call('GET', `${salon.path}/runs`)
    expect(json.items).toMatchObject([{ trigger: 'webhook', status: 'succeeded' }])
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('waits for a live sync that may have passed the place already', async () => {
    const salon = await createSalonTenant()
    const { json } = await salon.call('POST', `${salon.path}/sync`)
    await query(salon, sql`update sync_runs set started_at = now(), status = 'running' where id = ${json.id}::uuid`)
    salon.context.messages.length = 0
    await post(salon, [{ ...visitEvent(1), resource: 'finances_operation', data: [] }])
    await salon.context.takeOne()
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new' }])
    await query(salon, sql`update sync_runs set status = 'succeeded', finished_at = now() where id = ${json.id}::uuid`)
    await workOffHooks(salon)
    const { items } = (await salon.call('GET', `${salon.path}/runs`)).json
    expect(items[0]).toMatchObject({ trigger: 'webhook', status: 'succeeded' })
  })
})
