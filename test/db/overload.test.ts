import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { isConnectionFailure, isOverloaded } from '#db/errors.ts'
import { client, fail, WAYS } from '#test/database-client.ts'

describe('a database that takes no more requests for the moment', () => {
  type Refusal = readonly [status: number, code: string, message: string]
  const BUCKET: Refusal = [500, '', 'Too many connections to this endpoint. Please try again later.']
  const REFUSALS: readonly Refusal[] = [
    BUCKET,
    [500, '', 'Failed to acquire permit to connect to the database. Too many attempts are currently ongoing.'],
    [500, '53300', 'remaining connection slots are reserved for roles with the SUPERUSER attribute'],
    [400, '08P01', 'query_wait_timeout'],
  ]

  function refusing(times: number, [status, code, message] = BUCKET, random = 0.5) {
    let asked = 0
    return client(
      async (input, init) => {
        asked += 1
        return asked > times ? fetch(input, init) : Response.json({ message, code }, { status })
      },
      { random: () => random },
    )
  }

  it.each(REFUSALS)('is asked again after a pause, whatever the statement: %i %s %s', async (...refusal) => {
    for (const [, ask] of WAYS) {
      const { db, sent, pauses } = refusing(2, refusal)
      await ask(db, 'update businesses set name = name where false')
      expect([sent.length, pauses]).toEqual([3, [250, 500]])
      const read = refusing(2, refusal)
      await ask(read.db, 'select 1')
      expect([read.sent.length, read.pauses]).toEqual([3, [250, 500]])
    }
  })

  it('is not asked by all at the same moment', async () => {
    const [early, late] = [refusing(1, BUCKET, 0), refusing(1, BUCKET, 0.99)]
    await Promise.all([early, late].map(async ({ db }) => db.execute(sql`select 1`)))
    expect([early.pauses, late.pauses]).toEqual([[125], [372.5]])
  })

  it('is given up after seconds, and sooner where the caller has less time', async () => {
    for (const [, ask] of WAYS) {
      const { db, pauses } = refusing(1000)
      const error = await fail(ask(db, 'select 1'))
      expect([isOverloaded(error), isConnectionFailure(error)]).toEqual([true, true])
      expect(pauses).toEqual([250, 500, 1000, 2000, 4000])
    }
    const { db, pauses } = refusing(1000)
    expect(await fail(db.call('call store_delivery()', [], 1000))).toSatisfy(isOverloaded)
    expect(pauses).toEqual([250, 500])
  })

  it('is not seen in other failures, nor in what a statement quotes', async () => {
    const down = client(async () => Response.json({ message: 'Control plane request failed' }, { status: 500 }))
    expect(await fail(down.db.execute(sql`update businesses set name = name`))).not.toSatisfy(isOverloaded)
    const { db, sent } = client()
    expect(await fail(db.execute(sql`select ${BUCKET[2]}::uuid`))).not.toSatisfy(isOverloaded)
    expect([down.sent.length, sent.length]).toEqual([1, 1])
  })

  it('is no statement of Postgres where its proxy has lost it', async () => {
    const lost = client(async () => Response.json({ message: 'connection closed', code: '' }, { status: 400 }))
    expect(await fail(lost.db.execute(sql`update businesses set name = name`))).toSatisfy(isConnectionFailure)
  })
})
