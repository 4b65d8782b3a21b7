// The database takes no more requests for the moment: work waits for it, and callers hear why.
import { expect, it } from 'vitest'
import { createSalonTenant } from '#test/tenants.ts'

it('is waited for inside a slice, which goes on as if nothing had happened', async () => {
  const salon = await createSalonTenant()
  const { json } = await salon.call('POST', `${salon.path}/sync`)
  // Taking the run, and its last page, with which it ends.
  salon.context.databaseFaults.push('overloaded', 'none', 'overloaded', 'overloaded')
  expect(await salon.context.takeOne()).toBe(true)
  expect(salon.context.databaseFaults).toEqual([])
  expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json).toMatchObject({ status: 'succeeded' })
  expect(salon.context.messages).toEqual([])
})

it('is not asked again at once when that was not enough: the run waits, and says why', async () => {
  const salon = await createSalonTenant()
  const { json } = await salon.call('POST', `${salon.path}/sync`)
  const refusals = Array.from({ length: 6 }, () => 'overloaded' as const)
  salon.context.databaseFaults.push('none', ...refusals)
  expect(await salon.context.takeOne()).toBe(true)
  expect(salon.context.databaseFaults).toEqual([])
  expect((await salon.call('GET', `${salon.path}/runs/${json.id}`)).json).toMatchObject({
    status: 'waiting',
    error: { kind: 'unavailable' },
  })
})

it('is a reason of `unavailable` for callers of the API', async () => {
  const salon = await createSalonTenant()
  salon.context.outage.database = 'overloaded'
  const { status, json, headers } = await salon.call('GET', salon.path)
  expect([status, headers.get('retry-after')]).toEqual([503, '5'])
  expect(json).toMatchObject({ code: 'unavailable', reason: 'overloaded' })
  salon.context.outage.database = 'down'
  expect((await salon.call('GET', salon.path)).json).not.toHaveProperty('reason')
})
