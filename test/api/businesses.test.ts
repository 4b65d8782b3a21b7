import { describe, expect, it } from 'vitest'
import { caller, createSalonTenant, createTenant } from '#test/tenants.ts'
import { createTestContext } from '#test/context.ts'
import { adminToken } from '#test/tokens.ts'

describe('a business', () => {
  it('is shown to itself and to admins, and to nobody else', async () => {
    const own = await createTenant(createTestContext())
    const other = await createTenant(own.context)
    const path = `/v1/businesses/${own.businessId}`
    const { status, json } = await own.call('GET', path)
    expect(status).toBe(200)
    expect(json).toMatchObject({ id: own.businessId, timezone: 'Europe/Moscow', currency: 'RUB' })
    expect(
      (
        await caller(own.context, await adminToken())(
          'GET',
          path.toUpperCase().replace('/V1/BUSINESSES', '/v1/businesses'),
        )
      ).json,
    ).toEqual(json)
    expect((await other.call('GET', path)).status).toBe(404)
    expect((await other.call('GET', `/v1/businesses/${crypto.randomUUID()}`)).status).toBe(404)
  })

  it('goes with all that belongs to it, by an admin alone', async () => {
    const salon = await createSalonTenant()
    const path = `/v1/businesses/${salon.businessId}`
    const admin = caller(salon.context, await adminToken())
    expect((await salon.call('DELETE', path)).status).toBe(403)
    expect((await admin('DELETE', path)).status).toBe(204)
    for (const gone of [path, salon.path, `${salon.path}/transactions`, `${salon.path}/runs`]) {
      expect((await salon.call('GET', gone)).status).toBe(404)
    }
    expect((await salon.call('GET', '/v1/integrations')).json.items).toEqual([])
    expect((await admin('DELETE', path)).status).toBe(404)
  })

  it('that is missing is named when an integration is created for it', async () => {
    const { call, context, businessId } = await createTenant(createTestContext())
    await caller(context, await adminToken())('DELETE', `/v1/businesses/${businessId}`)
    const body = { crmType: 'csv' }
    const answer = await call('POST', '/v1/integrations', body, { 'accept-language': 'ru' })
    expect([answer.status, answer.json.code]).toEqual([404, 'not_found'])
    expect(answer.json.detail).toContain(`Компании ${businessId} ещё нет`)
    expect((await call('POST', '/v1/integrations', body)).json.detail).toContain(`PUT /v1/businesses/${businessId}`)
  })
})
