import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createFileTenant } from '#test/files.ts'
import { query } from '#test/pages.ts'
import { caller, createSalonTenant, createTenant, type Tenant } from '#test/tenants.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { createTestContext } from '#test/context.ts'
import { NEW } from '#test/rings.ts'
import { tenantToken, token } from '#test/tokens.ts'

const KEY = { 'idempotency-key': 'order-1' }
const CSV = { crmType: 'csv' }
const FILE = 'id;Дата;Сумма\n1;02.03.2024 10:00;100\n'

const replayed = ({ headers }: { readonly headers: Headers }) => headers.get('idempotency-replayed')

describe('a repeated request', () => {
  it('is answered as the first was, and has no second effect', async () => {
    const { call } = await createTenant(createTestContext())
    const first = await call('POST', '/v1/integrations', CSV, KEY)
    const second = await call('POST', '/v1/integrations', CSV, KEY)
    expect([first.status, second.status]).toEqual([201, 201])
    expect([replayed(first), replayed(second)]).toEqual([null, 'true'])
    expect(second.text).toBe(first.text)
    for (const name of ['location', 'etag', 'content-type'])
      expect(second.headers.get(name)).toBe(first.headers.get(name))
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'))
    expect((await call('POST', '/v1/integrations', CSV)).json.code).toBe('integration_exists')
  })

  it('gets a refusal again, too', async () => {
    const { call } = await createTenant(createTestContext())
    const wrong = { crmType: 'csv', surprise: 1 }
    const first = await call('POST', '/v1/integrations', wrong, KEY)
    const second = await call('POST', '/v1/integrations', wrong, KEY)
    expect([first.status, second.status, replayed(second)]).toEqual([400, 400, 'true'])
    expect(second.json).toEqual(first.json)
  })

  it('with another body or query is refused', async () => {
    const salon = await createSalonTenant()
    const period = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
    await salon.call('POST', `${salon.path}/backfill`, period, KEY)
    for (const [path, body] of [
      ['backfill', { ...period, to: '2026-01-03T00:00:00Z' }],
      ['backfill?dryRun=true', period],
    ] as const) {
      const { status, json } = await salon.call('POST', `${salon.path}/${path}`, body, KEY)
      expect([status, json.code]).toEqual([422, 'idempotency_key_reused'])
    }
  })

  it('of another subject, business or path is another request', async () => {
    const { call, businessId, context } = await createTenant(createTestContext())
    const first = await call('POST', '/v1/integrations', CSV, KEY)
    const colleague = caller(context, await token({ sub: 'somebody else', business_id: businessId }))
    expect((await colleague('POST', '/v1/integrations', CSV, KEY)).status).toBe(409)
    const other = await createTenant(context)
    expect((await other.call('POST', '/v1/integrations', CSV, KEY)).json.id).not.toBe(first.json.id)
    expect(replayed(await call('POST', `/v1/integrations/${first.json.id}/sync`, undefined, KEY))).toBeNull()
  })

  it('tells nothing of an integration that is gone; its creation is told as it was, and is not done again', async () => {
    const tenant = await createFileTenant()
    await tenant.call('DELETE', tenant.path)
    const created = await tenant.call('POST', '/v1/integrations', CSV, KEY)
    const path = `/v1/integrations/${created.json.id}`
    const send = async () => tenant.call('POST', `${path}/imports`, FILE, { ...KEY, 'content-type': 'text/csv' })
    const before = [await tenant.call('POST', `${path}/test`, undefined, KEY), await send()]
    expect(before.map(({ status }) => status)).toEqual([200, 202])
    await tenant.call('DELETE', path)
    const after = [await tenant.call('POST', `${path}/test`, undefined, KEY), await send()]
    expect(after.map((answer) => [answer.status, answer.json.code, replayed(answer)])).toEqual([
      [404, 'not_found', null],
      [404, 'not_found', null],
    ])
    const again = await tenant.call('POST', '/v1/integrations', CSV, KEY)
    expect([again.status, again.text, replayed(again)]).toEqual([201, created.text, 'true'])
    expect((await tenant.call('GET', '/v1/integrations')).json.items).toEqual([])
  })

  it('says that the first answer can no longer be read when its encryption key is gone, and does nothing', async () => {
    const { call, businessId } = await createTenant(createTestContext())
    const { status } = await call('POST', '/v1/integrations', CSV, KEY)
    const context = createTestContext(null, { ENCRYPTION_KEYS: NEW })
    const again = await caller(context, await tenantToken(businessId))('POST', '/v1/integrations', CSV, KEY)
    expect([status, again.status, again.json.code]).toEqual([201, 409, 'idempotent_answer_lost'])
    expect(context.logged.join('\n')).toContain('kept_answer_unreadable')
  })

  it('waits for the first', async () => {
    const { call } = await createTenant(createTestContext())
    const answers = await Promise.all([1, 2, 3].map(async () => call('POST', '/v1/integrations', CSV, KEY)))
    const codes = answers.map(({ status, json }) => json.code ?? status)
    expect(codes.filter((code) => code === 201).length).toBeGreaterThan(0)
    expect(codes.filter((code) => code !== 201 && code !== 'request_in_progress')).toEqual([])
    const ids = new Set(answers.flatMap(({ status, json }) => (status === 201 ? [json.id] : [])))
    expect(ids.size).toBe(1)
  })
})

describe('a key', () => {
  const row = async ({ context, businessId }: Tenant) => {
    const { rows } = await context.db.execute(sql`
      select encode(answer, 'escape') as answer, claimed_until from idempotency_keys where business_id = ${businessId}::uuid`)
    return rows
  }

  it('is kept as a hash, with its answer sealed, for a day', async () => {
    const tenant = await createTenant(createTestContext())
    const first = await tenant.call('POST', '/v1/integrations', CSV, KEY)
    const kept = JSON.stringify(await row(tenant))
    expect(kept).not.toContain('order-1')
    expect(kept).not.toContain(first.json.id)
    await tenant.context.db.execute(sql`
      update idempotency_keys set created_at = now() - interval '25 hours' where business_id = ${tenant.businessId}::uuid`)
    const later = await tenant.call('POST', '/v1/integrations', CSV, KEY)
    expect([later.json.code, replayed(later)]).toEqual(['integration_exists', null])
    await tenant.context.db.execute(sql`
      update idempotency_keys set created_at = now() - interval '25 hours' where business_id = ${tenant.businessId}::uuid`)
    await cleanUp(tenant.context)
    expect(await row(tenant)).toEqual([])
  })

  it('does not keep our own failures, and is free once the worker that had it is dead', async () => {
    const salon = await createSalonTenant()
    salon.context.databaseFaults.push('unsent')
    expect((await salon.call('POST', `${salon.path}/sync`, undefined, KEY)).status).toBe(503)
    expect(await row(salon)).toEqual([])
    const started = await salon.call('POST', `${salon.path}/sync`, undefined, KEY)
    expect([started.status, replayed(started)]).toEqual([202, null])
    const of = sql`where business_id = ${salon.businessId}::uuid`
    await query(salon, sql`update idempotency_keys set answer = null ${of}`)
    expect((await salon.call('POST', `${salon.path}/sync`, undefined, KEY)).json.code).toBe('request_in_progress')
    await query(salon, sql`update idempotency_keys set claimed_until = now() - interval '1 second' ${of}`)
    expect((await salon.call('POST', `${salon.path}/sync`, undefined, KEY)).status).toBe(202)
  })

  it('costs nothing where it is not sent', async () => {
    const salon = await createSalonTenant()
    const before = salon.context.roundTrips()
    await salon.call('POST', `${salon.path}/sync`)
    const plain = salon.context.roundTrips() - before
    await salon.call('POST', `${salon.path}/sync`, undefined, KEY)
    expect([plain, salon.context.roundTrips() - before - plain]).toEqual([1, 3])
  })

  it.each(['', 'a b', 'ключ', 'x'.repeat(256)])('is of visible characters, not "%s"', async (key) => {
    const { call } = await createTenant(createTestContext())
    const headers = new Headers()
    try {
      headers.set('idempotency-key', key)
    } catch {
      return
    }
    const { status, json } = await call('POST', '/v1/integrations', CSV, Object.fromEntries(headers))
    expect([status, json.errors[0].path]).toEqual([400, 'header.idempotency-key'])
  })
})

describe('a file', () => {
  it('is imported once under a key, and another one under the same key is refused', async () => {
    const tenant = await createFileTenant()
    const send = async (body: string) =>
      tenant.call('POST', `${tenant.path}/imports`, body, { ...KEY, 'content-type': 'text/csv' })
    const first = await send(FILE)
    const second = await send(FILE)
    expect([first.status, second.status, replayed(second)]).toEqual([202, 202, 'true'])
    expect(second.json.id).toBe(first.json.id)
    expect(first.headers.get('location')).toBe(`${tenant.path}/runs/${first.json.id}`)
    expect((await send(`${FILE}2;03.03.2024 10:00;5\n`)).json.code).toBe('idempotency_key_reused')
    expect((await tenant.call('GET', `${tenant.path}/runs`)).json.items).toHaveLength(1)
  })
})
