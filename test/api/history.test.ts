import { describe, expect, it } from 'vitest'
import { createWriter, gone, transaction, type Writer } from '#test/pages.ts'
import { allTransactions, createSalonTenant } from '#test/tenants.ts'

async function historyOf({ salon }: Writer, externalId: string, search = '') {
  const row = (await allTransactions(salon)).find((one) => one.externalId === externalId)
  return salon.call('GET', `${salon.path}/transactions/${row?.id ?? ''}/history${search}`)
}

describe('the history of a transaction', () => {
  it('shows each change with what was before and after, its source, run and time, newest first', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a'), transaction('b')])
    await writer.write([transaction('a', { amountMinor: 20_000 })])
    await writer.write([gone('a')])
    const { status, json } = await historyOf(writer, 'a')
    expect(status).toBe(200)
    expect(json.items).toMatchObject([
      {
        ...{ source: 'manual', runId: writer.run.id, before: { status: 'paid', amountMinor: 20_000 } },
        after: { status: 'cancelled', amountMinor: 20_000 },
      },
      { before: { status: 'paid', amountMinor: 10_000 }, after: { status: 'paid', amountMinor: 20_000 } },
    ])
    const [last, first] = json.items
    const [now] = await allTransactions(writer.salon)
    expect(last.after).toEqual(now)
    expect(first.after).toEqual(last.before)
    expect(last.changeSeq).toBe(now.changeSeq)
    expect(Date.parse(last.at)).toBeGreaterThanOrEqual(Date.parse(first.at))
  })

  it('is empty for what never changed', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    await writer.write([transaction('a')])
    expect((await historyOf(writer, 'a')).json).toEqual({ items: [], nextCursor: null })
  })

  it('comes in pages', async () => {
    const writer = await createWriter()
    for (let amountMinor = 1; amountMinor <= 6; amountMinor += 1)
      await writer.write([transaction('a', { amountMinor })])
    const amounts: number[][] = []
    let search = '?limit=2'
    for (;;) {
      const { json } = await historyOf(writer, 'a', search)
      amounts.push(
        ...json.items.map((item: { before: { amountMinor: number }; after: { amountMinor: number } }) => [
          item.before.amountMinor,
          item.after.amountMinor,
        ]),
      )
      if (json.nextCursor === null) break
      search = `?limit=2&cursor=${json.nextCursor}`
    }
    expect(amounts).toEqual([
      [5, 6],
      [4, 5],
      [3, 4],
      [2, 3],
      [1, 2],
    ])
  })

  it('refuses a cursor of another list', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    expect((await historyOf(writer, 'a', '?cursor=nonsense')).status).toBe(400)
  })

  it('is found only under its own integration', async () => {
    const writer = await createWriter()
    await writer.write([transaction('a')])
    const [row] = await allTransactions(writer.salon)
    const other = await createSalonTenant()
    expect((await other.call('GET', `${other.path}/transactions/${row.id}/history`)).status).toBe(404)
    expect((await other.call('GET', `${writer.salon.path}/transactions/${row.id}/history`)).status).toBe(404)
    expect((await other.call('GET', `${other.path}/transactions/${crypto.randomUUID()}/history`)).status).toBe(404)
  })
})
