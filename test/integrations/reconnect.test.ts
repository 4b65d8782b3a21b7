// New credentials for a connection: what goes on by them, what stays off, and whose they may be.
import { describe, expect, it } from 'vitest'
import { type AmoTenant, consent, createAmoTenant, createConsented } from '#test/amo.ts'
import { openIssues } from '#test/issues.ts'
import { createRenovatioSandbox } from '#sandbox/renovatio.ts'
import { SANDBOX_URL } from '#test/context.ts'
import { createSession } from '#test/sessions.ts'
import { type Connected, createSalonTenant, createVendorTenant, type Salon, sync } from '#test/tenants.ts'

async function integrationOf({ call, path }: Connected) {
  return (await call('GET', path)).json
}

/** The vendor has refused the stored key while sync was on. */
async function stoppedSalon(): Promise<Salon> {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  Object.assign(salon.sandbox.credentials, { apiSecret: 'given anew' })
  await sync(salon)
  expect(await integrationOf(salon)).toMatchObject({ stoppedBy: 'vendor', syncEnabled: false })
  return salon
}

const ANEW = { credentials: { apiSecret: 'given anew' } }

describe('what the vendor had stopped', () => {
  it('goes on with new credentials that pass, and its issue is over', async () => {
    const salon = await stoppedSalon()
    const { status, json } = await salon.call('PATCH', salon.path, ANEW)
    expect(status).toBe(200)
    expect(json).toMatchObject({ syncEnabled: true, stoppedBy: null, connection: { status: 'ok' } })
    expect(json.nextSyncAt).not.toBeNull()
    expect(await openIssues(salon)).toEqual([])
    expect(await sync(salon)).toMatchObject({ status: 'succeeded' })
  })

  it('stays stopped by new credentials that fail, and goes on with the test that passes', async () => {
    const salon = await stoppedSalon()
    const { status, json } = await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'mistyped' } })
    expect([status, json.syncEnabled, json.stoppedBy, json.connection.status]).toEqual([
      200,
      false,
      'vendor',
      'untested',
    ])
    Object.assign(salon.sandbox.credentials, { apiSecret: 'mistyped' })
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(true)
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: true, stoppedBy: null })
  })

  it('stays off when a person switches it off meanwhile', async () => {
    const salon = await stoppedSalon()
    expect((await salon.call('PATCH', salon.path, { ...ANEW, syncEnabled: false })).json.stoppedBy).toBe('person')
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(true)
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: false, stoppedBy: 'person' })
  })

  it('goes on by a consent', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.consent.tokens.revokeAll()
    await sync(tenant)
    expect(await integrationOf(tenant)).toMatchObject({ stoppedBy: 'vendor', connection: { status: 'failed' } })
    expect((await consent(tenant)).json).toMatchObject({ id: tenant.integrationId, syncEnabled: true, stoppedBy: null })
  })

  it('is also a sync that was on when a consent failed its test: the next one that passes resumes it', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.denied.add('leads')
    const failed = await consent(tenant)
    expect(failed.json).toMatchObject({ syncEnabled: false, stoppedBy: 'vendor', connection: { status: 'failed' } })
    tenant.sandbox.denied.clear()
    expect((await consent(tenant)).json).toMatchObject({ syncEnabled: true, stoppedBy: null })
  })
})

it('what a person had stopped stays off, whatever passes', async () => {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.call('PATCH', salon.path, { syncEnabled: false })
  Object.assign(salon.sandbox.credentials, { apiSecret: 'given anew' })
  expect((await salon.call('PATCH', salon.path, ANEW)).json).toMatchObject({ syncEnabled: false, stoppedBy: 'person' })
  expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(true)
  expect(await integrationOf(salon)).toMatchObject({ syncEnabled: false, stoppedBy: 'person' })
})

const OTHER_BRANCH = { additionalConfig: { companyIds: ['540113'], initialDays: 35 } }
const SAME_TOKEN = { credentials: { apiSecret: 'sandbox-user-token' } }

describe('another account', () => {
  async function connected(): Promise<AmoTenant> {
    const tenant = await createAmoTenant()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    return tenant
  }

  /** The same server shows another account from now on, to those who have its token. */
  function moveTo({ sandbox }: AmoTenant, accountId: number) {
    Object.assign(sandbox, { accountId, longLivedToken: 'of another account' })
  }
  const other = { credentials: { apiKey: 'of another account' } }

  it('is refused when sync is switched on with it, and nothing is changed', async () => {
    const tenant = await connected()
    const before = await integrationOf(tenant)
    moveTo(tenant, 5)
    const { status, json } = await tenant.call('PATCH', tenant.path, { ...other, syncEnabled: true })
    expect([status, json.code]).toEqual([409, 'other_account'])
    expect(json.report).toMatchObject({ ok: false, account: { externalId: '5' } })
    expect(json.detail).toContain('Кофейня')
    expect(await integrationOf(tenant)).toEqual(before)
  })

  it('is refused as well with other settings beside its credentials, or before them', async () => {
    const tenant = await connected()
    const additionalConfig = { initialDays: 20 }
    moveTo(tenant, 5)
    const both = await tenant.call('PATCH', tenant.path, { ...other, additionalConfig, syncEnabled: true })
    expect([both.status, both.json.code]).toEqual([409, 'other_account'])
    expect((await tenant.call('PATCH', tenant.path, { additionalConfig })).status).toBe(200)
    const then = await tenant.call('PATCH', tenant.path, { ...other, syncEnabled: true })
    expect([then.status, then.json.code]).toEqual([409, 'other_account'])
  })

  it('fails the test when its credentials were stored untested, and is never switched on', async () => {
    const tenant = await connected()
    moveTo(tenant, 5)
    expect((await tenant.call('PATCH', tenant.path, other)).json.connection).toEqual({
      ...{ status: 'untested', checkedAt: null, account: null },
    })
    const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': 'ru' })
    expect(json.ok).toBe(false)
    expect(json.capabilities.at(-1)).toMatchObject({ name: 'same_account', title: 'Подключённый аккаунт', ok: false })
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).json.code).toBe('other_account')
    moveTo(tenant, 31_000_001)
    expect((await tenant.call('PATCH', tenant.path, { syncEnabled: true })).json.syncEnabled).toBe(true)
  })

  it('is refused by a consent before its tokens are stored, and what was connected works on', async () => {
    const tenant = await createConsented()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    tenant.sandbox.accountId += 1
    const { status, json } = await consent(tenant)
    expect([status, json.code]).toEqual([409, 'other_account'])
    tenant.sandbox.accountId -= 1
    expect(await integrationOf(tenant)).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })

  it('may be chosen by the settings of an access token: another branch', async () => {
    const salon = await createSalonTenant({ branches: 2, settings: { companyIds: ['540112'] } })
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const additionalConfig = { companyIds: ['540113'], initialDays: 35 }
    const { status, json } = await salon.call('PATCH', salon.path, { additionalConfig, syncEnabled: true })
    expect([status, json.connection?.account?.externalId]).toEqual([200, '540113'])
  })

  it.each([
    ['with', [{ ...OTHER_BRANCH, ...SAME_TOKEN, syncEnabled: true }]],
    ['before', [OTHER_BRANCH, { ...SAME_TOKEN, syncEnabled: true }]],
    ['after', [SAME_TOKEN, { ...OTHER_BRANCH, syncEnabled: true }]],
  ] as const)('comes in by no other branch that is entered %s credentials', async (_, patches) => {
    const salon = await createSalonTenant({ branches: 2, settings: { companyIds: ['540112'] } })
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const answers = []
    for (const patch of patches) answers.push(await salon.call('PATCH', salon.path, patch))
    expect(answers.at(-1)?.json).toMatchObject({ status: 409, code: 'other_account' })
    const both = { additionalConfig: { companyIds: ['540112', '540113'], initialDays: 35 }, ...SAME_TOKEN }
    expect((await salon.call('PATCH', salon.path, { ...both, syncEnabled: true })).status).toBe(200)
  })

  it('has the same numbers in another installation, and is the stored one where its clinics have its names', async () => {
    const elsewhere = 'http://127.0.0.1:8'
    const variables = { EGRESS_ALLOW_ORIGINS: `${SANDBOX_URL},${elsewhere}` }
    const clinic = await createVendorTenant((now) => createRenovatioSandbox({ now }), { settings: {}, variables })
    await clinic.call('PATCH', clinic.path, { syncEnabled: true })
    const move = { apiUrl: elsewhere, credentials: clinic.sandbox.connection.credentials, syncEnabled: true }
    for (const id of [1, 2]) clinic.sandbox.clinics[id] = `Another ${id}`
    expect((await clinic.call('PATCH', clinic.path, move)).json).toMatchObject({ status: 409, code: 'other_account' })
    // At the same address a clinic may be renamed.
    expect((await clinic.call('POST', `${clinic.path}/test`)).json.ok).toBe(true)
    expect((await clinic.call('PATCH', clinic.path, move)).json).toMatchObject({ apiUrl: elsewhere, syncEnabled: true })
  })
})

describe('the link of a reconnect', () => {
  it('takes new credentials of the stored account alone, and only when they pass', async () => {
    const salon = await stoppedSalon()
    const { call } = await createSession(salon, { integrationId: salon.integrationId, ttlMinutes: 10_080 })
    const wrong = await call('PATCH', salon.path, { credentials: { apiSecret: 'mistyped' } })
    expect([wrong.status, wrong.json.code]).toEqual([422, 'connection_test_failed'])
    for (const [name, value] of Object.entries({
      ...{ apiUrl: 'http://127.0.0.1:9/elsewhere', additionalConfig: { companyId: '1' } },
      ...{ syncIntervalMinutes: 60, syncEnabled: false },
    })) {
      const { status, json } = await call('PATCH', salon.path, { ...ANEW, [name]: value })
      expect([status, json.errors?.[0]]).toMatchObject([400, { path: name, code: 'not_allowed' }])
    }
    expect(await integrationOf(salon)).toMatchObject({ syncEnabled: false, stoppedBy: 'vendor' })
    expect((await call('PATCH', salon.path, ANEW)).json).toMatchObject({ syncEnabled: true, stoppedBy: null })
  })

  it('tests and switches on, shows the runs, and starts none', async () => {
    const salon = await createSalonTenant()
    const { call } = await createSession(salon, { integrationId: salon.integrationId })
    expect((await call('POST', `${salon.path}/test`)).json.ok).toBe(true)
    expect((await call('PATCH', salon.path, { syncEnabled: true })).status).toBe(200)
    expect((await call('GET', `${salon.path}/runs`)).status).toBe(200)
    const period = { from: '2026-03-01', to: '2026-03-01' }
    for (const [path, body] of Object.entries({
      ...{ '/v1/integrations': { crmType: 'csv' }, [`${salon.path}/sync`]: undefined },
      ...{ [`${salon.path}/checks`]: period, [`${salon.path}/repairs`]: period },
      ...{ [`${salon.path}/quarantine/retry`]: {}, '/v1/marketplace/installs/claim': { ticket: 'x' } },
    })) {
      expect((await call('POST', path, body)).json.code, path).toBe('insufficient_scope')
    }
  })

  it('keeps on what is on, and does not switch on what a person stopped', async () => {
    const salon = await createSalonTenant()
    await salon.call('PATCH', salon.path, { syncEnabled: true })
    const { call } = await createSession(salon, { integrationId: salon.integrationId })
    Object.assign(salon.sandbox.credentials, { apiSecret: 'given anew' })
    expect((await call('PATCH', salon.path, ANEW)).json.syncEnabled).toBe(true)
    await salon.call('PATCH', salon.path, { syncEnabled: false })
    const { status, json } = await call('PATCH', salon.path, { syncEnabled: true })
    expect([status, json.errors[0].path]).toEqual([400, 'syncEnabled'])
    Object.assign(salon.sandbox.credentials, { apiSecret: 'once more' })
    const anew = await call('PATCH', salon.path, { credentials: { apiSecret: 'once more' } })
    expect(anew.json).toMatchObject({ syncEnabled: false, stoppedBy: 'person', connection: { status: 'ok' } })
  })

  it('refuses another account', async () => {
    const tenant = await createAmoTenant()
    await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    const { call } = await createSession(tenant, { integrationId: tenant.integrationId })
    Object.assign(tenant.sandbox, { accountId: 5, longLivedToken: 'of another account' })
    const refused = await call('PATCH', tenant.path, { credentials: { apiKey: 'of another account' } })
    expect([refused.status, refused.json.code]).toEqual([409, 'other_account'])
    expect(await integrationOf(tenant)).toMatchObject({ syncEnabled: true, connection: { status: 'ok' } })
  })
})
