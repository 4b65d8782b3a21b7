// Files that were once read wrongly, by the number of their case: money, identity, customers and totals.
import { describe, expect, it } from 'vitest'
import type { Given } from '#crm/imports.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { answering, askedOf, givenFor, readFile } from '#test/csv.ts'

const FILES = import.meta.glob<string>('/test/fixtures/csv/*.csv', { query: '?raw', import: 'default', eager: true })

function fileOf(number: string): string {
  const found = Object.entries(FILES).find(([path]) => path.includes(`/csv/${number}`))
  if (!found) throw new Error(`there is no case ${number}`)
  return found[1]
}

const USD = { fallback: { currency: 'USD', timezone: 'America/New_York' } }

async function outcome(number: string, settings = {}, more: Partial<Given<Settings>> = {}) {
  const given = givenFor(settings, more)
  const asked = (await askedOf(fileOf(number), given)).map(({ code }) => code)
  const { sales } = await readFile(fileOf(number), settings, undefined, given)
  const paid = sales.filter(({ status }) => status === 'paid').map(({ amountMinor }) => amountMinor / 100)
  return { asked, paid: paid.toSorted((a, b) => b - a), sales }
}

describe('the sum of a sale', () => {
  it.each([
    ['001', [100, -50]],
    ['002', [100, -50]],
    ['003', [350]],
    ['005', [1000]],
    ['006', [1000]],
    ['007', [1234.5]],
    ['009', [900]],
    ['010', [120]],
    ['011', [21.9]],
    ['013', [48_500]],
    ['014', [350]],
    ['015', [40]],
    ['017', [250]],
    ['018', [100, -100]],
    ['034', [100, -40]],
    ['035', [100]],
    ['037', [100, -40]],
    ['041', [123.45]],
    ['042', [12_500]],
    ['043', [200, 100]],
    ['047', [100]],
    ['083', [34.16]],
    ['113', [100]],
  ])('%s is %j without a question', async (number, expected) => {
    expect(await outcome(number)).toMatchObject({ asked: [], paid: expected })
  })

  it('019: a sale and its refund share an id over their lines', async () => {
    const { sales } = await outcome('019', { mapping: { amount: 'Net Sales' }, rows: 'lines' }, USD)
    expect(
      sales.map(({ externalId, kind, amountMinor, occurredAt }) => [externalId, kind, amountMinor, occurredAt]),
    ).toEqual([
      ['T1', 'sale', 10_000, '2024-03-02T14:14:00Z'],
      ['T1:refund', 'refund', -10_000, '2024-03-05T15:00:00Z'],
    ])
  })

  it('039: is in the currency of its cell', async () => {
    const { sales } = await outcome('039')
    expect(sales.map(({ amountMinor, currency }) => [amountMinor, currency])).toEqual([
      [10_000, 'USD'],
      [5000, 'EUR'],
    ])
  })

  it('046: counts the lines below it that have no number', async () => {
    expect(await outcome('046', { rows: 'lines' })).toMatchObject({ asked: [], paid: [150] })
  })

  it('051: is at the time of its own zone', async () => {
    expect((await outcome('051', {}, USD)).sales).toMatchObject([{ occurredAt: '2024-03-03T07:30:00Z' }])
  })
})

describe('what cannot be told is asked', () => {
  it.each([
    ['022', 'words_unknown'],
    ['023', 'words_unknown'],
    ['038', 'negative_sums'],
    ['053-ambiguous-no-id-doubles-a', 'date_order'],
    ['054', 'date_order'],
    ['119', 'negative_sums'],
  ])('%s: %s', async (number, code) => {
    expect((await outcome(number)).asked).toEqual([code])
  })

  it('022: known words of the column keep their meaning, and the answer gives the other one', async () => {
    const [doubt] = await askedOf(fileOf('022'))
    expect(doubt).toMatchObject({
      columns: ['Статус'],
      choices: expect.arrayContaining([
        { id: 'words_unknown:Статус:Готовится:unpaid', label: expect.anything(), count: 1, totalMinor: 10_000 },
        { id: 'words_unknown:Статус:Готовится:paid', label: expect.anything(), count: 2, totalMinor: 40_000 },
      ]),
    })
    const given = answering('words_unknown:Статус:Готовится:paid')
    expect(await outcome('022', {}, given)).toMatchObject({ asked: [], paid: [300, 100] })
  })

  it('119: names both columns', async () => {
    expect(await askedOf(fileOf('119'))).toMatchObject([{ columns: ['Paid in', 'Paid out'] }])
  })

  it('038: is answered once, by a choice or by the settings', async () => {
    expect(await outcome('038', { negative: 'refund' })).toMatchObject({ asked: [], paid: [1000, -500] })
    expect(await outcome('038', {}, answering('negative_sums:ignore'))).toMatchObject({ asked: [], paid: [1000] })
  })
})

describe('the customer', () => {
  it.each(['083', '085', '086'])('%s is nobody', async (number) => {
    expect((await outcome(number, {}, USD)).sales).toMatchObject([{ customer: null }])
  })

  it('086: is not the number of the order', async () => {
    expect((await outcome('086', {}, USD)).sales).toMatchObject([{ externalId: '1001' }])
  })
})

describe('the same sale again', () => {
  const sameSales = async (number: string) => {
    const [a, b] = [await outcome(`${number}-a`), await outcome(`${number}-b`)]
    expect(a.sales).toHaveLength(1)
    expect(a.sales).toEqual(b.sales)
  }

  it('094: is one in whatever order the columns are', async () => {
    const [a, b] = [await outcome('094-columns-reordered-a'), await outcome('094-columns-reordered-b')]
    expect([a.asked, a.sales]).toEqual([[], b.sales])
    expect(a.sales).toMatchObject([{ occurredAt: '2024-03-02T06:14:00Z' }])
  })

  it('097: is one with a comment', async () => {
    await sameSales('097-comment-added-no-id')
  })

  it('095: is asked about where its number has lost zeros', async () => {
    const [stored] = (await outcome('095-leading-zeros-lost-a')).sales
    const twins: Given<Settings>['twins'] = async () => (stored ? [stored] : [])
    expect(await outcome('095-leading-zeros-lost-b', {}, { twins })).toMatchObject({ asked: ['seem_stored'] })
    expect(await outcome('095-leading-zeros-lost-b', {}, { twins, ...answering('seem_stored:store') })).toMatchObject({
      asked: [],
    })
  })

  it('021: is another one of another till, or a corrected one, as is answered', async () => {
    const [stored] = (await outcome('021-other-till-overwrites-a')).sales
    if (!stored) throw new Error('nothing was read')
    const known = { ...stored, locationId: null }
    const storedSales: Given<Settings>['storedSales'] = async (ids) =>
      new Map(ids.includes(stored.externalId) ? [[stored.externalId, known]] : [])
    const read = async (more: Partial<Given<Settings>> = {}) =>
      outcome('021-other-till-overwrites-b', {}, { storedSales, ...more })
    expect(await read()).toMatchObject({ asked: ['number_reused'] })
    expect(await read(answering('number_reused:corrected'))).toMatchObject({
      ...{ asked: [], sales: [{ externalId: '1@2024-03-02' }] },
    })
    expect(await read(answering('number_reused:other_till'))).toMatchObject({
      ...{ asked: [], sales: [{ externalId: '1@2024-03-02T18:40:00' }] },
    })
  })
})
