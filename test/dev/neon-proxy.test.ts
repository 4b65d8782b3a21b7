// The local endpoint against what Neon's own does, as far as the driver and our tests lean on it.
import { neon, neonConfig } from '@neondatabase/serverless'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { ownDatabase } from '#test/databases.ts'

let proxy: NeonProxy
const { ownerUrl: url } = ownDatabase()
// The driver's settings are those of the process, and the product's client sets them as well.
const { fetchEndpoint, fetchFunction } = neonConfig

beforeAll(async () => {
  proxy = await startNeonProxy(url)
  Object.assign(neonConfig, { fetchEndpoint: proxy.endpoint, fetchFunction: undefined })
})
afterEach(() => Object.assign(proxy.switches, { latencyMs: 0, failNext: 0, dropBefore: 0, dropAfter: 0 }))
afterAll(async () => {
  Object.assign(neonConfig, { fetchEndpoint, fetchFunction })
  await proxy.close()
})

async function post(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(proxy.endpoint, {
    method: 'POST',
    body: text,
    headers: { 'neon-connection-string': url, ...headers },
  })
  // oxlint-disable-next-line typescript/no-explicit-any -- a foreign protocol, asserted by path
  const json: any = await response.json()
  return { status: response.status, json }
}

describe('a query', () => {
  it('gives rows by name, with types, nulls, arrays and bytes', async () => {
    const sql = neon(url)
    const rows = await sql`select ${7}::int as n, ${null}::text as nothing, ${'привет'} as text, ${true}::bool as yes,
      array[1,2] as list, '{"a":1}'::jsonb as json, ${'\\x00ff'}::bytea as bytes`
    expect(rows).toMatchObject([{ n: 7, nothing: null, text: 'привет', yes: true, list: [1, 2], json: { a: 1 } }])
    expect([...(rows[0]?.['bytes'] ?? [])]).toEqual([0, 255])
  })

  it('is one statement', async () => {
    const { status, json } = await post({ query: 'select 1; select 2', params: [] })
    expect([status, json.code]).toEqual([400, '42601'])
  })

  it('fails with every field that Postgres gives', async () => {
    await post({ query: 'create table if not exists proxy_probe (id int primary key)', params: [] })
    await post({ query: 'insert into proxy_probe values (1) on conflict do nothing', params: [] })
    const { status, json } = await post({ query: 'insert into proxy_probe values ($1)', params: ['1'] })
    expect(status).toBe(400)
    expect(json).toMatchObject({
      code: '23505',
      severity: 'ERROR',
      table: 'proxy_probe',
      constraint: 'proxy_probe_pkey',
      detail: expect.stringContaining('already exists'),
    })
    expect(json).toHaveProperty('hint', null)
    expect(json).toHaveProperty('routine')
  })

  it.each([
    ['no JSON', 'select 1'],
    ['no query', { sql: 'select 1' }],
    ['an empty batch', { queries: [] }],
  ])('is refused when the body is %s', async (_name, body) => {
    expect((await post(body)).status).toBe(400)
  })

  it('is refused to somebody with another password', async () => {
    const wrong = new URL(url)
    wrong.password = 'wrong'
    const { status, json } = await post({ query: 'select 1' }, { 'neon-connection-string': wrong.href })
    expect([status, json.code]).toEqual([400, '28P01'])
  })

  it('is refused when it or its answer is larger than 10 MB', async () => {
    expect((await post({ query: 'select $1', params: ['x'.repeat(10 * 1024 * 1024)] })).status).toBe(413)
    expect((await post({ query: "select repeat('x', 11 * 1024 * 1024)", params: [] })).status).toBe(507)
  })

  it('leaves nothing behind for the next one: no setting, no temporary table, no open transaction', async () => {
    await post({ query: "set application_name = 'left behind'" })
    await post({ query: 'create temporary table left_behind (id int)' })
    await post({ query: 'begin' })
    for (let n = 0; n < 5; n += 1) {
      const { json } = await post({
        query:
          "select current_setting('application_name'), to_regclass('left_behind')::text, pg_current_xact_id_if_assigned()::text",
      })
      expect(json.rows[0]).toEqual(['', null, null])
    }
  })
})

describe('a session', () => {
  /** An immutable function is folded into a plan: what it gives later tells whether the plan is the old one. */
  it('keeps the plans of a function, as Neon’s does, though nothing else', async () => {
    const own = await startNeonProxy(url)
    const ask = async (query: string) => {
      const response = await fetch(own.endpoint, {
        method: 'POST',
        body: JSON.stringify({ query }),
        headers: { 'neon-connection-string': url },
      })
      return response.json()
    }
    try {
      await ask('create table if not exists proxy_folded (n int)')
      await ask('truncate proxy_folded')
      await ask('insert into proxy_folded values (1)')
      await ask(
        'create or replace function proxy_fold() returns int immutable language plpgsql as $$ begin return (select n from proxy_folded); end $$',
      )
      await ask(
        'create or replace function proxy_keep() returns int language plpgsql as $$ begin return (select proxy_fold() from generate_series(1, 1)); end $$',
      )
      expect(await ask('select proxy_keep()')).toMatchObject({ rows: [['1']] })
      await ask('update proxy_folded set n = 2')
      expect(await ask('select proxy_keep()')).toMatchObject({ rows: [['1']] })
    } finally {
      await own.close()
    }
  })
})

describe('a batch', () => {
  it('is one transaction: all or nothing', async () => {
    await post({ query: 'create table if not exists proxy_batch (id int primary key)' })
    await post({ query: 'truncate proxy_batch' })
    const insert = (id: number) => ({ query: 'insert into proxy_batch values ($1)', params: [String(id)] })
    const failed = await post({ queries: [insert(1), insert(2), insert(1)] })
    expect([failed.status, failed.json.code]).toEqual([400, '23505'])
    const { json } = await post({ queries: [insert(5), { query: 'select id from proxy_batch' }] })
    expect(json.results[1].rows).toEqual([['5']])
  })

  it('takes its isolation level and read-only mode from the headers', async () => {
    const probe = {
      queries: [{ query: "select current_setting('transaction_isolation'), current_setting('transaction_read_only')" }],
    }
    const headers = { 'neon-batch-isolation-level': 'Serializable', 'neon-batch-read-only': 'true' }
    expect((await post(probe, headers)).json.results[0].rows).toEqual([['serializable', 'on']])
    expect((await post(probe)).json.results[0].rows).toEqual([['read committed', 'off']])
  })
})

describe('the switches', () => {
  it('fail a request without executing it', async () => {
    proxy.switches.failNext = 1
    expect((await post({ query: 'select 1' })).status).toBe(500)
    expect((await post({ query: 'select 1' })).status).toBe(200)
  })

  it('lose the answer after executing, or the request before', async () => {
    await post({ query: 'create table if not exists proxy_lost (id int primary key)' })
    await post({ query: 'truncate proxy_lost' })
    proxy.switches.dropAfter = 1
    await expect(post({ query: 'insert into proxy_lost values (1)' })).rejects.toThrow()
    proxy.switches.dropBefore = 1
    await expect(post({ query: 'insert into proxy_lost values (2)' })).rejects.toThrow()
    expect((await post({ query: 'select id from proxy_lost' })).json.rows).toEqual([['1']])
  })
})
