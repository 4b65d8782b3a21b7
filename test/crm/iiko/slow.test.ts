import { expect, it } from 'vitest'
import { runSlice, SLICE_MS } from '#sync/run-slice.ts'
import { createCafeTenant } from '#test/cafe.ts'
import { sync } from '#test/tenants.ts'

it('a sync ends though each answer takes longer than a slice, the last one too', async () => {
  const tenant = await createCafeTenant({ withServer: true, settings: { initialDays: 3 } })
  await sync(tenant)
  const { clock, fetch } = tenant.context
  const slowFetch: typeof fetch = async (...call) => {
    clock.advance(SLICE_MS)
    return fetch(...call)
  }
  const { json } = await tenant.call('POST', `${tenant.path}/sync`)
  for (let slice = 1; slice <= 20; slice += 1) await runSlice({ ...tenant.context, fetch: slowFetch }, json.id)
  const run = (await tenant.call('GET', `${tenant.path}/runs/${json.id}`)).json
  expect(run).toMatchObject({ status: 'succeeded', error: null })
})
