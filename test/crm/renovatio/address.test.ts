// Where an installation is, and what it answers there.
import { describe, expect, it } from 'vitest'
import { renovatio } from '#crm/renovatio/index.ts'
import { Settings } from '#crm/renovatio/settings.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { type ClinicTenant, stored, workingClinic } from '#test/renovatio.ts'
import { sync } from '#test/tenants.ts'

const BRIEF = { initialDays: 10 }

async function testAt(tenant: ClinicTenant, apiUrl: string) {
  await tenant.call('PATCH', tenant.path, { apiUrl })
  const { json } = await tenant.call('POST', `${tenant.path}/test`)
  return { ok: json.ok, credentials: json.capabilities.find(({ name }: { name: string }) => name === 'credentials') }
}

describe('the address', () => {
  it('is the vendor’s cloud unless another is given', () => {
    expect(renovatio.defaultApiUrl(Settings.parse({}))).toBe('https://app.rnova.org/api/public')
  })

  it('may be a clinic’s own server, with the path it has there', async () => {
    const tenant = await workingClinic(BRIEF)
    expect(await testAt(tenant, `${SANDBOX_URL}/api/public/`)).toMatchObject({ ok: true })
    await sync(tenant)
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })

  it('may not name port 3010, as such servers do, nor be a bare IP address or plain http', async () => {
    const tenant = await workingClinic(BRIEF)
    for (const apiUrl of [
      'https://mis.clinic.ru:3010/api/public',
      'https://203.0.113.7/api/public',
      'http://mis.clinic.ru/api/public',
    ]) {
      const { status, json } = await tenant.call('PATCH', tenant.path, { apiUrl })
      expect([status, json.errors]).toEqual([
        400,
        [{ path: 'apiUrl', code: 'not_allowed', message: expect.any(String) }],
      ])
    }
  })

  it('that leads to something else is told as such', async () => {
    const tenant = await workingClinic(BRIEF)
    const { ok, credentials } = await testAt(tenant, `${SANDBOX_URL}/somewhere`)
    expect([ok, credentials.detail]).toEqual([false, expect.stringMatching(/ends with \/api\/public/)])
  })

  it('whose server has a self-signed certificate fails with a hint at it', async () => {
    const tenant = await workingClinic(BRIEF)
    Object.assign(tenant.sandbox.faults.plan, { rate: 1, kinds: ['reset'] })
    const { ok, credentials } = await testAt(tenant, SANDBOX_URL)
    expect([ok, credentials.detail]).toEqual([false, expect.stringMatching(/self-signed/)])
  })
})

describe('a failure in the envelope', () => {
  it('of code 500 is our own mistake: tried three times more and told, no outage and no shorter period', async () => {
    const tenant = await workingClinic(BRIEF)
    tenant.sandbox.refusals.set('getInvoices', { code: 500, desc: 'Не указан обязательный параметр' })
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', attempt: 3, error: { code: 'rejected.request_refused' } })
    expect(run.error.message).toMatch(/getInvoices.*code 500/)
  })

  it('is read whatever the status is, and its words are shown to nobody', async () => {
    const tenant = await workingClinic(BRIEF)
    const { app } = tenant.sandbox
    const served = app.fetch.bind(app)
    Object.assign(app, {
      fetch: async (request: Request) => {
        const { status, body, headers } = await served(request)
        const text = await new Response(body).text()
        return new Response(text, { status: text.startsWith('{"error":1') ? 422 : status, headers })
      },
    })
    tenant.sandbox.refusals.set('getAppointments', { code: 403, desc: 'Тайное слово' })
    const { text, json } = await tenant.call('POST', `${tenant.path}/test`)
    expect([json.ok, text.includes('Тайное'), tenant.context.logged.join().includes('Тайное')]).toEqual([
      true,
      false,
      false,
    ])
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await stored(tenant)).toEqual(tenant.sandbox.ledger())
  })
})
