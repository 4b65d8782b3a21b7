// An account gets another address when its owner renames it; its tokens stay good there.
import { describe, expect, it } from 'vitest'
import { type AmoTenant, createConsented, expireAccess } from '#test/amo.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { sync } from '#test/tenants.ts'

async function integrationOf(tenant: AmoTenant) {
  return (await tenant.call('GET', tenant.path)).json
}

describe('an account that was renamed', () => {
  const MOVED = 'http://127.0.0.1:10'

  it.each([401, 404] as const)('E6: is followed to its new address, though the old one answers %i', async (answer) => {
    const origins = { EGRESS_ALLOW_ORIGINS: `${SANDBOX_URL},${MOVED}` }
    const tenant = await createConsented({ apiDomain: new URL(SANDBOX_URL).host, variables: origins })
    Object.assign(tenant.sandbox.consent, { movedTo: new URL(MOVED).host, formerAnswer: answer })
    await expireAccess(tenant)
    expect(await integrationOf(tenant)).toMatchObject({ apiUrl: SANDBOX_URL })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await integrationOf(tenant)).toMatchObject({ apiUrl: MOVED })
  })

  it('E6: is never looked for, nor followed to, where amoCRM is not', async () => {
    const tenant = await createConsented({ apiDomain: 'api.amocrm.ru.example.com' })
    const stranger = await createConsented({ apiDomain: new URL(SANDBOX_URL).host })
    for (const one of [tenant, stranger]) {
      Object.assign(one.sandbox.consent, { movedTo: 'coffee.example.com', formerAnswer: 401 })
      await expireAccess(one)
      expect(await sync(one)).toMatchObject({ status: 'failed', error: { kind: 'rejected' } })
      expect(await integrationOf(one)).toMatchObject({ apiUrl: SANDBOX_URL })
    }
  })
})
