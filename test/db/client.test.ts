import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { DatabaseError } from '#db/client.ts'
import { isConnectionFailure, violatedConstraint } from '#db/errors.ts'
import { businesses } from '#db/schema/businesses.ts'
import { createLog } from '#lib/log.ts'
import { client, fail, WAYS } from '#test/database-client.ts'

const REMOTE = 'postgresql://owner:p%40ss@ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech/main?sslmode=require'
/** The first answers fail, and the real endpoint gives the others. */
function failing(failures: number) {
  let asked = 0
  return client(async (input, init) => {
    asked += 1
    return asked > failures ? fetch(input, init) : new Response('the compute is starting', { status: 503 })
  })
}

const newBusiness = (id: string, name = 'Пакет') => ({ id, name, timezone: 'Europe/Moscow', currency: 'RUB' })

describe('a request', () => {
  it('goes to Neon’s own endpoint of the region, unless another is named', async () => {
    const empty = async () => Response.json({ fields: [], rows: [], command: 'SELECT', rowCount: 0 })
    const { db, sent } = client(empty, { databaseUrl: REMOTE, endpoint: null })
    await db.execute(sql`select 1`)
    expect(sent.map(({ url }) => url)).toEqual(['https://api.eu-central-1.aws.neon.tech/sql'])
  })

  it('goes its own way from each of two clients, though the driver’s settings are global', async () => {
    const answering = (value: string) => async () =>
      Response.json({ fields: [{ name: 'a', dataTypeID: 25 }], rows: [[value]], command: 'SELECT', rowCount: 1 })
    const first = client(answering('first'), { endpoint: 'http://first.test/sql' })
    const second = client(answering('second'), { endpoint: 'http://second.test/sql' })
    const answers = await Promise.all([first, second, first].map(async ({ db }) => db.call('select a', [])))
    expect(answers).toEqual([[['first']], [['second']], [['first']]])
    expect(first.sent.map(({ url }) => url)).toEqual(['http://first.test/sql', 'http://first.test/sql'])
    expect(second.sent.map(({ url }) => url)).toEqual(['http://second.test/sql'])
  })

  it('carries values as the text that Postgres reads', async () => {
    const { db, sent } = client()
    const params = ['text', null, undefined, true, 5, -1.5, 9_007_199_254_740_993n, new Uint8Array([0, 1, 255])]
    const types = ['text', 'text', 'text', 'bool', 'int4', 'numeric', 'int8', 'bytea']
    const columns = types.map((type, index) => `$${index + 1}::${type}`).join(', ')
    expect(await db.call(`select ${columns}`, params)).toEqual([
      ['text', null, null, true, 5, '-1.5', '9007199254740993', new Uint8Array([0, 1, 255])],
    ])
    expect(sent).toMatchObject([
      { body: { params: ['text', null, null, 'true', '5', '-1.5', '9007199254740993', String.raw`\x0001ff`] } },
    ])
  })

  it.each([[new Date()], [['a']], [{ a: 1 }], [new ArrayBuffer(2)], [() => 1]])(
    'is refused with a parameter that has no text form, and not sent: %s',
    async (param) => {
      const { db, sent } = client()
      await expect(db.call('select $1', [param])).rejects.toThrow(TypeError)
      await expect(db.execute(sql`select ${sql.param(param)}`)).rejects.toMatchObject({ cause: expect.any(TypeError) })
      await expect(db.batch([db.execute(sql`select ${sql.param(param)}`)])).rejects.toThrow(TypeError)
      expect(sent).toEqual([])
    },
  )

  it('has a time limit, whoever sends it', async () => {
    const { db, sent } = client()
    for (const [, ask] of WAYS) await ask(db, 'select 1')
    expect(sent.map(({ signal }) => signal)).toEqual(WAYS.map(() => expect.any(AbortSignal)))
  })

  it('of a call is given up after the call’s own time', async () => {
    const silent: typeof fetch = async (_url, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const { db, sent } = client(silent)
    const error = await fail(db.call('call store_delivery()', [], 5))
    expect(error).toSatisfy(isConnectionFailure)
    expect(String(error)).toContain('TimeoutError')
    expect(sent).toHaveLength(1)
  })
})

describe('an answer', () => {
  const EVERYTHING = `select 1::int2 as a, -2::int4 as b, 9007199254740993::int8 as c, 1.50::numeric as d, 1.5::float4 as e,
    -2.25e10::float8 as f, true as g, false as h, 'текст' as i, 'x'::varchar as j, null::int4 as k, '{"a":[1,null]}'::jsonb as l,
    '[1]'::json as m, '\\x00ff10'::bytea as n, ''::text as o, 'NaN'::float8 as p, 5::oid as q, 'ab'::char(3) as r, null as s`
  const READ = {
    ...{ a: 1, b: -2, c: '9007199254740993', d: '1.50', e: 1.5, f: -2.25e10, g: true, h: false, i: 'текст', j: 'x' },
    ...{ k: null, l: { a: [1, null] }, m: [1], n: new Uint8Array([0, 255, 16]), o: '', p: Number.NaN, q: 5, r: 'ab ' },
    s: null,
  }

  it('is read by name from a statement and from a batch, by place from a call', async () => {
    const { db } = client()
    expect((await db.execute(sql.raw(EVERYTHING))).rows).toEqual([READ])
    const [batched] = await db.batch([db.execute(sql.raw(EVERYTHING))])
    expect(batched.rows).toEqual([READ])
    expect(await db.call(EVERYTHING, [])).toEqual([Object.values(READ)])
  })

  it('tells the command and how many rows it met', async () => {
    const { db } = client()
    const update = db.execute(sql`update businesses set name = name where id = ${crypto.randomUUID()}`)
    expect(await update).toMatchObject({ command: 'UPDATE', rowCount: 0 })
  })

  it('has bytes as a plain Uint8Array, not as Node’s Buffer', async () => {
    const [[bytes] = []] = await client().db.call(`select '\\x00ff'::bytea`, [])
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })

  it('leaves times as Postgres writes them', async () => {
    const moment = `'2026-11-24T10:00:00Z'::timestamptz at time zone 'UTC'`
    const [row] = await client().db.call(`select ${moment}, (${moment})::date, '1 day'::interval`, [])
    expect(row).toEqual(['2026-11-24 10:00:00', '2026-11-24', '1 day'])
  })

  it('of a batch is all or nothing, and one request', async () => {
    const { db, sent } = client()
    const id = crypto.randomUUID()
    const insert = db.insert(businesses).values(newBusiness(id))
    await expect(db.batch([insert, db.execute(sql`select 1 / 0`)])).rejects.toMatchObject({ code: '22012' })
    expect(sent).toHaveLength(1)
    expect(
      await db
        .select()
        .from(businesses)
        .where(sql`id = ${id}`),
    ).toEqual([])
  })
})

describe('an error', () => {
  const REFUSED = [
    ['select 1 / 0', '22012', null],
    ['select nothing from nowhere', '42P01', null],
    [
      `insert into crm_integrations (business_id, crm_type) values (gen_random_uuid(), 'yclients')`,
      '23503',
      'crm_integrations_business_id_businesses_id_fk',
    ],
    ['selec', '42601', null],
  ] as const

  it.each(WAYS)('of a statement sent %s tells what Postgres said: code and constraint', async (_name, ask) => {
    const { db } = client()
    for (const [statement, code, constraint] of REFUSED) {
      const error = await fail(ask(db, statement))
      const inner = error instanceof DatabaseError ? error : (error as Error).cause
      expect(inner).toBeInstanceOf(DatabaseError)
      expect(inner).toMatchObject({ code })
      expect([isConnectionFailure(error), violatedConstraint(error)]).toEqual([false, constraint])
    }
  })

  const LOST: readonly [name: string, answer: typeof fetch][] = [
    ['a connection that fails', async () => Promise.reject(new TypeError('refused'))],
    ['an endpoint that is down', async () => new Response('<html>Анна Белова', { status: 502 })],
    ['an answer that breaks off', async () => new Response('{"rows": [["1"', { status: 200 })],
    ['a refusal that breaks off', async () => new Response('{"mess', { status: 400 })],
    ['a connection that breaks off', async () => new Response(brokenBody(), { status: 200 })],
  ]
  const brokenBody = () => new ReadableStream({ pull: (body) => body.error(new TypeError('reset')) })

  it.each(LOST)('is a connection failure after %s: nobody knows what became of it', async (_name, answer) => {
    const { db } = client(answer)
    for (const [, ask] of WAYS) {
      const error = await fail(ask(db, 'update businesses set name = name'))
      expect(error).toSatisfy(isConnectionFailure)
      expect(violatedConstraint(error)).toBeNull()
      expect(String(error)).not.toContain('Белова')
    }
  })

  it('never shows the password of the database', async () => {
    const { db } = client(async () => Promise.reject(new TypeError('refused')), { databaseUrl: REMOTE })
    for (const [, ask] of WAYS) {
      const error = await fail(ask(db, 'select 1'))
      expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('p%40ss')
    }
  })

  it('leaves no value of the statement in the log', async () => {
    const lines: string[] = []
    const write = (line: unknown) => void lines.push(JSON.stringify(line))
    const log = createLog({}, { log: write, warn: write, error: write })
    const { db } = client()
    const insert = () =>
      db.insert(businesses).values(newBusiness('00000000-0000-4000-8000-00000000abcd', 'Анна Белова'))
    const twice = [insert(), insert()] as const
    log.error('batch', { error: await fail(db.batch(twice)) })
    log.error('alone', { error: await fail(db.execute(sql`select ${'Анна Белова'}::text, 1 / 0`)) })
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'batch', error: { name: 'NeonDbError', code: '23505' } },
      { event: 'alone', error: { cause: { name: 'NeonDbError', code: '22012' } } },
    ])
    expect(lines.join('')).not.toMatch(/Белова|00000000abcd/)
  })
})

describe('a second try', () => {
  const READS = ['select 1 as one', '\n      select 1 as one', 'SELECT 1 as one']
  const WRITES = [
    'with x as (select 1) update businesses set name = name where false',
    `update businesses set name = 'select' where false`,
    `insert into businesses (id, name, timezone, currency) select gen_random_uuid(), '', '', '' where false`,
    'delete from businesses where false',
  ]

  it.each(READS)('is for a read when the database was asleep: %j', async (statement) => {
    const { db, sent } = failing(1)
    expect((await db.execute(sql.raw(statement))).rows).toEqual([{ one: 1 }])
    expect(sent).toHaveLength(2)
  })

  it('is for a read by drizzle’s builder as well', async () => {
    const { db, sent } = failing(1)
    expect(
      await db
        .select()
        .from(businesses)
        .where(sql`false`),
    ).toEqual([])
    expect(sent).toHaveLength(2)
  })

  it('has a time limit of its own', async () => {
    const { db, sent } = failing(1)
    await db.execute(sql`select 1`)
    const [first, second] = sent.map(({ signal }) => signal)
    expect(second).toBeInstanceOf(AbortSignal)
    expect(second).not.toBe(first)
  })

  it('is the last one, and none follows a refusal of Postgres or of its endpoint', async () => {
    const { db, sent } = failing(2)
    await expect(db.execute(sql`select 1`)).rejects.toSatisfy(isConnectionFailure)
    expect(sent).toHaveLength(2)
    for (const refused of [client(), client(async () => new Response('too many requests', { status: 429 }))]) {
      await fail(refused.db.execute(sql`select 1 / 0`))
      expect(refused.sent).toHaveLength(1)
    }
  })

  it.each(WRITES)('is not for a write: %s', async (statement) => {
    const { db, sent } = failing(1)
    await expect(db.execute(sql.raw(statement))).rejects.toSatisfy(isConnectionFailure)
    expect(sent).toHaveLength(1)
  })

  it('is not for a call, nor for a batch even of reads', async () => {
    const called = failing(1)
    await expect(called.db.call('call store_delivery()', [])).rejects.toSatisfy(isConnectionFailure)
    expect(called.sent).toHaveLength(1)
    const batched = failing(1)
    await expect(batched.db.batch([batched.db.execute(sql`select 1`)])).rejects.toSatisfy(isConnectionFailure)
    expect(batched.sent).toHaveLength(1)
  })

  it('is that of this test worker and of no other', async () => {
    const { rows } = await failing(0).db.execute(sql`select current_database() as name`)
    expect(rows).toEqual([{ name: `worker_${process.env['VITEST_POOL_ID']}` }])
  })
})
