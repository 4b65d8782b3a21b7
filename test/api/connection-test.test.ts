import { describe, expect, it } from 'vitest'
import { createSalonTenant } from '#test/tenants.ts'

describe('the connection test', () => {
  it('asks for everything that the sync needs and shows a sample', async () => {
    const salon = await createSalonTenant({ demo: true })
    const { status, json } = await salon.call('POST', `${salon.path}/test`)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      ok: true,
      account: { externalId: '540112', name: 'Студия «Север»', timezone: 'Europe/Moscow', currency: 'RUB' },
    })
    const names = json.capabilities.map(({ name }: { name: string }) => name)
    expect(names).toEqual(
      expect.arrayContaining([
        'credentials',
        'account',
        'records',
        'records_page_2',
        'transactions',
        'webhook_settings',
      ]),
    )
    expect(json.sample).toHaveLength(3)
    expect(json.sample[0]).toMatchObject({ status: 'paid', currency: 'RUB', id: null, changeSeq: null })
    expect((await salon.call('GET', salon.path)).json.connection).toMatchObject({ status: 'ok' })
  })

  it.each([
    ['records', 'records'],
    ['finances', 'transactions'],
  ])('fails, in plain words, when the user may not see %s', async (denied, name) => {
    const salon = await createSalonTenant({ demo: true })
    salon.sandbox.denied.add(denied)
    const { json } = await salon.call('POST', `${salon.path}/test`, undefined, { 'accept-language': 'ru-RU,ru;q=0.9' })
    expect(json.ok).toBe(false)
    const failed = json.capabilities.filter((capability: { ok: boolean }) => !capability.ok)
    expect(failed.map((capability: { name: string }) => capability.name)).toEqual([name])
    expect(failed[0].detail).toMatch(/прав/i)
    expect((await salon.call('GET', salon.path)).json.connection.status).toBe('failed')
  })

  it('passes with a warning when only what is optional is missing', async () => {
    const salon = await createSalonTenant({ demo: true })
    salon.sandbox.denied.add('settings').add('phones')
    const { json } = await salon.call('POST', `${salon.path}/test`)
    expect(json.ok).toBe(true)
    const missing = json.capabilities.filter((capability: { ok: boolean }) => !capability.ok)
    expect(missing.map(({ name, required }: { name: string; required: boolean }) => [name, required])).toEqual([
      ['client_phones', false],
      ['webhook_settings', false],
    ])
  })

  it.each(['500', 'html', 'truncated', 'reset', '429'] as const)('reports %s as an answer of 200', async (fault) => {
    const salon = await createSalonTenant()
    salon.sandbox.faults.plan.rate = 1
    salon.sandbox.faults.plan.kinds = [fault]
    const { status, json } = await salon.call('POST', `${salon.path}/test`)
    expect([status, json.ok, json.account]).toEqual([200, false, null])
    expect(json.capabilities[0]).toMatchObject({ name: 'credentials', ok: false })
    expect(json.capabilities[0].detail.length).toBeGreaterThan(20)
  })

  it('names a branch that is not there', async () => {
    const salon = await createSalonTenant({ settings: { companyId: '999' } })
    const { json } = await salon.call('POST', `${salon.path}/test`)
    expect(json.ok).toBe(false)
    expect(JSON.stringify(json.capabilities)).toMatch(/branch/i)
  })
})
