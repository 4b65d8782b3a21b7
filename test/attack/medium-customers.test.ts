// Who may manage an integration but not read sales sees no customer; who may only look sees no webhook address.
import { describe, expect, it } from 'vitest'
import { createFileTenant, importFile, splitCsv } from '#test/files.ts'
import { createSalonTenant, caller, type Connected, sync } from '#test/tenants.ts'
import { createShopTenant } from '#test/shop.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const as = async (tenant: Connected, scope: string) =>
  caller(tenant.context, scope === 'admin' ? await adminToken() : await tenantToken(tenant.businessId, scope))

const FILE = [
  'Номер;Дата;Сумма;Клиент;Телефон',
  '1;01.03.2024;500;Анна Петрова;+79990001122',
  '2;31.02.2024;500;Мария Иванова;+79990003344',
].join('\r\n')
const PERSON = /Анна|Мария|Петрова|Иванова|9990001122|9990003344/

describe('customers', () => {
  it('are in the sample of a connection test with transactions:read only', async () => {
    const salon = await createSalonTenant({ demo: true })
    const writer = await as(salon, 'integrations:read integrations:write')
    const { json, text } = await writer('POST', `${salon.path}/test`)
    expect([json.ok, json.sample]).toEqual([true, []])
    expect(text).not.toContain('+7')
    for (const scope of ['integrations:write transactions:read', 'admin']) {
      const call = await as(salon, scope)
      expect((await call('POST', `${salon.path}/test`)).json.sample.length).toBeGreaterThan(0)
    }
  })

  it('are not in the report of a test that a change has failed', async () => {
    const tenant = await createSalonTenant({ demo: true })
    tenant.sandbox.denied.add('finances')
    const reportFor = async (scope: string) => {
      const call = await as(tenant, scope)
      const { status, json } = await call('PATCH', tenant.path, { syncEnabled: true })
      expect(status).toBe(422)
      return json.report
    }
    expect((await reportFor('integrations:write transactions:read')).sample.length).toBeGreaterThan(0)
    expect((await reportFor('integrations:write')).sample).toEqual([])
  })

  it('are left out of the rejected rows, whose line, column and reason stay', async () => {
    const tenant = await createFileTenant()
    const { id } = await importFile(tenant, FILE)
    const path = `${tenant.path}/imports/${id}/errors.csv`
    const reader = await as(tenant, 'integrations:read')
    const { status, text } = await reader('GET', path)
    expect(status).toBe(200)
    expect(text).not.toMatch(PERSON)
    expect(splitCsv(text)[1]).toEqual(['3', 'Дата', expect.stringMatching(/^The date or time cannot be read/), ''])
    const both = await as(tenant, 'integrations:read transactions:read')
    expect((await both('GET', path)).text).toMatch(PERSON)
  })

  it('are left out of the preview of an import', async () => {
    const tenant = await createFileTenant()
    const path = `${tenant.path}/imports?dryRun=true`
    const csv = { 'content-type': 'text/csv' }
    const writer = await as(tenant, 'integrations:write')
    const { status, text, json } = await writer('POST', path, FILE, csv)
    expect(status).toBe(200)
    expect(text).not.toMatch(PERSON)
    expect(json).toMatchObject({ rows: [], totals: { sales: 1, rejected: 1 }, rejected: [{ line: 3, raw: '' }] })
    expect((await tenant.call('POST', path, FILE, csv)).text).toMatch(PERSON)
  })

  it('are left out of records in quarantine, whose reason stays', async () => {
    const salon = await createSalonTenant()
    const { salon: books } = salon.sandbox
    for (const isBroken of [false, true, false]) {
      const visit = books.addVisit({ at: new Date(Date.now() - 3_600_000), attendance: 1 })
      books.pay(visit.id)
      if (isBroken) salon.sandbox.broken.add(visit.id)
    }
    await sync(salon)
    const reader = await as(salon, 'integrations:read')
    const { json } = await reader('GET', `${salon.path}/quarantine`)
    expect(json.items).toMatchObject([{ reason: expect.stringMatching(/./), raw: null }])
    const both = await as(salon, 'integrations:read transactions:read')
    expect((await both('GET', `${salon.path}/quarantine`)).json.items[0].raw).not.toBeNull()
  })
})

describe('the address of webhooks, and its secret', () => {
  it('are shown with integrations:write only', async () => {
    for (const tenant of [await createShopTenant({ receipts: 1 }), await createSalonTenant()]) {
      const full = (await tenant.call('GET', tenant.path)).json
      expect(full.webhookUrl).toMatch(/\/webhooks\/[^/]+\/[\w-]+$/)
      const token = full.webhookUrl.split('/').at(-1)
      const reader = await as(tenant, 'integrations:read transactions:read')
      for (const path of [tenant.path, '/v1/integrations']) {
        const { text } = await reader('GET', path)
        expect(text).toContain(tenant.integrationId)
        expect(text).not.toContain(token)
      }
      const { json } = await reader('GET', tenant.path)
      expect(json).toMatchObject({ webhookUrl: null, webhookSetup: { steps: null } })
      const { etag = '' } = Object.fromEntries((await reader('GET', tenant.path)).headers)
      expect((await reader('GET', tenant.path, undefined, { 'if-none-match': etag })).status).toBe(304)
    }
  })

  it('are shown to an admin', async () => {
    const shop = await createShopTenant({ receipts: 1 })
    const admin = await as(shop, 'admin')
    const { json } = await admin('GET', shop.path)
    expect(json.webhookUrl).toMatch(/\/webhooks\//)
    expect(json.webhookSetup.steps.en).toContain(json.webhookUrl)
  })
})
