// What an integration tells a person: the last error in their language, how fresh its sales are, its account.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { integrationOf, query } from '#test/pages.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'

const of = ({ integrationId }: Salon) => sql`where id = ${integrationId}::uuid`

it('tells the last error in the language of the reader, and its code', async () => {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'wrong' } })
  const run = await sync(salon)
  const shown = async (language: string) =>
    (await salon.call('GET', salon.path, undefined, { 'accept-language': language })).json
  const [ru, en] = [await shown('ru'), await shown('en')]
  expect(ru.lastErrorCode).toBe(run.error.code)
  expect(en.lastError).toBe(run.error.message)
  expect([ru.lastError, en.lastError]).toMatchObject(
    [/[а-я]{4}/, /[a-z]{4}/].map((text) => expect.stringMatching(text)),
  )
  expect(ru.lastError).not.toContain(run.error.code)
  await salon.call('PATCH', salon.path, { credentials: { apiSecret: salon.sandbox.credentials.apiSecret } })
  await sync(salon)
  expect(await integrationOf(salon)).toMatchObject({ lastError: null, lastErrorCode: null })
})

it('is as fresh as the start of its last complete pull', async () => {
  const salon = await createSalonTenant()
  const fresh = async () => (await integrationOf(salon)).freshness
  expect(await fresh()).toEqual({ asOf: null, targetMinutes: 10, isLate: false })
  await salon.call('PATCH', salon.path, { syncEnabled: true, syncIntervalMinutes: 1 })
  const first = await sync(salon)
  expect(await fresh()).toEqual({ asOf: first.startedAt, targetMinutes: 3, isLate: false })
  await salon.call('POST', `${salon.path}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })
  await salon.context.drain()
  expect((await fresh()).asOf).toBe(first.startedAt)
  await query(salon, sql`update crm_integrations set as_of = now() - interval '4 minutes' ${of(salon)}`)
  expect((await fresh()).isLate).toBe(true)
  await salon.call('PATCH', salon.path, { syncEnabled: false })
  expect((await fresh()).isLate).toBe(false)
  await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'wrong' } })
  await sync(salon)
  expect((await fresh()).asOf).toBeNull()
})

it('names the account and its branches that passed the last test', async () => {
  const salon = await createSalonTenant()
  expect(await integrationOf(salon)).toMatchObject({ connection: { account: null }, locations: [] })
  const { json: report } = await salon.call('POST', `${salon.path}/test`)
  const shown = await integrationOf(salon)
  expect(shown.connection.account).toEqual({ externalId: report.account.externalId, name: report.account.name })
  expect(shown.locations).toEqual([
    { externalId: report.account.externalId, name: report.account.name, timezone: report.account.timezone },
  ])
  expect(report.locations).toEqual(shown.locations)
  await salon.call('PATCH', salon.path, { syncEnabled: true, credentials: { apiSecret: 'wrong' } })
  expect((await integrationOf(salon)).locations).toEqual(shown.locations)
  await salon.call('PATCH', salon.path, { credentials: { apiSecret: 'wrong' } })
  expect(await integrationOf(salon)).toMatchObject({ connection: { account: null }, locations: [], stoppedBy: null })
})
