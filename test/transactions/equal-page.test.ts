// A page that brings nothing new is sent as hashes. It leaves everything as a page sent whole would.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { createWriter, gone, query, transaction, type Writer } from '#test/pages.ts'
import { allTransactions } from '#test/tenants.ts'

async function sent(writer: Writer, records: readonly MappedRecord[]): Promise<number> {
  const before = writer.salon.context.roundTrips()
  await writer.write(records, { ...writer.position(), isQuiet: true })
  return writer.salon.context.roundTrips() - before
}

async function stateOf({ salon, run }: Writer) {
  const [row] = await query(
    salon,
    sql`select r.pages, r.fetched, r.unchanged, r.skipped, r.cursor, r.brake_window_from <= '2025-01-01' as is_wide,
      i.page_seq::int, i.change_seq::int from sync_runs r join crm_integrations i on i.id = r.integration_id
      where r.id = ${run.id}::uuid`,
  )
  return row
}

it('moves cursor, counters, change counter and the period of the brake in one request', async () => {
  const writer = await createWriter(undefined, 'schedule')
  const page = [transaction('a'), transaction('b', { occurredAt: '2025-01-01T00:00:00Z' })]
  await writer.write(page)
  expect(await sent(writer, [...page, transaction('c', { status: 'unpaid' }), gone('d')])).toBe(1)
  expect(await stateOf(writer)).toEqual({
    ...{ pages: 2, fetched: 6, unchanged: 2, skipped: 2, cursor: { at: 2 }, is_wide: true, page_seq: 6, change_seq: 6 },
  })
})

it.each([
  ['a new sale', transaction('new')],
  ['a changed one', transaction('a', { amountMinor: 1 })],
  ['one that is gone', gone('a')],
  ['one that is missing', { type: 'missing', externalId: 'a' } as const],
  ['a newer version of the same content', transaction('a', { sourceUpdatedAt: '2026-11-01T10:00:01Z' })],
  ['an alias', { ...transaction('a'), alias: 'receipt' } as MappedRecord],
  ['an unreadable record', { type: 'unmapped', externalId: 'x', reason: 'odd', raw: {} } as const],
])('is sent whole with %s', async (_, record) => {
  const writer = await createWriter(undefined, 'schedule')
  await writer.write([transaction('a'), transaction('b')])
  expect(await sent(writer, [record, transaction('b')])).toBe(record.type === 'unmapped' ? 1 : 2)
})

it('is sent whole under new settings, and where a record was in quarantine', async () => {
  const writer = await createWriter(undefined, 'schedule')
  await writer.write([transaction('a'), { type: 'unmapped', externalId: 'b', reason: 'odd', raw: {} }])
  expect(await sent(writer, [transaction('a')])).toBe(1)
  expect(await sent(writer, [transaction('a'), transaction('b')])).toBe(2)
  expect((await writer.salon.call('GET', `${writer.salon.path}/quarantine`)).json.items).toEqual([])
  const { integrationId } = writer.salon
  await query(
    writer.salon,
    sql`update crm_integrations set settings_epoch = settings_epoch + 1 where id = ${integrationId}::uuid`,
  )
  expect(await sent(writer, [transaction('a')])).toBe(2)
})

it('makes a read of a hook that began before it be checked once more', async () => {
  const writer = await createWriter(undefined, 'schedule')
  const old = transaction('a', { sourceUpdatedAt: null, amountMinor: 1 })
  await writer.write([old])
  const snapshotSeq = writer.position().changeSeq
  expect(await sent(writer, [old])).toBe(1)
  const { salon, run } = writer
  const records = [transaction('a', { sourceUpdatedAt: null, amountMinor: 7 })]
  const { settingsEpoch } = run.integration
  const write = { integrationId: salon.integrationId, settingsEpoch, snapshotSeq, records, canRecheck: true }
  expect(await writeRecords(salon.context, write)).toMatchObject({ updated: 1, rechecks: 1 })
})

it('overwrites nothing that a hook brought between the hashes and the page', async () => {
  const writer = await createWriter(undefined, 'schedule')
  const old = transaction('a', { sourceUpdatedAt: null })
  await writer.write([old])
  const { salon, run } = writer
  const from = writer.position()
  const records = [transaction('a', { sourceUpdatedAt: null, amountMinor: 7 })]
  const { settingsEpoch } = run.integration
  const write = { integrationId: salon.integrationId, settingsEpoch, snapshotSeq: from.changeSeq, records }
  await writeRecords(salon.context, { ...write, canRecheck: true })
  await writer.write([old, transaction('b')], { ...from, isQuiet: true })
  expect(await allTransactions(salon)).toMatchObject([{ externalId: 'a', amountMinor: 7 }, { externalId: 'b' }])
})

it('refuses a worker whose lease has passed on, and writes once when its answer is lost', async () => {
  const writer = await createWriter(undefined, 'schedule')
  await writer.write([transaction('a')])
  const first = { ...writer.position(), isQuiet: true }
  writer.salon.context.databaseFaults.push('unanswered')
  expect(await writer.write([transaction('a')], first)).toMatchObject({ pages: 2 })
  expect(await writer.write([transaction('a')], first)).toBeNull()
  expect(await stateOf(writer)).toMatchObject({ pages: 2, fetched: 2, unchanged: 1 })
})

it('is sent whole by a person’s scan, which sees what hashes do not', async () => {
  const writer = await createWriter()
  await writer.write([transaction('a')])
  const { integrationId } = writer.salon
  await query(
    writer.salon,
    sql`update crm_transactions set amount_minor = 7 where integration_id = ${integrationId}::uuid`,
  )
  expect(await sent(writer, [transaction('a')])).toBe(1)
  expect(await allTransactions(writer.salon)).toMatchObject([{ amountMinor: 10_000 }])
})
