import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { cleanUp } from '#jobs/clean-up.ts'
import { deliveriesOf, paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { query } from '#test/pages.ts'
import { allTransactions, createSalonTenant, type Salon } from '#test/tenants.ts'

const path = (salon: Salon) => `${salon.path}/webhook-deliveries`

async function age(salon: Salon, days: number) {
  await query(
    salon,
    sql`update webhook_deliveries set received_at = now() - ${days}::int * interval '1 day'
      where integration_id = ${salon.integrationId}::uuid`,
  )
}

describe('the list of deliveries', () => {
  it('goes from the newest to the oldest, in pages', async () => {
    const salon = await createSalonTenant()
    for (let id = 1; id <= 5; id += 1) await post(salon, visitEvent(id))
    const seen: string[] = []
    for (let cursor = ''; ;) {
      const { json } = await salon.call('GET', `${path(salon)}?limit=2${cursor}`)
      seen.push(...json.items.flatMap((item: { externalIds: string[] }) => item.externalIds))
      if (json.nextCursor === null) break
      cursor = `&cursor=${json.nextCursor}`
    }
    expect(seen).toEqual([5, 4, 3, 2, 1].map((id) => `record:${id}`))
  })

  it('is filtered by status, transaction and time', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(1))
    await post(salon, 'no json')
    const from = encodeURIComponent(new Date(Date.now() - 60_000).toISOString())
    const cases = [
      ['&status=new', 1],
      ['&status=rejected', 1],
      ['&status=done', 0],
      ['&externalId=record:1', 1],
      ['&externalId=record:2', 0],
      [`&from=${from}`, 2],
      [`&to=${from}`, 0],
    ] as const
    for (const [search, count] of cases) expect(await deliveriesOf(salon, search), search).toHaveLength(count)
  })

  it('shows nothing of what the bodies say, and refuses a foreign cursor', async () => {
    const salon = await createSalonTenant()
    await post(salon, { ...visitEvent(1), data: { client: { name: 'Анна Кедрова', phone: '+79001234567' } } })
    const { text } = await salon.call('GET', path(salon))
    expect(text).not.toMatch(/Кедрова|79001234567/)
    expect((await salon.call('GET', `${path(salon)}?cursor=x`)).status).toBe(400)
  })
})

describe('replay', () => {
  it('is not needed when the same comes after it was rejected: the settings may have been mended', async () => {
    const salon = await createSalonTenant()
    const event = visitEvent(paidVisit(salon), '2026-11-24T10:00:00+0300')
    const settings = async (companyId: number) =>
      query(
        salon,
        sql`update crm_integrations set additional_config = jsonb_set(additional_config, '{companyId}', ${companyId}::text::jsonb)
          where id = ${salon.integrationId}::uuid`,
      )
    await settings(7)
    await post(salon, event)
    await workOffHooks(salon)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'rejected', reason: { code: 'foreign_account' } }])
    await settings(540_112)
    await post(salon, event)
    await workOffHooks(salon)
    expect(await deliveriesOf(salon)).toMatchObject([{ status: 'done', repeats: 1, reason: null }])
    expect(await allTransactions(salon)).toHaveLength(1)
  })

  it('looks again at what a delivery points at', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id, '2026-11-24T10:00:00+0300'))
    await workOffHooks(salon)
    const [done] = await deliveriesOf(salon)
    salon.sandbox.salon.withdrawPayment(id)
    const { status, json } = await salon.call('POST', `${path(salon)}/${done.id}/replay`)
    expect([status, json.status, json.doneAt]).toEqual([202, 'new', null])
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toMatchObject([{ status: 'unpaid' }])
  })

  it('works a period off, of one status or of all', async () => {
    const salon = await createSalonTenant()
    for (let count = 0; count < 3; count += 1) await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    await post(salon, 'no json')
    const period = { from: '2026-01-01T00:00:00Z', to: new Date(Date.now() + 60_000).toISOString() }
    const replay = async (body: object) => (await salon.call('POST', `${path(salon)}/replay`, body)).json
    expect(await replay({ ...period, status: 'failed' })).toEqual({ replayed: 0, nextFrom: null })
    expect(await replay({ ...period, to: '2026-01-02T00:00:00Z' })).toEqual({ replayed: 0, nextFrom: null })
    expect(await replay(period)).toEqual({ replayed: 3, nextFrom: null })
    await workOffHooks(salon)
    expect((await deliveriesOf(salon, '&status=done')).map(({ repeats }) => repeats)).toEqual([1, 1, 1])
  })

  it('is refused for what was never to be worked off', async () => {
    const salon = await createSalonTenant()
    await post(salon, 'no json')
    await post(salon, [])
    for (const { id } of await deliveriesOf(salon)) {
      expect((await salon.call('POST', `${path(salon)}/${id}/replay`)).json).toMatchObject({ code: 'not_replayable' })
    }
  })
})

describe('what is kept of deliveries', () => {
  it('loses its people after a week and stays replayable', async () => {
    const salon = await createSalonTenant()
    const id = paidVisit(salon)
    await post(salon, visitEvent(id))
    await workOffHooks(salon)
    await age(salon, 8)
    await cleanUp(salon.context)
    const [kept] = await deliveriesOf(salon)
    expect(kept).toMatchObject({ hasBody: false, externalIds: [`record:${id}`] })
    salon.sandbox.salon.withdrawPayment(id)
    await salon.call('POST', `${path(salon)}/${kept.id}/replay`)
    await workOffHooks(salon)
    expect(await allTransactions(salon)).toMatchObject([{ status: 'unpaid' }])
  })

  it('goes after a month; younger ones stay', async () => {
    const salon = await createSalonTenant()
    await post(salon, visitEvent(1))
    await age(salon, 31)
    await post(salon, visitEvent(2))
    await cleanUp(salon.context)
    expect(await deliveriesOf(salon)).toMatchObject([{ externalIds: ['record:2'], hasBody: true }])
  })

  it('is kept for as long as the operator says', async () => {
    const salon = await createSalonTenant({
      variables: { RETENTION_WEBHOOKS_DAYS: '3', RETENTION_WEBHOOK_BODIES_DAYS: '1' },
    })
    await post(salon, visitEvent(1))
    await age(salon, 2)
    await cleanUp(salon.context)
    expect(await deliveriesOf(salon)).toMatchObject([{ hasBody: false }])
    await age(salon, 4)
    await cleanUp(salon.context)
    expect(await deliveriesOf(salon)).toEqual([])
  })
})
