import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { writePage } from '#sync/write-page.ts'
import { allTransactions } from '#test/tenants.ts'
import { createWriter, gone, query, releaseBrake, transaction, type Writer } from '#test/pages.ts'

async function rows({ salon }: Writer) {
  return allTransactions(salon)
}

async function history({ salon, run }: Writer) {
  return query(
    salon,
    sql`select before ->> 'status' as status, (before ->> 'amount_minor')::int as amount, source, change_seq::int as seq
      from transaction_changes where integration_id = ${run.integrationId}::uuid order by change_seq`,
  )
}

async function counters({ salon, run }: Writer) {
  const [row] = await query(
    salon,
    sql`select pages, fetched, inserted, updated, unchanged, skipped, quarantined from sync_runs where id = ${run.id}::uuid`,
  )
  return row
}

describe('what a page does to the table', () => {
  it('inserts what is paid, whatever its amount, and counts what never was as skipped', async () => {
    const writer = await createWriter()
    await writer.write([
      transaction('a'),
      transaction('zero', { amountMinor: 0 }),
      transaction('b', { status: 'unpaid' }),
      transaction('c', { status: 'cancelled' }),
      gone('d'),
    ])
    expect((await rows(writer)).map(({ externalId }) => externalId)).toEqual(['a', 'zero'])
    expect(await counters(writer)).toMatchObject({ pages: 1, fetched: 5, inserted: 2, skipped: 3, unchanged: 0 })
  })

  it('makes one row of an id that comes twice, in one page or in two', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a'), transaction('a', { amountMinor: 5 }), transaction('a', { amountMinor: 7 })])
    await writer.write([transaction('a', { amountMinor: 9, sourceUpdatedAt: '2026-11-01T11:00:00Z' })])
    expect(await rows(writer)).toMatchObject([{ externalId: 'a', amountMinor: 9 }])
  })

  it('takes the newest of several versions in one page, wherever it stands', async () => {
    const writer = await createWriter()
    const newest = transaction('a', { amountMinor: 3, sourceUpdatedAt: '2026-11-01T12:00:00Z' })
    await writer.write([newest, transaction('a', { amountMinor: 4 })])
    expect(await rows(writer)).toMatchObject([{ amountMinor: 3 }])
  })

  it('stores a record that was paid in an older version of the same page', async () => {
    const writer = await createWriter()
    const withdrawn = transaction('a', { status: 'unpaid', sourceUpdatedAt: '2026-11-01T12:00:00Z' })
    await writer.write([transaction('a'), withdrawn])
    expect(await rows(writer)).toMatchObject([{ status: 'unpaid' }])
  })

  it('never lets an older version overwrite a newer one', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a', { sourceUpdatedAt: '2026-11-01T12:00:00Z' })])
    await writer.write([transaction('a', { amountMinor: 1, sourceUpdatedAt: '2026-11-01T11:59:59Z' })])
    expect(await rows(writer)).toMatchObject([{ amountMinor: 10_000 }])
    expect(await counters(writer)).toMatchObject({ updated: 0, unchanged: 1 })
  })

  it('remembers the version of an equal record, so that what came between stays out', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    await writer.write([transaction('a', { sourceUpdatedAt: '2026-11-01T12:00:00Z' })])
    await writer.write([transaction('a', { amountMinor: 1, sourceUpdatedAt: '2026-11-01T11:00:00Z' })])
    expect(await rows(writer)).toMatchObject([{ amountMinor: 10_000, changeSeq: 1 }])
  })

  it('overwrites at an equal version time when the content differs', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    await writer.write([transaction('a', { amountMinor: 1 })])
    expect(await rows(writer)).toMatchObject([{ amountMinor: 1 }])
  })

  it('keeps the number of an equal record, in whatever order its keys stand', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    const items = [{ amountMinor: 10_000, quantity: 1, name: 'Стрижка', externalId: '1' }]
    await writer.write([transaction('a', { items })])
    expect(await rows(writer)).toMatchObject([{ changeSeq: 1 }])
    expect(await history(writer)).toEqual([])
    expect(await counters(writer)).toMatchObject({ inserted: 1, updated: 0, unchanged: 1 })
  })

  it('follows a record that was paid, keeps the time of the sale and writes down what it was', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    const later = '2026-11-02T10:00:00Z'
    await writer.write([
      transaction('a', { status: 'unpaid', amountMinor: 0, occurredAt: later, sourceUpdatedAt: later }),
    ])
    expect(await rows(writer)).toMatchObject([
      { status: 'unpaid', amountMinor: 0, occurredAt: '2026-11-01T09:30:00.000Z', changeSeq: 2 },
    ])
    expect(await history(writer)).toEqual([{ status: 'paid', amount: 10_000, source: 'manual', seq: 2 }])
  })

  it('cancels what is gone and keeps everything else of it', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    await writer.write([gone('a')])
    expect(await rows(writer)).toMatchObject([{ status: 'cancelled', amountMinor: 10_000, customer: { name: 'Анна' } }])
    await writer.write([gone('a')])
    expect(await counters(writer)).toMatchObject({ updated: 1, unchanged: 1 })
  })

  it('leaves a record alone that was stored after the vendor was asked', async () => {
    const writer = await createWriter()
    const before = writer.position()
    await writer.write([transaction('a', { sourceUpdatedAt: null })])
    // A second look that was begun before the first one was stored.
    const stale = { ...writer.position(), changeSeq: before.changeSeq }
    await writer.write([transaction('a', { amountMinor: 1, sourceUpdatedAt: null })], stale)
    expect(await rows(writer)).toMatchObject([{ amountMinor: 10_000 }])
    await writer.write([transaction('a', { amountMinor: 2, sourceUpdatedAt: null })])
    expect(await rows(writer)).toMatchObject([{ amountMinor: 2 }])
  })

  it('quarantines what would not fit the table and stores the rest of the page', async () => {
    const writer = await createWriter()
    await writer.write([
      ...['a', 'a1', 'a2', 'a3'].map((id) => transaction(id)),
      transaction('b', { amountMinor: 0.5 }),
      transaction('c', { currency: '₽' }),
      transaction('d', { occurredAt: 'yesterday' }),
      transaction('x'.repeat(300)),
    ])
    expect((await rows(writer)).map(({ externalId }) => externalId)).toEqual(['a', 'a1', 'a2', 'a3'])
    expect(await counters(writer)).toMatchObject({ fetched: 8, inserted: 4, quarantined: 4 })
  })

  it('stores texts that Postgres would refuse: NUL and half characters', async () => {
    const writer = await createWriter()
    const customer = { externalId: null, name: 'А\0нна \ud800', phone: null, email: null, card: null }
    await writer.write([transaction('a', { customer })])
    expect(await rows(writer)).toMatchObject([{ customer: { name: 'Анна �' } }])
  })

  it('writes a page of thousands of records whole', async () => {
    const writer = await createWriter()
    await writer.write(Array.from({ length: 2500 }, (_, index) => transaction(`t${index}`)))
    expect(await rows(writer)).toHaveLength(2500)
    expect(await counters(writer)).toMatchObject({ pages: 3, fetched: 2500, inserted: 2500 })
  })

  it('writes a thousand records of every kind in one round trip, and in two when hashes were not enough', async () => {
    const writer = await createWriter(undefined, 'schedule')
    await releaseBrake(writer)
    const page = (amountMinor: number) => Array.from({ length: 1000 }, (_, n) => transaction(`t${n}`, { amountMinor }))
    const trips: number[] = []
    for (const records of [page(1), page(1), page(1), page(2), [...page(3).slice(0, 999), gone('t999')]]) {
      const before = writer.salon.context.roundTrips()
      await writer.write(records)
      trips.push(writer.salon.context.roundTrips() - before)
    }
    expect(trips).toEqual([1, 1, 1, 2, 1])
    expect(await counters(writer)).toMatchObject({ pages: 5, inserted: 1000, unchanged: 2000, updated: 2000 })
  })

  it('moves only the cursor for an empty page', async () => {
    const writer = await createWriter()
    await writer.write([])
    expect(await counters(writer)).toMatchObject({ pages: 1, fetched: 0 })
  })
})

describe('writing once', () => {
  it('writes a page once when the answer to it is lost', async () => {
    const writer = await createWriter()
    writer.salon.context.databaseFaults.push('unanswered')
    const position = await writer.write([transaction('a')])
    expect(position).toMatchObject({ pages: 1 })
    expect(await rows(writer)).toMatchObject([{ externalId: 'a', changeSeq: 1 }])
    expect(await counters(writer)).toMatchObject({ pages: 1, inserted: 1, fetched: 1 })
    expect(await writer.write([transaction('b')])).toMatchObject({ pages: 2 })
  })

  it('writes a page that never reached the database', async () => {
    const writer = await createWriter()
    writer.salon.context.databaseFaults.push('unsent', 'unsent')
    expect(await writer.write([transaction('a')])).toMatchObject({ pages: 1 })
    expect(await counters(writer)).toMatchObject({ pages: 1, inserted: 1 })
  })

  it('refuses a page that was written before', async () => {
    const writer = await createWriter()
    const first = writer.position()
    await writer.write([transaction('a')])
    expect(await writer.write([transaction('b')], first)).toBeNull()
    expect((await rows(writer)).map(({ externalId }) => externalId)).toEqual(['a'])
  })

  it('writes nothing for a worker whose lease has passed on', async () => {
    const writer = await createWriter()
    const { salon, run } = writer
    const stale = { ...run, leaseEpoch: run.leaseEpoch - 1 }
    const page = { records: [transaction('a')], cursor: {} }
    expect(await writePage(salon.context, stale, writer.position(), page)).toBeNull()
    expect(await rows(writer)).toEqual([])
  })

  it('writes nothing of a page when one part of it fails', async () => {
    const writer = await createWriter()
    const { salon, run } = writer
    const source = 'nobody' as unknown as typeof run.trigger
    await writer.write([transaction('a')])
    const page = { records: [transaction('b'), transaction('a', { amountMinor: 1 })], cursor: {} }
    await expect(writePage(salon.context, { ...run, trigger: source }, writer.position(), page)).rejects.toThrow()
    expect(await rows(writer)).toMatchObject([{ externalId: 'a', amountMinor: 10_000 }])
    expect(await counters(writer)).toMatchObject({ pages: 1, inserted: 1 })
  })
})

describe('rows of a file', () => {
  const rejected = (line: number, change: object = {}): MappedRecord => ({
    ...{ type: 'unmapped', externalId: null, reason: 'amount_unreadable', raw: '17;Анна +79001234567;x' },
    ...{ sourceLine: { line, column: 'Сумма' }, ...change },
  })

  async function rejectedOf({ salon, run }: Writer) {
    return query(
      salon,
      sql`select line::int, column_name, reason, raw from rejected_rows where run_id = ${run.id}::uuid order by line`,
    )
  }

  it('that are rejected are kept with the run as they were or not at all, and not in quarantine', async () => {
    const writer = await createWriter()
    await writer.write([
      transaction('a'),
      rejected(3),
      rejected(7, { raw: 'x'.repeat(10_000), sourceLine: { line: 7, column: null } }),
      rejected(9, { raw: 'x'.repeat(10_001), sourceLine: { line: 9, column: null } }),
    ])
    expect(await rejectedOf(writer)).toEqual([
      { line: 3, column_name: 'Сумма', reason: 'amount_unreadable', raw: '17;Анна +79001234567;x' },
      { line: 7, column_name: null, reason: 'amount_unreadable', raw: 'x'.repeat(10_000) },
      { line: 9, column_name: null, reason: 'amount_unreadable', raw: null },
    ])
    expect(await counters(writer)).toMatchObject({ fetched: 4, inserted: 1, quarantined: 3 })
    expect((await writer.salon.call('GET', `${writer.salon.path}/quarantine`)).json.items).toEqual([])
  })

  it('may be wrong from the first to the last: that is no unknown format', async () => {
    const writer = await createWriter()
    expect(await writer.write([rejected(2), rejected(3), rejected(4)])).not.toBeNull()
    expect(await counters(writer)).toMatchObject({ quarantined: 3 })
  })

  it('that are no sales are counted as skipped, once however many statements a page takes', async () => {
    const writer = await createWriter()
    const records = Array.from({ length: 1001 }, (_, n) => transaction(`s${n}`))
    const page = { records, cursor: { at: 1 }, skipped: 2 }
    await writePage(writer.salon.context, writer.run, writer.position(), page)
    expect(await counters(writer)).toMatchObject({ fetched: 1003, inserted: 1001, skipped: 2, unchanged: 0 })
  })
})
