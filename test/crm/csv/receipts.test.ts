// Receipts of several rows, and refunds that have the number of their sale.
import { describe, expect, it } from 'vitest'
import { answering, askedOf, givenFor, readFile } from '#test/csv.ts'

const table = (header: string, rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`
const byId = async (content: string, settings = {}) =>
  new Map((await readFile(content, settings)).sales.map(({ externalId, ...sale }) => [externalId, sale]))
const idsOf = async (content: string, settings = {}) => [...(await byId(content, settings)).keys()].toSorted()

describe('rows of one receipt', () => {
  const FISCAL = 'ФН №;ФД №;Дата чека;Тип операции;Наименование;Сумма'
  const line = (document: number, name: string, sum: string, kind = 'приход', time = '10:00') =>
    `9960440300000001;${document};02.03.2024 ${time};${kind};${name};${sum}`

  it('are one sale under the fiscal drive and document, wherever they stand', async () => {
    const rows = [
      line(1, 'Кофе', '150'),
      line(2, 'Чай', '90'),
      line(1, 'Кофе', '150'),
      line(1, 'Скидка', '-30'),
      line(3, 'Чай', '90', 'возврат прихода'),
    ]
    const sales = await byId(table(FISCAL, rows))
    expect([...sales].map(([id, { kind, amountMinor }]) => [id, kind, amountMinor])).toEqual([
      ['9960440300000001:1', 'sale', 27_000],
      ['9960440300000001:2', 'sale', 9000],
      ['9960440300000001:3', 'refund', -9000],
    ])
    expect(await byId(table(FISCAL, rows.toReversed()))).toEqual(new Map([...sales].toReversed()))
  })

  it('without goods in them add up by means of payment, and count once when they were exported twice', async () => {
    const header = 'Номер ФН,Номер ФД,Дата,Сумма,Способ оплаты'
    const rows = [
      '99,1,2024-03-02 10:00,100,наличные',
      '99,1,2024-03-02 10:00,100,карта',
      '99,2,2024-03-02 11:00,70,карта',
      '99,2,2024-03-02 11:00,70,карта',
    ]
    const sales = await byId(table(header, rows))
    expect([...sales].map(([id, { amountMinor }]) => [id, amountMinor])).toEqual([
      ['99:1', 20_000],
      ['99:2', 7000],
    ])
  })

  it('that all say the receipt’s whole sum say it once', async () => {
    const rows = ['17;02.03.2024;Кофе;240', '17;02.03.2024;Чай;240', '18;02.03.2024;Чай;90']
    const sales = await byId(table('Номер заказа;Дата;Товар;Сумма заказа', rows))
    expect([...sales].map(([id, { amountMinor }]) => [id, amountMinor])).toEqual([
      ['17', 24_000],
      ['18', 9000],
    ])
  })

  it('that contradict each other are no sale, and are told by their lines', async () => {
    const mixed = [line(1, 'Кофе', '150'), line(1, 'Чай', '90', 'возврат прихода'), line(2, 'Чай', '90')]
    const { sales, rejected } = await readFile(table(FISCAL, mixed))
    expect(sales.map(({ externalId }) => externalId)).toEqual(['9960440300000001:2'])
    expect(rejected).toEqual([
      { line: 2, column: null, reason: 'receipt_mixed', raw: mixed[0] },
      { line: 3, column: null, reason: 'receipt_mixed', raw: mixed[1] },
    ])
    const sums = ['17;02.03.2024;Кофе;240', '17;02.03.2024;Чай;250']
    expect((await readFile(table('Номер заказа;Дата;Товар;Сумма заказа', sums))).rejected).toMatchObject([
      { line: 2, reason: 'receipt_mixed' },
      { line: 3, reason: 'receipt_mixed' },
    ])
  })

  it('of which one was rejected are no sale of the rest of the sum', async () => {
    const rows = [line(1, 'Кофе', '150'), line(1, 'Чай', 'х'), line(2, 'Чай', '90'), line(3, 'Чай', '')]
    for (const order of [rows, rows.toReversed()]) {
      const { sales, rejected } = await readFile(table(FISCAL, order))
      expect(sales.map(({ externalId, amountMinor }) => [externalId, amountMinor])).toEqual([
        ['9960440300000001:2', 9000],
      ])
      expect(rejected.map(({ reason }) => reason).toSorted()).toEqual([
        'amount_unreadable',
        'no_amount',
        'receipt_incomplete',
      ])
    }
    const daily = ['17;02.03.2024;Кофе;150', '17;02.03.2024;Чай;х', '17;03.03.2024;Чай;90']
    expect(await idsOf(table('№ чека;Дата;Товар;Сумма', daily))).toEqual(['17@2024-03-03'])
  })

  it('have the time of the first of them and the customer that any of them names', async () => {
    const header = 'id;Дата;Товар;Сумма;Клиент'
    const rows = ['1;02.03.2024 10:05;Чай;1;', '1;02.03.2024 10:00;Кофе;2;Анна']
    const expected = [
      [
        '1',
        expect.objectContaining({
          occurredAt: '2024-03-02T07:00:00Z',
          customer: expect.objectContaining({ name: 'Анна' }),
        }),
      ],
    ]
    expect([...(await byId(table(header, rows)))]).toEqual(expected)
    expect([...(await byId(table(header, rows.toReversed())))]).toEqual(expected)
  })

  it('are sales of their own, or lines, when the settings say so', async () => {
    const content = table('id;Дата;Товар;Сумма', ['1;02.03.2024;Чай;1', '1;02.03.2024;Кофе;2'])
    expect((await readFile(content, { rows: 'sales' })).sales.map(({ amountMinor }) => amountMinor)).toEqual([100, 200])
    const plain = table('id;Дата;Сумма', ['1;02.03.2024;1', '1;02.03.2024;2'])
    expect((await readFile(plain, { rows: 'lines' })).sales.map(({ amountMinor }) => amountMinor)).toEqual([300])
  })

  it('stay one sale when the mapping that was found is saved', async () => {
    const content = table('ФН №;ФД №;Дата;Сумма', ['99;1;02.03.2024;5', '99;1;02.03.2024;7'])
    const mapping = { id: ['ФН №', 'ФД №'], date: 'Дата', amount: 'Сумма', idScope: 'global' }
    expect(await byId(content, { mapping })).toEqual(await byId(content))
  })

  it('without a number cannot be put together: each is a sale', async () => {
    expect(await idsOf(table('Дата;Товар;Сумма', ['02.03.2024;Чай;1', '02.03.2024;Кофе;2']))).toHaveLength(2)
  })
})

describe('the lines of a receipt', () => {
  const content = table('Номер;Дата;Товар;Сумма', ['1;02.03.2024;Чай;150', '1;02.03.2024;Торт;150'])

  it('that all have one sum are asked about, as the header does not say whose it is', async () => {
    expect(await askedOf(content)).toMatchObject([
      {
        code: 'receipt_sum_repeats',
        choices: [
          { count: 1, totalMinor: 15_000 },
          { count: 1, totalMinor: 30_000 },
        ],
      },
    ])
    const given = givenFor({}, answering('receipt_sum_repeats:Сумма:add'))
    expect((await readFile(content, {}, undefined, given)).sales).toMatchObject([{ amountMinor: 30_000 }])
  })

  it('may leave out what they share with the one above, and a total below them is none', async () => {
    const rows = ['1;02.03.2024;Чай;100', ';;Торт;50', '2;03.03.2024;Чай;70', 'Итого;;;220', ';;Итого;220']
    const sales = await byId(table('№ чека;Дата;Товар;Сумма', rows))
    expect([...sales.values()].map(({ amountMinor }) => amountMinor)).toEqual([15_000, 7000])
  })

  it('may have the sum on the first of them alone', async () => {
    const rows = ['#1;2024-03-02;paid;Tea;36', '#1;;;Cake;', '#2;2024-03-02;pending;Tea;10', '#2;;;Mug;']
    const { sales, rejected } = await readFile(table('Name;Created at;Financial Status;Lineitem name;Total', rows))
    expect(rejected).toEqual([])
    expect(sales.map(({ externalId, amountMinor, status }) => [externalId, amountMinor, status])).toEqual([
      ['1', 3600, 'paid'],
      ['2', 1000, 'unpaid'],
    ])
  })

  it('with a quantity below zero go back', async () => {
    const sales = await byId(table('id;Дата;Количество;Сумма', ['1;02.03.2024;1;100', '2;02.03.2024;-1;100']))
    expect([...sales.values()].map(({ amountMinor }) => amountMinor)).toEqual([10_000, -10_000])
  })
})

describe('refunds', () => {
  const HEADER = 'ID операции;Дата;Тип операции;Сумма'
  const refund = (day: string, sum: number) => `T1;${day}.03.2024 09:14;Возврат;${sum}`
  const idsIn = async (rows: readonly string[], storedSales = givenFor().storedSales) => {
    const given = givenFor({}, { storedSales })
    return (await readFile(table(HEADER, rows), {}, undefined, given)).sales.map(({ externalId }) => externalId)
  }

  it('of one sale are as many as there are, each with an id of its own', async () => {
    const rows = ['T1;02.03.2024 09:14;Продажа;100', refund('03', 30), refund('04', 20), refund('04', 20)]
    const expected = ['T1', 'T1:refund', 'T1:refund@2024-03-04T06:14:00Z']
    expect(await idsIn(rows)).toEqual(expected)
    expect(await idsIn(rows.toReversed())).toEqual(expected)
  })

  it('alone in a file have the id of the sale that is stored behind theirs, and else that id', async () => {
    const stored = (amountMinor: number, occurredAt: string) => ({
      ...({ kind: amountMinor < 0 ? 'refund' : 'sale', status: 'paid', amountMinor, currency: 'RUB' } as const),
      ...{ occurredAt, customer: null, items: [] },
      ...{ locationId: null, sourceUpdatedAt: null },
    })
    const sale = stored(10_000, '2024-03-02T06:14:00Z')
    const first = stored(-3000, '2024-03-03T06:14:00Z')
    expect(await idsIn([refund('03', 30)])).toEqual(['T1'])
    expect(await idsIn([refund('03', 30)], async () => new Map([['T1', sale]]))).toEqual(['T1:refund'])
    const both = async () => new Map([['T1', sale] as const, ['T1:refund', first] as const])
    expect(await idsIn([refund('03', 30)], both)).toEqual(['T1:refund'])
    expect(await idsIn([refund('04', 20)], both)).toEqual(['T1:refund@2024-03-04T06:14:00Z'])
  })

  it('in a column beside the sum are refunds of their own', async () => {
    const rows = ['1;2024-03-02;100;40;Paid', '2;2024-03-02;70;70;Refunded', '3;2024-03-02;50;0;Paid']
    const sales = await byId(table('id;Date;Amount;Amount Refunded;Status', rows))
    expect([...sales].map(([id, { amountMinor, status }]) => [id, amountMinor, status])).toEqual([
      ['1', 10_000, 'paid'],
      ['1:refund', -4000, 'paid'],
      ['2', 7000, 'cancelled'],
      ['3', 5000, 'paid'],
    ])
  })
})
