// Two registrations of one vendor, side by side: which one a consent is asked for, exchanged and renewed with.
import { describe, expect, it } from 'vitest'
import {
  comeBack,
  confirm,
  createUndecided,
  decide,
  expireAccess,
  fragmentOf,
  PRODUCT,
  type Undecided,
} from '#test/amo.ts'
import { SANDBOX_URL } from '#test/context.ts'
import type { Answer } from '#test/tenants.ts'

/** Kommo is the sandbox; amoCRM is a registration elsewhere. */
const BOTH = {
  ...{ AMO_CRM_CLIENT_ID: 'of amoCRM', AMO_CRM_CLIENT_SECRET: 'a secret of amoCRM' },
  ...{ KOMMO_CLIENT_ID: '11111111-2222-3333-4444-555555555555', KOMMO_CLIENT_SECRET: 'sandbox-client-secret' },
  KOMMO_REDIRECT_URI: 'https://api.example.com/v1/oauth/amo_crm/callback',
  KOMMO_CONSENT_URL: `${SANDBOX_URL}/oauth`,
}

describe('amoCRM and Kommo side by side', () => {
  const begin = async ({ call }: Undecided, query = '') => call('GET', `/v1/oauth/amo_crm/authorize${query}`)
  const appOf = ({ json }: Answer) => new URL(json.url).searchParams.get('client_id')

  it('are asked by the brand, and a consent is exchanged and renewed with the registration that it was given to', async () => {
    const tenant = await createUndecided({ variables: BOTH })
    expect(appOf(await begin(tenant))).toBe('of amoCRM')
    const kommo = await begin(tenant, `?brand=kommo&returnUrl=${PRODUCT}/settings`)
    expect(appOf(kommo)).toBe(BOTH.KOMMO_CLIENT_ID)
    const back = await comeBack(tenant.context, await decide(tenant, kommo.json.url))
    const { status, json } = await confirm(tenant, fragmentOf(back)['ticket'])
    expect([status, json.additionalConfig, json.report.ok]).toEqual([200, { brand: 'kommo' }, true])
    const connected = { ...tenant, integrationId: json.id, path: `/v1/integrations/${json.id}` }
    await expireAccess(connected)
    expect((await tenant.call('POST', `${connected.path}/test`)).json.ok).toBe(true)
    expect(tenant.sandbox.consent.tokens.calls).toHaveLength(2)
    expect(appOf(await begin(tenant))).toBe(BOTH.KOMMO_CLIENT_ID)
    expect((await begin(tenant, '?brand=bitrix')).status).toBe(400)
  })

  it('take no code that was given to the other', async () => {
    const tenant = await createUndecided({ variables: BOTH })
    const query = await decide(tenant, (await begin(tenant, `?returnUrl=${PRODUCT}/settings`)).json.url)
    expect(fragmentOf(await comeBack(tenant.context, query))).toEqual({ error: 'forged' })
    expect(tenant.sandbox.consent.tokens.calls).toEqual([])
  })

  it('need not be both: the one that there is serves, and the other says that it is missing', async () => {
    const one = { ...BOTH, AMO_CRM_CLIENT_ID: '', AMO_CRM_CLIENT_SECRET: '', AMO_CRM_REDIRECT_URI: '' }
    const tenant = await createUndecided({ variables: one })
    expect(appOf(await begin(tenant))).toBe(BOTH.KOMMO_CLIENT_ID)
    expect((await begin(tenant, '?brand=amocrm')).json.code).toBe('misconfigured')
    const { json } = await tenant.call('GET', '/v1/crm-types')
    const amo = json.items.find((type: { crmType: string }) => type.crmType === 'amo_crm')
    expect(amo.ways).toContainEqual({ name: 'consent', isAvailable: true })
  })
})
