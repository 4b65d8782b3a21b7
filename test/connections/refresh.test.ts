// Refresh tokens are good once, and each renewal may be lost on its way: the connection must survive whatever happens.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { expireAccess, grantOf, lapseFence, type AmoTenant, createConsented } from '#test/amo.ts'
import { refreshIdle } from '#oauth/refresh-idle.ts'
import { sync } from '#test/tenants.ts'

const refreshes = ({ sandbox }: AmoTenant) =>
  sandbox.consent.tokens.calls.filter(({ grantType }) => grantType === 'refresh_token')

async function integrationOf(tenant: AmoTenant) {
  return (await tenant.call('GET', tenant.path)).json
}

async function works(tenant: AmoTenant): Promise<boolean> {
  return (await tenant.call('POST', `${tenant.path}/test`)).json.ok
}

describe('renewing the access', () => {
  it('happens before the access ends, once, and the pair is stored before it is used', async () => {
    const tenant = await createConsented()
    const before = await grantOf(tenant)
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant)).toHaveLength(0)
    await tenant.context.db.execute(sql`
      update oauth_grants set access_until = now() + interval '4 minutes', refreshed_at = now() - interval '1 day'
      where integration_id = ${tenant.integrationId}::uuid`)
    const generationsAtUse: (number | undefined)[] = []
    tenant.sandbox.onCall = async () => void generationsAtUse.push((await grantOf(tenant))?.generation)
    expect(await works(tenant)).toBe(true)
    const after = await grantOf(tenant)
    expect(after?.generation).toBe((before?.generation ?? 0) + 1)
    expect(new Set(generationsAtUse)).toEqual(new Set([after?.generation]))
    expect(refreshes(tenant)).toHaveLength(1)
    tenant.sandbox.onCall = null
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant)).toHaveLength(1)
  })

  it('happens when the vendor refuses the access ahead of time, and the call is made again', async () => {
    const tenant = await createConsented()
    // The vendor thinks that a day has passed; our database does not.
    tenant.context.clock.advance(25 * 3_600_000)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(refreshes(tenant)).toHaveLength(1)
  })

  it('keeps what the new pair replaced until that has worked, and no longer', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.sandbox.consent.beforeAnswer = async () => void (tenant.sandbox.isBlocked = true)
    expect(await works(tenant)).toBe(false)
    expect(await grantOf(tenant)).toMatchObject({ has_previous: true })
    tenant.sandbox.isBlocked = false
    tenant.sandbox.consent.beforeAnswer = null
    expect(await works(tenant)).toBe(true)
    expect(await grantOf(tenant)).toMatchObject({ has_previous: false })
    expect(refreshes(tenant)).toHaveLength(1)
  })

  it.each(['lost', 'reset', '500', 'html'] as const)(
    'survives an answer that is %s: the same token is sent again',
    async (kind) => {
      const tenant = await createConsented()
      await expireAccess(tenant)
      const { faults, consent } = tenant.sandbox
      let isLost = kind === 'lost'
      consent.losesAnswer = () => isLost
      if (kind !== 'lost') faults.plan.next = [kind]
      expect(await works(tenant)).toBe(false)
      expect(await grantOf(tenant)).toMatchObject({ is_fenced: true, is_dead: false })
      isLost = false
      await lapseFence(tenant)
      expect(await works(tenant)).toBe(true)
      const sent = refreshes(tenant).map((call) => call.sent)
      expect(new Set(sent).size).toBe(1)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    },
  )

  it('lets others try a quarter of a minute after a call whose end nobody knows, and not before', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.sandbox.consent.losesAnswer = () => true
    await works(tenant)
    const { rows } = await tenant.context.db.execute<{ seconds: number }>(sql`
      select extract(epoch from fence_until - now())::float8 as seconds from oauth_grants
      where integration_id = ${tenant.integrationId}::uuid`)
    expect(rows[0]?.seconds).toBeLessThanOrEqual(15)
    expect(rows[0]?.seconds).toBeGreaterThan(0)
  })

  it('waits for nobody after an answer that leaves nothing open', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.sandbox.faults.plan.next = ['429']
    expect(await works(tenant)).toBe(false)
    expect(await grantOf(tenant)).toMatchObject({ is_fenced: false })
    expect(await works(tenant)).toBe(true)
  })

  it('uses what still works while somebody else renews it', async () => {
    const tenant = await createConsented()
    await tenant.context.db.execute(sql`
      update oauth_grants set access_until = now() + interval '2 minutes', fence_owner = gen_random_uuid(),
        fence_until = now() + interval '1 minute' where integration_id = ${tenant.integrationId}::uuid`)
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant)).toHaveLength(0)
  })

  it('says that it takes long when somebody else does not come to an end, and loses nothing', async () => {
    const tenant = await createConsented()
    await tenant.context.db.execute(sql`
      update oauth_grants set access_until = now(), fence_owner = gen_random_uuid(), fence_until = now() + interval '1 hour'
      where integration_id = ${tenant.integrationId}::uuid`)
    const { json } = await tenant.call('POST', `${tenant.path}/test`)
    expect(json.capabilities[0]).toMatchObject({ ok: false, detail: expect.stringContaining('being renewed') })
    await lapseFence(tenant)
    expect(await works(tenant)).toBe(true)
  })
})

describe('a grant that is dead', () => {
  it('turns the integration off and asks to connect again, once the vendor refuses the very pair that is stored', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.consent.tokens.revokeAll()
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { kind: 'auth' } })
    expect(run.error.message).toContain('Connect amoCRM again')
    expect(await integrationOf(tenant)).toMatchObject({
      ...{ syncEnabled: false, connection: { status: 'failed' } },
      lastError: expect.stringContaining('Connect amoCRM again'),
    })
    expect(await grantOf(tenant)).toMatchObject({ is_dead: true })
    expect(refreshes(tenant)).toHaveLength(1)
  })

  it('is not one that somebody else has renewed meanwhile', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    const { consent } = tenant.sandbox
    // Our call takes so long that another worker thinks us dead; it gets a pair and uses it, and ours is refused.
    consent.beforeTokens = async () => {
      consent.beforeTokens = null
      await lapseFence(tenant)
      expect(await works(tenant)).toBe(true)
    }
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant).map(({ isIssued }) => isIssued)).toEqual([true, false])
    expect(await grantOf(tenant)).toMatchObject({ is_dead: false })
    expect(await works(tenant)).toBe(true)
  })

  it('is not one when both get a pair: one is stored and used, whoever comes first', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    const { consent } = tenant.sandbox
    consent.beforeAnswer = async () => {
      consent.beforeAnswer = null
      await lapseFence(tenant)
      expect(await works(tenant)).toBe(true)
    }
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant).map(({ isIssued }) => isIssued)).toEqual([true, true])
    expect(await works(tenant)).toBe(true)
  })

  it('is tried once more with the token before it while it has never worked', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.sandbox.consent.beforeAnswer = async () => void (tenant.sandbox.isBlocked = true)
    await works(tenant)
    tenant.sandbox.isBlocked = false
    tenant.sandbox.consent.beforeAnswer = null
    // The vendor knows nothing of the pair it gave.
    const [given] = [...tenant.sandbox.consent.tokens.byRefresh.values()].slice(-1)
    if (given) given.isRevoked = true
    expect(await works(tenant)).toBe(true)
    expect(refreshes(tenant).map(({ isIssued }) => isIssued)).toEqual([true, false, true])
  })

  it('is not one when the vendor does not know our app: the operator has to look, and nothing is turned off', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    await expireAccess(tenant)
    tenant.sandbox.consent.app.clientSecret = 'made anew'
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'rejected' } })
    expect(run.error.message).toContain('AMO_CRM_CLIENT_SECRET')
    expect(await integrationOf(tenant)).toMatchObject({ syncEnabled: true })
    expect(await grantOf(tenant)).toMatchObject({ is_dead: false })
  })

  it('is not one while the front server shuts everybody out', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    tenant.sandbox.isBlocked = true
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(await grantOf(tenant)).toMatchObject({ is_dead: false, is_fenced: false })
    tenant.sandbox.isBlocked = false
    expect(await works(tenant)).toBe(true)
  })
})

describe('an integration that nobody syncs', () => {
  it('is renewed at night long before its three months end, and left alone before that', async () => {
    const tenant = await createConsented()
    const age = async (days: number) =>
      tenant.context.db.execute(sql`
        update oauth_grants set refreshed_at = now() - interval '1 day' * ${days}::int, access_until = now() - interval '1 day'
        where integration_id = ${tenant.integrationId}::uuid`)
    await age(29)
    await refreshIdle(tenant.context)
    expect(refreshes(tenant)).toHaveLength(0)
    await age(31)
    await refreshIdle(tenant.context)
    expect(refreshes(tenant)).toHaveLength(1)
    await refreshIdle(tenant.context)
    expect(refreshes(tenant)).toHaveLength(1)
    tenant.context.clock.advance(80 * 86_400_000)
    expect(await works(tenant)).toBe(true)
  })

  it('gets its turn however many are before it', async () => {
    const tenant = await createConsented()
    const { db } = tenant.context
    await db.execute(sql`
      with owner as (
        insert into businesses (id, name, timezone, currency)
        select gen_random_uuid(), 'A', 'Europe/Moscow', 'RUB' from generate_series(1, 5) returning id
      ), integration as (
        insert into crm_integrations (business_id, crm_type) select id, 'amo_crm' from owner returning id)
      insert into oauth_grants (integration_id, access_until, refreshed_at)
      select id, now(), now() - interval '50 days' from integration`)
    await db.execute(sql`
      update oauth_grants set refreshed_at = now() - interval '31 days', access_until = now() - interval '1 day'
      where integration_id = ${tenant.integrationId}::uuid`)
    const { failed } = await refreshIdle(tenant.context, 2)
    expect(failed).toBeGreaterThanOrEqual(5)
    expect(refreshes(tenant)).toHaveLength(1)
  })

  it('says so when its consent was taken back, and is not asked about again', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    await tenant.context.db.execute(sql`
      update oauth_grants set refreshed_at = now() - interval '40 days', access_until = now() - interval '1 day'
      where integration_id = ${tenant.integrationId}::uuid`)
    tenant.sandbox.consent.tokens.revokeAll()
    await refreshIdle(tenant.context)
    await refreshIdle(tenant.context)
    expect(refreshes(tenant)).toHaveLength(1)
    expect(await integrationOf(tenant)).toMatchObject({
      ...{ syncEnabled: false, connection: { status: 'failed' } },
      lastError: expect.stringContaining('Connect amoCRM again'),
    })
  })
})

describe('changing the settings while tokens are renewed', () => {
  it('never puts back the pair that was read before', async () => {
    const tenant = await createConsented()
    await expireAccess(tenant)
    // Switching sync on tests the connection, which renews the access between reading the row and writing it.
    const { status } = await tenant.call('PATCH', tenant.path, {
      additionalConfig: { initialDays: 30 },
      syncEnabled: true,
    })
    expect(status).toBe(200)
    expect(refreshes(tenant)).toHaveLength(1)
    tenant.context.clock.advance(25 * 3_600_000)
    await expireAccess(tenant)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(tenant.sandbox.consent.tokens.sentAgainAfterSuccess()).toBe(0)
  })
})

describe('secrets', () => {
  it('are in no answer and no log line, whatever goes wrong', async () => {
    const tenant = await createConsented({ demo: true })
    const texts: string[] = []
    const { consent } = tenant.sandbox
    consent.losesAnswer = () => true
    await expireAccess(tenant)
    await sync(tenant)
    consent.losesAnswer = () => false
    await lapseFence(tenant)
    await sync(tenant)
    consent.tokens.revokeAll()
    await sync(tenant)
    for (const path of ['', '/runs', '/quarantine'])
      texts.push((await tenant.call('GET', `${tenant.path}${path}`)).text)
    const seen = [...texts, ...tenant.context.logged].join('\n')
    const secrets = [...consent.tokens.byRefresh.values()].flatMap(({ access, refresh }) => [access, refresh])
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of [...secrets, consent.app.clientSecret]) expect(seen).not.toContain(secret)
    expect(seen).not.toContain('def502')
  })
})
