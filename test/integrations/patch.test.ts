// What a PATCH compares, and how it merges.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { query } from '#test/pages.ts'
import { createTestContext } from '#test/context.ts'
import { createSalonTenant, createTenant, sync } from '#test/tenants.ts'

it('refuses an older copy by what a PATCH can change, and not for new statistics', async () => {
  const salon = await createSalonTenant()
  const before = await salon.call('GET', salon.path)
  const etag = before.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[^".]+\.[^".]+"$/)
  expect(before.headers.get('vary')).toBe('accept-language')
  await sync(salon)
  const after = (await salon.call('GET', salon.path)).headers.get('etag') ?? ''
  expect(after.split('.')[0]).toBe(etag.split('.')[0])
  expect(after).not.toBe(etag)
  const patch = async (ifMatch: string) =>
    (await salon.call('PATCH', salon.path, { syncIntervalMinutes: 7 }, { 'if-match': ifMatch })).status
  expect(await patch('"1-0-6.x"')).toBe(412)
  expect(await patch(`"other.tag", W/${etag}`)).toBe(200)
  expect(await patch(etag)).toBe(412)
  expect(await patch('*')).toBe(200)
  // Of these nobody could tell a version that has changed.
  const tag = etag.replaceAll('"', '')
  expect([await patch(tag), await patch(tag.split('.')[0] ?? ''), await patch(`"${tag}`)]).toEqual([400, 400, 400])
})

it.each(['application/json', 'application/merge-patch+json'])('refuses null as a change, sent as %s', async (type) => {
  const salon = await createSalonTenant()
  const { status, json } = await salon.call('PATCH', salon.path, null, { 'content-type': type })
  expect([status, json.errors]).toEqual([400, [{ path: 'body', code: 'wrong_type', message: 'expected an object' }]])
})

it('merges settings by RFC 7396 where the body says so, and replaces them otherwise', async () => {
  const salon = await createSalonTenant({ settings: { timezone: 'Asia/Omsk' } })
  const { companyId } = salon.sandbox.credentials
  const merge = { 'content-type': 'application/merge-patch+json' }
  const patch = async (additionalConfig: unknown, headers = merge) =>
    (await salon.call('PATCH', salon.path, { additionalConfig }, headers)).json
  expect((await patch({ initialDays: 7, currency: 'KZT' })).additionalConfig).toEqual({
    ...{ companyId, timezone: 'Asia/Omsk', initialDays: 7, currency: 'KZT' },
  })
  expect((await patch({ currency: null, nothing: null })).additionalConfig).toEqual({
    ...{ companyId, timezone: 'Asia/Omsk', initialDays: 7 },
  })
  expect((await patch({ surprise: 1 })).errors[0].path).toBe('additionalConfig.surprise')
  expect((await patch({ companyId: null })).errors[0].path).toBe('additionalConfig.companyId')
  expect((await patch({ companyId }, { 'content-type': 'application/json' })).additionalConfig).toEqual({ companyId })
})

it('takes no settings and an empty object for the same', async () => {
  const { call } = await createTenant(createTestContext())
  const created = await call('POST', '/v1/integrations', { crmType: 'csv' })
  const path = `/v1/integrations/${created.json.id}`
  const merge = { 'content-type': 'application/merge-patch+json' }
  const settingsOf = ({ headers }: { readonly headers: Headers }) => headers.get('etag')?.split('.')[0]
  for (const additionalConfig of [{}, { delimiter: null }])
    expect(settingsOf(await call('PATCH', path, { additionalConfig }, merge))).toBe(settingsOf(created))
})

it('bounds what a merge makes as it bounds what is sent', async () => {
  const salon = await createSalonTenant()
  const merge = { 'content-type': 'application/merge-patch+json' }
  const many = Object.fromEntries(Array.from({ length: 800 }, (_, n) => [`name-${n}`, 'x']))
  const other = Object.fromEntries(Array.from({ length: 800 }, (_, n) => [`more-${n}`, 'x']))
  await query(
    salon,
    sql`update crm_integrations set additional_config = ${JSON.stringify(many)}::jsonb where id = ${salon.integrationId}::uuid`,
  )
  const { status, json } = await salon.call('PATCH', salon.path, { additionalConfig: other }, merge)
  expect([status, json.errors]).toMatchObject([400, [{ path: 'additionalConfig' }]])
})

it('takes how often it is polled for no new settings: sync stays on, and neither cursor nor test are lost', async () => {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await sync(salon)
  const merge = { 'content-type': 'application/merge-patch+json' }
  const state = async () =>
    query(
      salon,
      sql`select sync_enabled, connection_status, settings_epoch, cursor from crm_integrations where id = ${salon.integrationId}::uuid`,
    )
  const before = await state()
  const etag = (await salon.call('GET', salon.path)).headers.get('etag') ?? ''
  const patch = async (adaptive: unknown, ifMatch = '*') =>
    salon.call('PATCH', salon.path, { additionalConfig: { adaptive } }, { ...merge, 'if-match': ifMatch })
  expect((await patch(true)).json).toMatchObject({ additionalConfig: { adaptive: true }, syncEnabled: true })
  expect(before).toMatchObject([{ sync_enabled: true, connection_status: 'ok', cursor: expect.anything() }])
  expect(await state()).toEqual(before)
  expect((await patch(false, etag)).status).toBe(412)
  expect((await patch('often')).json.errors[0].path).toBe('additionalConfig.adaptive')
})
