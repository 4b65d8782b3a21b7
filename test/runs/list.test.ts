import { expect, it } from 'vitest'
import { createSalonTenant, sync } from '#test/tenants.ts'

it('lists runs by status, trigger and day', async () => {
  const salon = await createSalonTenant()
  await sync(salon)
  await salon.call('POST', `${salon.path}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })
  const listed = async (search: string) => {
    const { json } = await salon.call('GET', `${salon.path}/runs?${search}`)
    return json.items?.map(({ trigger }: { trigger: string }) => trigger).join(' ') ?? json.errors[0].path
  }
  const cases = {
    ...{
      '': 'backfill manual',
      'status=succeeded': 'manual',
      'status=queued': 'backfill',
      'trigger=backfill': 'backfill',
    },
    ...{ 'status=failed': '', 'trigger=manual&status=queued': '', 'from=2020-01-01': 'backfill manual' },
    ...{ 'to=2020-01-01': '', 'from=2999-01-01T00:00:00Z': '' },
    ...{ 'status=done': 'query.status', 'trigger=x': 'query.trigger', 'from=x': 'query.from' },
  }
  for (const [search, runs] of Object.entries(cases)) expect([search, await listed(search)]).toEqual([search, runs])
})
