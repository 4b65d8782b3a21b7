import { sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { type Conditions, matches } from '#db/filter.ts'

interface Filter {
  readonly status?: string | undefined
  readonly after?: number | undefined
}

const CONDITIONS: Conditions<Filter> = {
  status: (status) => sql`t.status = ${status}`,
  after: (after) => sql`t.seq > ${after}`,
}

const toSql = (filter: Filter) => new PgDialect().sqlToQuery(matches(filter, CONDITIONS))

describe('a filter', () => {
  it('asks for what it names, and for nothing else that is handed on with it', () => {
    const request = { status: 'paid', after: 0, limit: 50, tenant: null }
    expect(toSql(request)).toMatchObject({ sql: 't.status = $1 and t.seq > $2', params: ['paid', 0] })
    expect(toSql({ status: undefined, after: 7 })).toMatchObject({ sql: 't.seq > $1', params: [7] })
    expect(toSql({}).sql).toBe('true')
  })

  it('does not compile with a member that has no condition', () => {
    // @ts-expect-error -- `after` is forgotten
    const forgotten: Conditions<Filter> = { status: CONDITIONS.status }
    expect(Object.keys(forgotten)).toEqual(['status'])
  })
})
