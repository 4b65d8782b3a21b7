import { env } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '#config.ts'
import { createDb } from '#db/client.ts'
import { isConnectionFailure } from '#db/errors.ts'

/** A database whose first answers fail; how often it was asked. */
function failing(failures: number) {
  const { databaseUrl, neonEndpoint: endpoint } = parseConfig({ ...env })
  let asked = 0
  const db = createDb({
    databaseUrl,
    endpoint,
    fetch: async (input, init) => {
      asked += 1
      return asked > failures ? fetch(input, init) : new Response('the compute is starting', { status: 503 })
    },
  })
  return { db, asked: () => asked }
}

describe('the database client', () => {
  it.each([
    ['on one line', sql`select 1 as one`],
    [
      'over several lines',
      sql`
        select 1 as one`,
    ],
  ])('asks a read %s once more when the database was asleep', async (_name, statement) => {
    const { db, asked } = failing(1)
    expect((await db.execute(statement)).rows).toEqual([{ one: 1 }])
    expect(asked()).toBe(2)
  })

  it('asks no write twice, and gives up a read after the second time', async () => {
    const write = failing(1)
    const update = write.db.execute(sql`
      with x as (select 1) update businesses set name = name where false`)
    await expect(update).rejects.toSatisfy(isConnectionFailure)
    expect(write.asked()).toBe(1)
    const read = failing(2)
    await expect(read.db.execute(sql`select 1`)).rejects.toSatisfy(isConnectionFailure)
    expect(read.asked()).toBe(2)
  })
})
