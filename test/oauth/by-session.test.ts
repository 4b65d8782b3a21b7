// A person with a connect session gives consent.
import { describe, expect, it } from 'vitest'
import { authorize, comeBack, createUndecided, decide, fragmentOf } from '#test/amo.ts'
import { createSession } from '#test/sessions.ts'
import { createTenant } from '#test/tenants.ts'

describe('a connect session', () => {
  it('gives consent for its business, which is named before, and comes back to its own page', async () => {
    const tenant = await createUndecided({ demo: true })
    const session = await createSession(tenant, { crmTypes: ['amo_crm'] })
    const { json: begun } = await session.call('GET', '/v1/oauth/amo_crm/authorize')
    expect(begun.business).toEqual({ id: tenant.businessId, name: 'Салон «Проба»' })
    const back = await comeBack(tenant.context, await decide(tenant, begun.url))
    expect(back.headers.get('location')).toMatch(`https://api.example.com/connect?s=${session.id}#ticket=`)
    const { status, json } = await session.call('POST', '/v1/oauth/amo_crm/confirm', fragmentOf(back))
    expect([status, json.businessId]).toEqual([200, tenant.businessId])
    expect(JSON.stringify(json.report.sample)).not.toMatch(/"phone":"\+\d{5}/)
    expect(JSON.stringify(json.report.sample)).toMatch(/"phone":"\+7\*\*\*\d\d"/)
  })

  it('of another business redeems no ticket, and one for other CRMs begins nothing', async () => {
    const tenant = await createUndecided()
    const stranger = await createSession(await createTenant(tenant.context))
    const back = await comeBack(tenant.context, await decide(tenant, await authorize(tenant)))
    expect((await stranger.call('POST', '/v1/oauth/amo_crm/confirm', fragmentOf(back))).status).toBe(404)
    const other = await createSession(tenant, { crmTypes: ['iiko'] })
    expect((await other.call('GET', '/v1/oauth/amo_crm/authorize')).status).toBe(403)
    expect((await other.call('POST', '/v1/oauth/amo_crm/confirm', fragmentOf(back))).status).toBe(403)
  })
})
