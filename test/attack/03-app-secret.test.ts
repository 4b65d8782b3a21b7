// The secret of the service's own app opens every account that trusts the service: no address that a tenant chose gets
// it.
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { appFor } from '#connections/app.ts'
import { openSession } from '#connections/session.ts'
import { connectorOf } from '#crm/registry.ts'
import { findForSession } from '#integrations/queries.ts'
import { createIikoSandbox } from '#sandbox/iiko.ts'
import { createAmoTenant, createConsented, createUndecided, expireAccess } from '#test/amo.ts'
import { createTestContext, SANDBOX_URL, type TestContext } from '#test/context.ts'
import { type Connected, connect } from '#test/tenants.ts'

const PAIR = '{"oauth":{"access":"eyJ.mine.x","refresh":"def502mine"}}'

/** What the connection test of an integration sends, also to hosts that there are not. */
async function sentByTest({ context, integrationId }: Connected): Promise<string[]> {
  const sent: string[] = []
  const fetch: TestContext['fetch'] = async (input, init) => {
    const request = new Request(input, init)
    sent.push(`${request.url} ${await request.text()}`)
    throw new TypeError('no route')
  }
  const row = await findForSession(context.db, integrationId, null)
  if (!row) throw new Error('no integration')
  await connectorOf(row.crmType).check(await openSession({ ...context, fetch }, row))
  return sent
}

describe('the address of an account', () => {
  it.each([
    'https://www.amocrm.ru',
    'https://a.b.amocrm.ru',
    'https://coffee.amocrm.ru/elsewhere',
    'https://coffee.amocrm.ru.attacker.com',
    'https://amocrm.ru',
    'https://-.amocrm.com.',
    'https://attacker.com',
  ])('has one label and no path: %s is refused', async (apiUrl) => {
    const { call } = await createUndecided()
    const input = { crmType: 'amo_crm', apiUrl, credentials: { apiKey: 'k' } }
    const { status, json } = await call('POST', '/v1/integrations', input)
    expect([status, json.errors?.[0].path]).toEqual([400, 'apiUrl'])
    const tenant = await createAmoTenant()
    const changed = await tenant.call('PATCH', tenant.path, { apiUrl, credentials: { apiKey: 'k' } })
    expect([changed.status, changed.json.errors?.[0].path]).toEqual([400, 'apiUrl'])
  })

  it.each(['https://coffee.amocrm.ru', 'https://Coffee-2.amocrm.com/', 'https://coffee.kommo.com'])(
    '%s is one',
    async (apiUrl) => {
      const { call } = await createUndecided()
      const input = { crmType: 'amo_crm', apiUrl, credentials: { apiKey: 'k' } }
      expect((await call('POST', '/v1/integrations', input)).status).toBe(201)
    },
  )
})

describe('a key that is typed', () => {
  it.each([PAIR, ` ${PAIR}`, '{"oauth":', '{}'])('may not look like the tokens of a consent: %s', async (apiKey) => {
    const { call } = await createUndecided()
    const input = { crmType: 'amo_crm', apiUrl: SANDBOX_URL, credentials: { apiKey } }
    const created = await call('POST', '/v1/integrations', input)
    expect([created.status, created.json.errors?.[0].path]).toEqual([400, 'credentials.apiKey'])
    const tenant = await createConsented()
    const changed = await tenant.call('PATCH', tenant.path, { credentials: { apiKey }, syncEnabled: true })
    expect([changed.status, changed.json.errors?.[0].path]).toEqual([400, 'credentials.apiKey'])
    expect(tenant.sandbox.consent.tokens.calls).toHaveLength(1)
  })
})

describe('the secret', () => {
  it('is sent by a refresh to no other host than the account’s, whatever stands in the row', async () => {
    for (const apiUrl of ['https://www.amocrm.ru', 'https://x.y.amocrm.ru', 'https://attacker.com']) {
      const tenant = await createConsented()
      await tenant.context.db.execute(sql`
        update crm_integrations set api_url = ${apiUrl} where id = ${tenant.integrationId}::uuid`)
      await expireAccess(tenant)
      expect(await sentByTest(tenant)).toEqual([])
    }
  })

  it('goes to the vendor’s API hosts alone, of those that a tenant may name', async () => {
    const { appId, clientSecret } = createIikoSandbox().cloud.keys
    const context = createTestContext(null, { IIKO_APP_ID: appId, IIKO_APP_SECRET: clientSecret })
    const gets = (apiUrl: string) => appFor(context, connectorOf('iiko'), apiUrl) !== null
    expect(['https://api-ru.iiko.services', 'https://api-eu.syrve.live', SANDBOX_URL].map(gets)).toEqual([
      ...[true, true, true],
    ])
    for (const url of ['https://docs.iiko.services', 'https://api-ru.x.iiko.services', 'https://attacker.com', '']) {
      expect(gets(url)).toBe(false)
    }
    const tenant = await connect(context, {
      ...{ crmType: 'iiko', apiUrl: 'https://left.iiko.services', credentials: { apiKey: 'k' } },
    })
    const sent = await sentByTest(tenant)
    expect(sent.join()).toContain('left.iiko.services')
    expect(sent.join()).not.toContain(clientSecret)
  })
})
