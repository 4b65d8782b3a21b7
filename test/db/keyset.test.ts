import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { keyset } from '#db/keyset.ts'

const ID = '00000000-0000-4000-8000-000000000001'
const AT = '2026-01-02 03:04:05.678901+00'

const byTime = keyset({ at: [sql`t.at`, 'timestamptz'], id: [sql`t.id`, 'uuid'] })
const byNumber = keyset({ seq: [sql`t.seq`, 'bigint'] })

const cursorOf = (json: unknown) =>
  new TextEncoder().encode(JSON.stringify(json)).toBase64({ alphabet: 'base64url', omitPadding: true })
const toSql = (part: ReturnType<typeof sql>) => new PgDialect().sqlToQuery(part)

describe('a list by keyset', () => {
  it('asks for one row more than a page has, and gives a cursor only when there is one', () => {
    const { limit, toPage } = byTime({ limit: 2 })
    expect(limit).toBe(3)
    const rows = ['a', 'b', 'c'].map((name) => ({ at: AT, id: ID, name }))
    expect(toPage(rows.slice(0, 2))).toEqual({ items: rows.slice(0, 2), nextCursor: null })
    expect(toPage(rows)).toEqual({ items: rows.slice(0, 2), nextCursor: cursorOf([AT, ID]) })
  })

  it('goes on behind the last row, to the microsecond', () => {
    const { nextCursor } = byTime({ limit: 1 }).toPage([
      { at: AT, id: ID },
      { at: AT, id: ID },
    ])
    const { isAfter, order } = byTime({ limit: 1, cursor: nextCursor ?? '' })
    expect(toSql(isAfter)).toMatchObject({ sql: '(t.at, t.id) < ($1::timestamptz, $2::uuid)', params: [AT, ID] })
    expect(toSql(order).sql).toBe('t.at desc, t.id desc')
  })

  it('takes numbers as the driver writes them, and as cursors had them before', () => {
    const { nextCursor } = byNumber({ limit: 1 }).toPage([{ seq: '7' }, { seq: '6' }])
    expect(toSql(byNumber({ limit: 1, cursor: nextCursor ?? '' }).isAfter).params).toEqual([7])
    expect(toSql(byNumber({ limit: 1, cursor: cursorOf([7]) }).isAfter).params).toEqual([7])
  })

  it.each([
    ['no base64', '%'],
    ['no JSON', 'nonsense'],
    ['nothing', ''],
    ['no list', cursorOf({ at: AT, id: ID })],
    ['too few values', cursorOf([AT])],
    ['too many values', cursorOf([AT, ID, ID])],
    ['no time', cursorOf(['yesterday', ID])],
    ['no day of the calendar', cursorOf(['2026-02-31 00:00:00+00', ID])],
    ['no id', cursorOf([AT, 'x'])],
    ['SQL', cursorOf([`${AT}'; drop table crm_transactions; --`, ID])],
  ])('refuses a cursor that is %s', (_, cursor) => {
    expect(() => byTime({ limit: 1, cursor })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        errors: [expect.objectContaining({ path: 'query.cursor', code: 'wrong_form' })],
      }),
    )
  })

  it.each([
    ['a fraction', [1.5]],
    ['text', ['x']],
    ['too large a number', ['9007199254740993']],
  ])('refuses a cursor of numbers that is %s', (_, values) => {
    expect(() => byNumber({ limit: 1, cursor: cursorOf(values) })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })
})
