// One sale, shown by several feeds of a vendor under ids of their own, is one row.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import type { MappedRecord } from '#crm/contract.ts'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { allTransactions } from '#test/tenants.ts'
import { createWriter, gone, query, transaction, type Writer } from '#test/pages.ts'

function known(alias: string, externalId: string, change = {}): MappedRecord {
  const record = transaction(externalId, change)
  return record.type === 'transaction' ? { ...record, alias } : record
}

async function ids({ salon }: Writer) {
  return (await allTransactions(salon)).map(({ externalId, status }) => [externalId, status])
}

it.each([
  ['the cloud', 'the till'],
  ['the till', 'the cloud'],
])('keeps the first of two feeds that show a sale: %s before %s', async (first, second) => {
  const writer = await createWriter()
  await writer.write([known('receipt 1', first)])
  await writer.write([known('receipt 1', second), known('receipt 2', `another of ${second}`)])
  expect(await ids(writer)).toEqual([
    [`another of ${second}`, 'paid'],
    [first, 'paid'],
  ])
  const [run] = await query(writer.salon, sql`select skipped from sync_runs where id = ${writer.run.id}::uuid`)
  expect(run).toEqual({ skipped: 1 })
})

it('does not let a cancelled sale come back under another id', async () => {
  const writer = await createWriter()
  await writer.write([known('receipt 1', 'a')])
  await writer.write([gone('a')])
  await writer.write([known('receipt 1', 'b')])
  expect(await ids(writer)).toEqual([['a', 'cancelled']])
})

it('learns an alias that a sale gets only later, and lets the sale itself change as ever', async () => {
  const writer = await createWriter()
  await writer.write([transaction('a')])
  await writer.write([known('receipt 1', 'a', { amountMinor: 5, sourceUpdatedAt: '2026-11-01T11:00:00Z' })])
  await writer.write([known('receipt 1', 'b')])
  expect(await allTransactions(writer.salon)).toMatchObject([{ externalId: 'a', amountMinor: 5 }])
})

it('learns an alias although nothing else has changed', async () => {
  const writer = await createWriter()
  await writer.write([transaction('a')])
  await writer.write([known('receipt 1', 'a')])
  await writer.write([known('receipt 1', 'b')])
  expect(await ids(writer)).toEqual([['a', 'paid']])
})

it('keeps one of two that come on the same page', async () => {
  const writer = await createWriter()
  await writer.write([known('receipt 1', 'a'), known('receipt 1', 'b'), transaction('c'), transaction('d')])
  expect(new Set((await ids(writer)).map(([id]) => id))).toEqual(new Set(['a', 'c', 'd']))
})

it('tells which aliases are known, and those of no other tenant', async () => {
  const [writer, other] = [await createWriter(), await createWriter()]
  await writer.write([known('receipt 1', 'a')])
  await other.write([known('receipt 2', 'b')])
  const row = await findForSession(writer.salon.context.db, writer.salon.integrationId, null)
  if (!row) throw new Error('no integration')
  const session = await openSession(writer.salon.context, row)
  expect([...(await session.aliases(['receipt 1', 'receipt 2', 'receipt 3']))]).toEqual(['receipt 1'])
  expect((await session.aliases([])).size).toBe(0)
  expect(await ids(other)).toEqual([['b', 'paid']])
})
