// Which sale a row is: the same rows in any file and any order are the same sales.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answering, askedOf, givenFor, readFile } from '#test/csv.ts'

const table = (header: string, rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`
const byId = async (content: string, settings = {}) =>
  new Map((await readFile(content, settings)).sales.map(({ externalId, ...sale }) => [externalId, sale]))
const answered = async (content: string, ...answers: string[]) =>
  readFile(content, {}, undefined, givenFor({}, answering(...answers)))
const idsOf = async (content: string, settings = {}) => [...(await byId(content, settings)).keys()].toSorted()

describe('the id of a sale', () => {
  it.each([
    ['id', '17'],
    ['GUID заказа', '17'],
    ['Номер транзакции', '17'],
    ['Код операции', '17'],
    ['ФПД', '17'],
    ['№ чека', '17@2024-03-02'],
    ['Номер чека', '17@2024-03-02'],
    ['Чек', '17@2024-03-02'],
    ['Receipt no.', '17@2024-03-02'],
    ['№ ФД', '17@2024-03-02'],
  ])('under “%s” is %s', async (header, expected) => {
    expect(await idsOf(table(`${header};Дата;Сумма`, ['17;02.03.2024 23:30;5']))).toEqual([expected])
  })

  it('has the day of the business’s own clock', async () => {
    const content = table('Чек;Дата;Сумма', ['17;02.03.2024 23:30;5', '18;2024-03-02T23:30:00Z;5'])
    expect(await idsOf(content, { timezone: 'Asia/Vladivostok' })).toEqual(['17@2024-03-02', '18@2024-03-03'])
  })

  it('begins again or does not as the settings say', async () => {
    const content = table('№ чека;Дата;Сумма', ['17;02.03.2024;5'])
    expect(await idsOf(content, { mapping: { idScope: 'global' } })).toEqual(['17'])
    expect(await idsOf(table('id;Дата;Сумма', ['17;02.03.2024;5']), { mapping: { idScope: 'day' } })).toEqual([
      '17@2024-03-02',
    ])
  })

  it('can be made of several columns', async () => {
    const content = table('Касса;№ чека;Дата;Сумма', ['1;17;02.03.2024;5', '2;17;02.03.2024;7', ';18;02.03.2024;7'])
    const ids = await idsOf(content, { mapping: { id: ['Касса', '№ чека'], idScope: 'day' } })
    expect(ids.slice(0, 2)).toEqual(['1:17@2024-03-02', '2:17@2024-03-02'])
    expect(ids[2]).toMatch(/^row:/)
    // As whoever has two tills is told to do it: the receipts of another day are other sales.
    const days = table('Касса;№ чека;Дата;Сумма', ['1;17;02.03.2024;5', '1;17;03.03.2024;7'])
    expect(await idsOf(days, { mapping: { id: ['Касса', '№ чека'] } })).toEqual(['1:17@2024-03-02', '1:17@2024-03-03'])
  })

  it('is never the number of the row', async () => {
    expect(await idsOf(table('№;Дата;Сумма', ['1;02.03.2024;5']))).toEqual([
      expect.stringMatching(/^row:[0-9a-f]{32}:1$/),
    ])
    expect(await idsOf(table('№ п/п;Дата;Сумма', ['1;02.03.2024;5']))).toEqual([expect.stringMatching(/^row:/)])
  })

  it('under which another sale of that day stands already is rejected rather than overwritten', async () => {
    const rows = [
      '17;02.03.2024 10:00;5;Анна',
      '17;02.03.2024 11:00;7;Пётр',
      '17;03.03.2024 10:00;9;',
      '17;02.03.2024 10:00;5;Анна',
    ]
    const content = table('№ чека;Дата;Сумма;Клиент', rows)
    expect(await askedOf(content)).toMatchObject([{ code: 'ids_repeat' }])
    const { sales, rejected } = await answered(content, 'ids_repeat:№ чека:leave_out')
    expect(sales.map(({ externalId, amountMinor }) => [externalId, amountMinor])).toEqual([
      ['17@2024-03-02', 500],
      ['17@2024-03-03', 900],
      ['17@2024-03-02', 500],
    ])
    expect(rejected).toEqual([{ line: 3, column: '№ чека', reason: 'id_repeats', raw: rows[1] }])
    const tills = await answered(content, 'ids_repeat:№ чека:other_till')
    expect(tills.sales.map(({ externalId }) => externalId)).toEqual([
      ...['17@2024-03-02T10:00:00', '17@2024-03-02T11:00:00', '17@2024-03-03T10:00:00', '17@2024-03-02T10:00:00'],
    ])
    const parts = await answered(content, 'ids_repeat:№ чека:one_receipt')
    expect(parts.sales.map(({ amountMinor }) => amountMinor)).toEqual([1700, 900])
  })

  it('may come again with news where it never begins again: the last row counts', async () => {
    const content = table('id;Дата;Сумма;Статус', ['17;02.03.2024;5;оплачен', '17;02.03.2024;5;отменён'])
    expect((await readFile(content)).sales.map(({ status }) => status)).toEqual(['paid', 'cancelled'])
  })

  it.each(['№ чека', 'Номер', 'Номер документа', 'GUID заказа'])(
    'under “%s” is not overwritten by a refund of that number, nor by another part of the sum',
    async (header) => {
      const rows = ['17;02.03.2024;5;приход', '17;02.03.2024;5;возврат прихода', '18;02.03.2024;6;', '18;02.03.2024;4;']
      const content = table(`${header};Дата;Сумма;Тип операции`, rows)
      const { sales, rejected } = await answered(content, `ids_repeat:${header}:leave_out`)
      expect(sales.map(({ amountMinor }) => amountMinor)).toEqual([500, 600, -500])
      expect(sales.at(-1)?.externalId).toBe(`${sales[0]?.externalId}:refund`)
      expect(rejected).toMatchObject([{ line: 5, reason: 'id_repeats' }])
    },
  )

  it('that is the number of a document may come again on another day, and is not overwritten then', async () => {
    const content = table('Номер;Дата;Сумма', ['17;02.03.2023;5', '17;02.03.2024;5'])
    const { sales, rejected } = await answered(content, 'ids_repeat:Номер:leave_out')
    expect([sales.length, rejected.length]).toEqual([1, 1])
    const years = await answered(content, 'ids_repeat:Номер:other_till')
    expect(years.sales.map(({ externalId }) => externalId)).toEqual(['17@2023-03-02', '17@2024-03-02'])
  })

  it('is of a reasonable length', async () => {
    const { rejected } = await readFile(table('id;Дата;Сумма', [`${'9'.repeat(151)};02.03.2024;5`]))
    expect(rejected).toMatchObject([{ reason: 'id_too_long', column: 'id' }])
  })
})

describe('rows without an id', () => {
  const header = 'Дата;Сумма;Клиент'
  const coffees = [
    '02.03.2024 09:00;150;Анна',
    '02.03.2024 09:00;150;Анна',
    '02.03.2024 09:05;150;Анна',
    '02.03.2024 09:00;150;Пётр',
  ]

  it('are as many sales as there are rows, equal ones too', async () => {
    expect(await idsOf(table(header, coffees))).toHaveLength(4)
  })

  it('are told apart in thousands that are all equal', async () => {
    expect(await idsOf(table('Дата;Сумма', Array<string>(20_000).fill('02.03.2024;100')))).toHaveLength(20_000)
  })

  it('are the same sales in any order and any spelling', async () => {
    const ids = await idsOf(table(header, coffees))
    expect(await idsOf(table(header, coffees.toReversed()))).toEqual(ids)
    const otherwise = [
      '2024-03-02 09:00:00,Анна,150.00',
      '2024-03-02 09:00:00,Анна,150.00',
      '2024-03-02 09:05,Анна,150',
      '2024-03-02 09:00,"Пётр",150.0',
    ]
    expect(await idsOf(table('date,client,amount', otherwise))).toEqual(ids)
  })

  it('are the same sales in a file that has some of them and others', async () => {
    const ids = await idsOf(table(header, coffees))
    const later = await idsOf(table(header, [...coffees.slice(0, 2), '03.03.2024 09:00;150;Анна']))
    expect(later.filter((id) => ids.includes(id))).toHaveLength(2)
  })

  it('are other sales when anything else is said of them', async () => {
    const ids = await Promise.all(
      [
        '02.03.2024 09:00;150;Анна',
        '02.03.2024 09:00;151;Анна',
        '02.03.2024 09:00;-150;Анна',
        '02.03.2024 09:00;150;',
        '02.03.2024 09:01;150;Анна',
      ].map(async (row) => idsOf(table(header, [row]))),
    )
    expect(new Set(ids.flat()).size).toBe(5)
  })

  it('are a sale and its refund in any order, alone, and with or without a minus', async () => {
    const of = async (...rows: string[]) => [...(await byId(table('Дата;Сумма;Тип операции', rows)))]
    const [sale, refund] = ['02.03.2024;350;приход', '02.03.2024;350;возврат прихода']
    const both = await of(sale, refund)
    expect(both.map(([, { amountMinor }]) => amountMinor)).toEqual([35_000, -35_000])
    expect(await of(refund, sale)).toEqual(both.toReversed())
    expect(await of(refund)).toEqual([both[1]])
    expect(await of('02.03.2024;-350;возврат прихода')).toEqual([both[1]])
  })

  it('keep their id when their status changes', async () => {
    const of = async (status: string) => byId(table('Дата;Сумма;Статус', [`02.03.2024;5;${status}`]))
    const [paid, cancelled] = [await of('оплачен'), await of('отменён')]
    expect([...paid.keys()]).toEqual([...cancelled.keys()])
    expect([...cancelled.values()]).toMatchObject([{ status: 'cancelled' }])
  })

  it('in any order of any rows are the same sales', async () => {
    const row = fc.tuple(fc.constantFrom('09:00', '09:01'), fc.constantFrom('5', '7'), fc.constantFrom('', 'Анна'))
    const rows = fc.array(row, { minLength: 1, maxLength: 12 })
    const shuffled = rows.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    const write = (list: readonly (readonly string[])[]) =>
      table(
        header,
        list.map(([time, sum, name]) => `02.03.2024 ${time};${sum};${name}`),
      )
    await fc.assert(
      fc.asyncProperty(shuffled, async ([list, other]) => {
        const ids = await idsOf(write(list))
        expect(ids).toHaveLength(list.length)
        expect(await idsOf(write(other))).toEqual(ids)
      }),
      { numRuns: 60 },
    )
  })
})

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
    expect(rejected).toEqual([{ line: 2, column: null, reason: 'receipt_mixed', raw: '9960440300000001:1: 2, 3' }])
    const sums = ['17;02.03.2024;Кофе;240', '17;02.03.2024;Чай;250']
    expect((await readFile(table('Номер заказа;Дата;Товар;Сумма заказа', sums))).rejected).toMatchObject([
      { reason: 'receipt_mixed' },
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
