// Medium: whoever knew the address of 1C's pushes could leave out the secret that the real sender shows.
import { expect, it } from 'vitest'
import { deliveriesOf, post, workOffHooks } from '#test/hooks.ts'
import { createPushingTenant, type ShopTenant, sell } from '#test/shop.ts'

const eventOf = (tenant: ShopTenant) => ({ event: 'posted', entity: 'Document_ЧекККМ', ref_key: sell(tenant).id })
const REFUSED = { status: 401, json: { ok: false } }

it('is required of every push once it was shown right', async () => {
  const { tenant, secret } = await createPushingTenant()
  expect(await post(tenant, eventOf(tenant))).toMatchObject({ status: 200 })
  expect(await post(tenant, eventOf(tenant), { 'x-hook-token': `${secret}x` })).toMatchObject(REFUSED)
  // A wrong one has proved nothing.
  expect(await post(tenant, eventOf(tenant))).toMatchObject({ status: 200 })
  expect(await post(tenant, { event: 'ping' }, { authorization: `Bearer ${secret}` })).toMatchObject({ status: 200 })
  for (const body of [eventOf(tenant), { event: 'ping' }, 'unreadable'])
    expect(await post(tenant, body)).toMatchObject(REFUSED)
  expect(await post(tenant, eventOf(tenant), { 'x-hook-token': secret })).toMatchObject({ status: 200 })
  const rejected = (await deliveriesOf(tenant)).filter(({ status }) => status === 'rejected')
  // One that the database does not take within a second, as on a busy machine, is refused without a note.
  expect(new Set(rejected.map(({ reason }) => reason.code))).toEqual(new Set(['unverified']))
  expect(rejected.every(({ externalIds }) => externalIds.length === 0)).toBe(true)
})

it('is required of a push that came while the database was down', async () => {
  const { tenant, secret } = await createPushingTenant()
  await post(tenant, { event: 'ping' }, { 'x-hook-token': secret })
  const answer = await tenant.call('GET', tenant.path)
  const { pathname } = new URL(answer.json.webhookUrl)
  const body = JSON.stringify(eventOf(tenant))
  tenant.context.outage.database = 'down'
  await tenant.context.app.fetch(new Request(`https://api.example.com${pathname}`, { method: 'POST', body }))
  tenant.context.outage.database = null
  await workOffHooks(tenant)
  const deliveries = await deliveriesOf(tenant)
  expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set(['ignored', 'rejected']))
})

it('is optional again at a new address, which nobody has shown it to', async () => {
  const { tenant, secret } = await createPushingTenant()
  await post(tenant, { event: 'ping' }, { 'x-hook-token': secret })
  expect(await post(tenant, { event: 'ping' })).toMatchObject(REFUSED)
  expect((await tenant.call('POST', `${tenant.path}/webhook-token`)).status).toBe(200)
  expect(await post(tenant, { event: 'ping' })).toMatchObject({ status: 200 })
})
