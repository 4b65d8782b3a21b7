// What a refusal means for hooks, beyond that of one integration.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { openIssues } from '#test/issues.ts'
import { deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { integrationOf, query } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon, sync } from '#test/tenants.ts'

async function enabled(): Promise<Salon> {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true, registerWebhooks: false })
  return salon
}

describe('a hook whose read is refused', () => {
  it('stops the connection, and opens its issue', async () => {
    const salon = await enabled()
    Object.assign(salon.sandbox.credentials, { apiSecret: 'another' })
    await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    expect(await openIssues(salon)).toMatchObject([{ code: 'connection_refused', params: { kind: 'auth' } }])
    const stopped = sql`select stopped_by from crm_integrations where id = ${salon.integrationId}::uuid`
    expect(await query(salon, stopped)).toEqual([{ stopped_by: 'vendor' }])
  })

  it('waits while the CRM refuses many at once, and then brings its sale', async () => {
    const salon = await enabled()
    const { apiSecret } = salon.sandbox.credentials
    const trouble = sql`('vendor_trouble', 'yclients', 'error', 'vendor', jsonb_build_object('countedAt', now()::text))`
    await query(salon, sql`insert into issues (code, detail_key, severity, whose_turn, params) values ${trouble}`)
    try {
      Object.assign(salon.sandbox.credentials, { apiSecret: 'another' })
      await post(salon, visitEvent(paidVisit(salon)))
      await salon.context.takeOne()
      expect(await deliveriesOf(salon)).toMatchObject([{ status: 'new', attempts: 1 }])
      expect(await integrationOf(salon)).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
    } finally {
      await query(salon, sql`delete from issues where code = 'vendor_trouble'`)
      await query(salon, sql`update crm_integrations set refused_at = null`)
    }
    Object.assign(salon.sandbox.credentials, { apiSecret })
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
  })
})

describe('a hook whose object cannot be read', () => {
  it('has its issue from the next sync on, though that finds nothing new', async () => {
    const salon = await enabled()
    const id = paidVisit(salon)
    salon.sandbox.broken.add(id)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    await sync(salon)
    expect(await openIssues(salon)).toMatchObject([{ code: 'records_unreadable', params: { records: '1' } }])
    salon.sandbox.broken.clear()
    await sync(salon)
    expect(await openIssues(salon)).toEqual([])
  })
})

describe('a hook whose read succeeds', () => {
  it('ends a refusal that might pass', async () => {
    const salon = await enabled()
    const passing = sql`passing_refusal, passing_refusal_since from crm_integrations where id = ${salon.integrationId}::uuid`
    await query(
      salon,
      sql`update crm_integrations set passing_refusal = 'forbidden.unpaid', passing_refusal_since = now()
        where id = ${salon.integrationId}::uuid`,
    )
    await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    expect(await query(salon, sql`select ${passing}`)).toEqual([{ passing_refusal: null, passing_refusal_since: null }])
  })
})

describe('a connection test that fails while sync is on', () => {
  it('stops no hook, and the next sync that succeeds says that all is well', async () => {
    const salon = await enabled()
    salon.sandbox.faults.plan.rate = 1
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(false)
    salon.sandbox.faults.plan.rate = 0
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: true, connection: { status: 'failed' } })
    await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toHaveLength(1)
    await sync(salon)
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
  })
})
