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
