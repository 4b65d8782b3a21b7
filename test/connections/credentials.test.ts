// Each credential is sealed for its own column and stays where it was unless a request names it.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const PASSWORD = 'the password of the own server'

async function rowOf(salon: Salon) {
  const row = await findForSession(salon.context.db, salon.integrationId, null)
  if (!row) throw new Error('no integration')
  return row
}

it('keeps a server’s password unreadable, and says only that there are credentials', async () => {
  const salon = await createSalonTenant()
  const { status, text } = await salon.call('PATCH', salon.path, { credentials: { serverPassword: PASSWORD } })
  expect(status).toBe(200)
  const rows = await query(salon, sql`select i::text from crm_integrations i where id = ${salon.integrationId}::uuid`)
  expect((await rowOf(salon)).extraSecret).toBeInstanceOf(Uint8Array)
  expect(text + JSON.stringify(rows) + salon.context.logged.join('')).not.toContain(PASSWORD)
})

it('keeps what a request leaves out, and removes what it sets to null', async () => {
  const salon = await createSalonTenant()
  const before = await rowOf(salon)
  await salon.call('PATCH', salon.path, { credentials: { serverPassword: PASSWORD } })
  expect(await rowOf(salon)).toMatchObject({ apiKey: before.apiKey, apiSecret: before.apiSecret })
  await salon.call('PATCH', salon.path, { credentials: { serverPassword: null } })
  expect(await rowOf(salon)).toMatchObject({ apiKey: before.apiKey, extraSecret: null })
})

it('takes another server password for a new connection: it is to be tested again', async () => {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  const { json } = await salon.call('PATCH', salon.path, { credentials: { serverPassword: PASSWORD } })
  expect(json).toMatchObject({ syncEnabled: false, connection: { status: 'untested' } })
})

it('opens none in the place of another', async () => {
  const salon = await createSalonTenant()
  await salon.call('PATCH', salon.path, { credentials: { serverPassword: PASSWORD } })
  await query(salon, sql`update crm_integrations set api_key = extra_secret where id = ${salon.integrationId}::uuid`)
  await expect(openSession(salon.context, await rowOf(salon))).rejects.toMatchObject({
    reason: 'credentials_unreadable',
  })
})
