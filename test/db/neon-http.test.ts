// Our few lines of Neon's protocol beside Neon's own driver: the same requests, the same answers, the same errors.
import { neon, neonConfig } from '@neondatabase/serverless'
import { env } from 'cloudflare:test'
import { afterEach, describe, expect, it } from 'vitest'
import { createNeonHttp, DatabaseError } from '#db/neon-http.ts'
import { parseConfig } from '#config.ts'

const REMOTE = 'postgresql://owner:p%40ss@ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech/main?sslmode=require'
const EMPTY = { fields: [], rows: [], command: 'SELECT', rowCount: 0 }
const config = parseConfig({ ...env })

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Remembers what is sent, and answers that there is nothing. */
function recorder() {
  const sent: Sent[] = []
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const headers: Record<string, string> = Object.fromEntries(request.headers)
    // Theirs adds which package it is; nothing depends on it.
    const [address] = (headers['neon-connection-string'] ?? '').split(/[?&]application_name=/)
    const { 'content-type': _, ...rest } = headers
    const known = { ...rest, 'neon-connection-string': address ?? '' }
    sent.push({ url: request.url, method: request.method, headers: known, body: await request.json() })
    return Response.json({ ...EMPTY, results: [EMPTY, EMPTY] })
  }
  return { sent, fetch }
}

afterEach(() => {
  Object.assign(neonConfig, { fetchFunction: undefined, fetchEndpoint: undefined })
})

describe('a request', () => {
  const PARAMS = ['text', null, true, 5, -1.5, 9_007_199_254_740_993n, new Uint8Array([0, 1, 255]), '{"a":1}']

  it('is the one that Neon’s driver sends, for a statement and for a batch', async () => {
    const [ours, theirs] = [recorder(), recorder()]
    const mine = createNeonHttp({ databaseUrl: REMOTE, endpoint: null, fetch: ours.fetch })
    neonConfig.fetchFunction = theirs.fetch
    const sql = neon(REMOTE)
    await mine.query('select $1', PARAMS)
    await sql.query('select $1', PARAMS)
    await mine.transaction([mine.query('select 1'), mine.query('select $1', [2])])
    await sql.transaction([sql.query('select 1'), sql.query('select $1', [2])])
    expect(ours.sent).toHaveLength(2)
    expect(ours.sent).toEqual(theirs.sent)
  })

  it('is not sent before somebody awaits it', async () => {
    const { sent, fetch } = recorder()
    const statement = createNeonHttp({ databaseUrl: REMOTE, endpoint: null, fetch }).query('select 1')
    expect(sent).toEqual([])
    await statement
    expect(sent).toHaveLength(1)
  })

  it.each([[new Date()], [['a']], [{ a: 1 }], [new ArrayBuffer(2)], [() => 1]])(
    'is refused with a parameter that has no text form: %s',
    (param) => {
      const { fetch } = recorder()
      const client = createNeonHttp({ databaseUrl: REMOTE, endpoint: null, fetch })
      expect(() => client.query('select $1', [param])).toThrow(TypeError)
    },
  )
})

function bothClients() {
  const { databaseUrl, neonEndpoint: endpoint } = config
  neonConfig.fetchEndpoint = endpoint ?? ''
  return { mine: createNeonHttp({ databaseUrl, endpoint, fetch }), sql: neon(databaseUrl) }
}

/** Theirs gives Node's Buffer, which is more than bytes. */
function withPlainBytes(row: object): unknown {
  const plain = (value: unknown) => (value instanceof Uint8Array ? new Uint8Array(value) : value)
  if (Array.isArray(row)) return row.map(plain)
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))
}

describe('an answer', () => {
  const EVERYTHING = `select 1::int2 as a, -2::int4 as b, 9007199254740993::int8 as c, 1.50::numeric as d, 1.5::float4 as e,
    -2.25e10::float8 as f, true as g, false as h, 'текст' as i, 'x'::varchar as j, null::int4 as k, '{"a":[1,null]}'::jsonb as l,
    '[1]'::json as m, '\\x00ff10'::bytea as n, '2026-11-24'::date::text as o, gen_random_uuid() is not null as p, ''::text as q,
    'NaN'::float8 as r, 5::oid as s, 'ab'::char(3) as t, null as u`

  it('is read as Neon’s driver reads it, by name and by place', async () => {
    const { mine, sql } = bothClients()
    for (const arrayMode of [false, true]) {
      const ours = await mine.query(EVERYTHING, [], { arrayMode })
      const theirs = await sql.query(EVERYTHING, [], { arrayMode, fullResults: true })
      expect(ours.rows).toEqual(theirs.rows.map(withPlainBytes))
      expect(ours).toMatchObject({ rowCount: theirs.rowCount, command: theirs.command })
    }
  })

  it('leaves times as Postgres writes them', async () => {
    const { mine } = bothClients()
    const { rows } = await mine.query(`select '2026-11-24T10:00:00Z'::timestamptz at time zone 'UTC' as at`)
    expect(rows).toEqual([{ at: '2026-11-24 10:00:00' }])
  })

  it('of a batch is all or nothing', async () => {
    const { mine } = bothClients()
    const id = crypto.randomUUID()
    const insert = mine.query('insert into businesses (id, name, timezone, currency) values ($1, $2, $3, $4)', [
      ...[id, 'Пакет', 'Europe/Moscow', 'RUB'],
    ])
    await expect(mine.transaction([insert, mine.query('select 1 / 0')])).rejects.toMatchObject({ code: '22012' })
    const [found] = await mine.transaction([mine.query('select 1 from businesses where id = $1', [id])])
    expect(found?.rows).toEqual([])
  })
})

describe('an error', () => {
  it.each([
    'select 1 / 0',
    'select nothing from nowhere',
    `insert into crm_integrations (business_id, crm_type) values (gen_random_uuid(), 'yclients')`,
    'selec',
  ])('tells what Neon’s driver tells of %s', async (statement) => {
    const { mine, sql } = bothClients()
    const fail = async (act: PromiseLike<unknown>): Promise<unknown> =>
      act.then(
        () => null,
        (error: unknown) => error,
      )
    const ours = await fail(mine.query(statement))
    const theirs = (await fail(sql.query(statement))) as DatabaseError
    expect(ours).toBeInstanceOf(DatabaseError)
    expect(ours).toMatchObject({ code: theirs.code, message: theirs.message, constraint: theirs.constraint ?? null })
  })

  it.each([
    ['a connection that fails', async () => Promise.reject(new TypeError('refused'))],
    ['an endpoint that is down', async () => new Response('<html>', { status: 502 })],
    ['an answer that breaks off', async () => new Response('{"rows": [["1"', { status: 200 })],
  ])('has no code after %s: nobody knows what became of the statement', async (_what, answer) => {
    const { databaseUrl } = config
    const client = createNeonHttp({ databaseUrl, endpoint: 'http://127.0.0.1:9/sql', fetch: answer })
    await expect(client.query('select 1')).rejects.toMatchObject({ name: 'DatabaseError', code: null })
  })

  it('never shows the password of the database', async () => {
    const refused = async () => Promise.reject(new TypeError('refused'))
    const client = createNeonHttp({ databaseUrl: REMOTE, endpoint: null, fetch: refused })
    const error: unknown = await client.query('select 1').then(null, (reason: unknown) => reason)
    expect(String(error)).not.toContain('p%40ss')
  })
})
