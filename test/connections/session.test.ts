// What a connector may ask about the sales that are stored.
import { expect, it } from 'vitest'
import { findForSession } from '#integrations/queries.ts'
import { openSession } from '#connections/session.ts'
import { createWriter, gone, transaction, type Writer } from '#test/pages.ts'

async function sessionOf({ salon }: Writer) {
  const row = await findForSession(salon.context.db, salon.integrationId, null)
  if (!row) throw new Error('no integration')
  return openSession(salon.context, row)
}

it('tells what is stored of a sale, a cancelled one too, and nothing of what is not', async () => {
  const writer = await createWriter()
  await writer.write([transaction('a'), transaction('b', { amountMinor: 5, customer: null }), transaction('c')])
  await writer.write([gone('b')])
  const stored = await (await sessionOf(writer)).storedSales(['a', 'b', 'never'])
  const items = [{ externalId: '1', name: 'Стрижка', quantity: 1, amountMinor: 10_000 }]
  const same = { currency: 'RUB', items, locationId: null, sourceUpdatedAt: expect.any(String) }
  expect(Object.fromEntries(stored)).toEqual({
    a: {
      ...same,
      kind: 'sale',
      status: 'paid',
      amountMinor: 10_000,
      occurredAt: '2026-11-01T09:30:00.000Z',
      customer: { externalId: '7', name: 'Анна', phone: '+79001234567', email: null, card: null },
    },
    b: {
      ...same,
      kind: 'sale',
      status: 'cancelled',
      amountMinor: 5,
      occurredAt: '2026-11-01T09:30:00.000Z',
      customer: null,
    },
  })
})

it('tells nothing of another tenant’s sales, and asks nobody about no sales at all', async () => {
  const [writer, other] = [await createWriter(), await createWriter()]
  await other.write([transaction('a')])
  const session = await sessionOf(writer)
  expect((await session.storedSales(['a'])).size).toBe(0)
  const before = writer.salon.context.roundTrips()
  expect((await session.storedSales([])).size).toBe(0)
  expect(writer.salon.context.roundTrips()).toBe(before)
})
