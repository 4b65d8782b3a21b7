// Where the table of a file begins, ends, and how its cells are kept apart: layouts as reports and exports have them.
import { describe, expect, it } from 'vitest'
import type { FileHead } from '#crm/files.ts'
import { readFor } from '#crm/csv/reading.ts'
import { Settings } from '#crm/csv/settings.ts'
import { readTable } from '#crm/csv/table.ts'
import { bytesOf, encodeBy, givenFor, readFile, refusalOf } from '#test/csv.ts'

const table = (content: string, settings = {}) =>
  readTable({ bytes: bytesOf(content), isWhole: true }, Settings.parse(settings))
const lines = (...rows: readonly string[]) => `${rows.join('\n')}\n`
const HEADER = '№ чека;Дата;Сумма'
const SALE = '1;02.03.2024;100'

/** The sums of the sales, then the lines and reasons of what was rejected. */
async function read(content: string | Uint8Array, settings = {}, rangeBytes?: number) {
  const { sales, rejected } = await readFile(content, settings, rangeBytes)
  return [
    ...sales.map(({ amountMinor }) => amountMinor / 100),
    ...rejected.map(({ line, reason }) => `${line} ${reason}`),
  ]
}

/** By their numbers in `test/fixtures/csv`. */
const TITLES = ['Отчет о продажах', 'ООО Ромашка', 'Период: март', 'Касса 1', 'Выгружено 02.03.2024', 'Страница 1']
const COLUMNS = Array.from({ length: 297 }, (_, at) => at)
const CASES: Readonly<Record<string, readonly [content: string, expected: readonly unknown[]]>> = {
  '045': [
    lines(HEADER, SALE, '', 'Возвраты', '№ возврата;Дата;Сумма', '7;03.03.2024;30'),
    [100, '4 second_table', '5 second_table', '6 second_table'],
  ],
  '099': [lines(...TITLES, HEADER, SALE, '2;02.03.2024;200', '3;02.03.2024;300'), [100, 200, 300]],
  '101': [lines([HEADER, ...COLUMNS.map((at) => `x${at}`)].join(';'), [SALE, ...COLUMNS].join(';')), [100]],
  '102': ['"№ чека,Дата,Сумма"\n"1,02.03.2024 09:14,""100,50"""\n', [100.5]],
  '103': ["'№ чека';'Дата';'Сумма'\n'1';'02.03.2024 09:14';'100,50'\n", [100.5]],
}

describe('files that were read wrongly', () => {
  it.each(Object.entries(CASES))('%s', async (_, [content, expected]) => {
    expect(await read(content)).toEqual(expected)
  })
})

describe('above the table', () => {
  it.each([
    ['a preamble longer than the table', lines(...Array.from({ length: 40 }, () => 'ООО Ромашка'), HEADER, SALE)],
    ['a preamble as wide as the table', lines('Отчёт;;', 'Период:;01.03.2024;март', ';;', 'Касса;1;', HEADER, SALE)],
    ['a preamble of names and values', lines('Дата:;02.03.2024;Сумма:;9', `${HEADER};Клиент`, `${SALE};А`)],
    ['a preamble of two columns', lines('Период;март', 'Касса;1', 'Смена;5', HEADER, SALE)],
    ['a summary with a header of its own', lines('Всего чеков;Сумма', '3;600', '', HEADER, SALE)],
    ['the numbers of the columns below the header', lines(HEADER, '1;2;3', SALE)],
    ['units below the header', lines(HEADER, ';;руб.', SALE)],
    ['a second line of the names', lines('Номер;Дата;Сумма', 'чека;продажи;всего', SALE)],
    ['the kinds of the columns below the header', lines('id;date;amount', 'int;datetime;decimal', SALE)],
    ['names in two languages', lines('id;date;sum', HEADER, SALE)],
    ['line breaks in the header', lines('"№\nчека";"Дата\nпродажи";"Сумма,\nруб."', SALE)],
    ['a header that is shorter than the rows', lines(HEADER, `${SALE};`)],
    ['a header that is longer than the rows', lines(`${HEADER};Клиент;Телефон`, SALE)],
    ['thousands of empty cells behind each row', lines(HEADER + ';'.repeat(3000), SALE + ';'.repeat(3000))],
    ['empty columns to the left', lines(`;;${HEADER}`, `;;${SALE}`)],
    ['a hint that is wrong', lines('sep=,', HEADER, SALE)],
    ['a byte order mark twice', `\ufeff\ufeff${lines(HEADER, SALE)}`],
  ])('there may be %s', async (_, content) => {
    expect(await read(content)).toEqual([100])
  })

  it('there may be two rows of names: merged downwards, or groups of equal names', async () => {
    const merged = lines(
      '№ чека;Дата;Сумма;;Клиент',
      ';;Наличными;Картой;',
      '1;02.03.2024;100;50;А',
      '2;02.03.2024;;70;Б',
    )
    expect(table(merged).headers).toEqual(['№ чека', 'Дата', 'Наличными', 'Картой', 'Клиент'])
    expect(await read(merged)).toEqual([150, 70])
    const groups = lines('Продажа;;Возврат;', 'Дата;Сумма;Дата;Сумма', '02.03.2024;100;;')
    expect(table(groups).headers).toEqual(['Продажа Дата', 'Продажа Сумма', 'Возврат Дата', 'Возврат Сумма'])
    const enough = lines('Чек;;Оплата;;Клиент', 'Номер;Дата;Наличными;Картой;Имя', '1;02.03.2024;100;;А')
    expect(table(enough).headers).toEqual(['Номер', 'Дата', 'Наличными', 'Картой', 'Имя'])
  })

  it('texts are kept, since they may name a currency', () => {
    expect(table(lines('Выручка, тыс. руб.;;', HEADER, SALE)).preamble).toEqual(['Выручка, тыс. руб.'])
  })

  it('a sale is never lost: what is above a header is refused or asked', async () => {
    expect(await refusalOf(lines(SALE, HEADER, '2;02.03.2024;50'))).toBe('no_header')
    const byDay = lines('Дата;Сумма', '02.03.2024;600', '', `${HEADER};Клиент`, `${SALE};А`, '2;02.03.2024;500;Б')
    expect(table(byDay).secondTable).toEqual({ line: 4, headers: ['№ чека', 'Дата', 'Сумма', 'Клиент'] })
  })

  it('a header may have five hundred columns, and a file with more is refused', async () => {
    const names = (count: number) => [HEADER, ...Array.from({ length: count - 3 }, (_, at) => `c${at}`)].join(';')
    expect(await read(lines(names(500), SALE))).toEqual([100])
    expect(await refusalOf(lines(names(501), SALE))).toBe('too_many_columns')
  })
})

describe('without a header', () => {
  const rows = lines('x1;bad;5', '000119;02.03.2024 09:20:00;350,00')
  const mapping = { id: '#1', date: '#2', amount: '#3' }

  it('every row counts where the columns are told by their places', async () => {
    expect(await read(rows, { mapping })).toEqual([350, '1 date_unreadable'])
    expect(table(rows, { mapping })).toMatchObject({ hasHeader: false, headers: ['#1', '#2', '#3'], headerLine: 1 })
  })

  it('098', async () => {
    expect(await read(lines('000118;02.03.2024 09:14:07;1 234,50', '000119;02.03.2024;350,00'), { mapping })).toEqual([
      1234.5, 350,
    ])
  })

  it('a file that has one is read by the places, too', async () => {
    expect(await read(lines(HEADER, SALE), { mapping })).toEqual([100])
  })

  it.each([
    ['131', '000118;02.03.2024 09:14:07;1 234,50\n000119;02.03.2024 09:20:00;350,00\n'],
    ['below a title', lines('Отчёт', '', SALE)],
    ['of bare numbers', '118,20240302,100\n119,20240302,200\n'],
  ])('the refusal says so: %s', async (_, content) => {
    expect(await refusalOf(content)).toBe('no_header')
  })
})

describe('cells', () => {
  it.each([
    ['all in one pair of quotes', '"№ чека;Дата;Сумма"\n"1;02.03.2024;""100,00"""\n'],
    ['in quotes where it has some', '№ чека,Дата,Сумма\n"1,02.03.2024,""100,00"""\n'],
    ['in quotes, with separators behind', '"№ чека,Дата,Сумма";;;\n"1,02.03.2024,""100,00""";;;\n'],
  ])('of a line may be %s', async (_, content) => {
    expect(await read(content)).toEqual([100])
  })

  it('may be in single quotes', async () => {
    const { sales } = await readFile("id,date,amount,name\n1,'2024-03-02',5.00,'O''Neil, Bob'\n")
    expect(sales).toMatchObject([{ amountMinor: 500, customer: { name: "O'Neil, Bob" } }])
  })

  it.each(['^', '~'])('may be separated by %s', async (mark) => {
    expect(await read(`id${mark}date${mark}amount\n1${mark}2024-03-02${mark}5.00\n`)).toEqual([5])
  })

  it('may be in the quotes of word processors', async () => {
    expect(await read('“№ чека”;“Дата”;“Сумма”\n“1”;“02.03.2024”;“100,50”\n')).toEqual([100.5])
  })

  it('may have bars around them', async () => {
    expect(await read('| id | date | amount |\n|---|---|---|\n| 1 | 2024-03-02 | 5.00 |\n')).toEqual([5])
  })

  it('that are aligned by spaces are refused', async () => {
    expect(await refusalOf('Номер    Дата         Сумма\n1        02.03.2024   100,50\n')).toBe('fixed_width')
  })

  it.each([
    ['each sum', 'id,date,amount\n1,02.03.2024,1234,50\n2,02.03.2024,17,05\n'],
    ['each sum, in front of an empty column', 'id,date,amount,comment\n1,02.03.2024,1234,50,\n2,02.03.2024,17,05,\n'],
  ])('of sums that commas tear apart are refused: %s', async (_, content) => {
    expect(await refusalOf(content)).toBe('decimal_commas')
  })

  it('of one sum that a comma tears apart are rejected', async () => {
    const rows = Array.from({ length: 9 }, (_, at) => `${at},02.03.2024,100,x`)
    const content = lines('id,date,amount,comment', ...rows, '9,02.03.2024,1234,50,')
    expect(await read(content)).toEqual([...rows.map(() => 100), '11 too_many_cells'])
  })
})

describe('files that were glued together', () => {
  it.each([
    ['a byte order mark', lines(HEADER, SALE, `\ufeff${HEADER}`, '2;02.03.2024;50')],
    [
      'quotes behind a byte order mark',
      lines('"id";"Дата";"Сумма"', SALE, '\ufeff"id";"Дата";"Сумма"', '2;02.03.2024;50'),
    ],
    ['other capitals', lines(HEADER, SALE, HEADER.toUpperCase(), '2;02.03.2024;50')],
  ])('are read on: %s', async (_, content) => {
    expect(await read(content)).toEqual([100, 50])
  })

  it('are read on with two rows of names', async () => {
    const names = ['№ чека;Дата;Сумма;;Клиент', ';;Наличными;Картой;']
    expect(await read(lines(...names, '1;02.03.2024;100;50;А', ...names, '2;02.03.2024;;70;Б'))).toEqual([150, 70])
  })

  it('with their columns in another order are two tables', async () => {
    const content = lines(HEADER, SALE, '№ чека;Сумма;Дата', '2;50;02.03.2024')
    expect(await read(content)).toEqual([100, '3 second_table', '4 second_table'])
  })
})

describe('below the table', () => {
  it('lines of a printed report are no rows', async () => {
    const below = ['', 'Касса Вторая;;', SALE, 'Итого;;200', 'Кассир ______ Иванова', 'Дата печати:;05.03.2024;']
    expect(await read(lines(HEADER, 'Касса 1;;', '7;02.03.2024;100', ...below, 'Страница 1 из 2'))).toEqual([100, 100])
  })

  it.each(['Возвраты', 'Возвраты за день:;;', 'Отменённые чеки', 'Refunds'])(
    'a title that means no sales ends it: %s',
    async (title) => {
      const content = lines(HEADER, SALE, '', title, '7;03.03.2024;30')
      expect(await read(content)).toEqual([100, '4 second_table', '5 second_table'])
    },
  )

  it('another table is told even far below the sample, by any range, with its line', async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => `${at};02.03.2024;1`)
    const content = lines('id;Дата;Сумма', ...rows, '', 'Другое', '№ визита;Дата;Сумма', '7;03.03.2024;30')
    const found = await readFile(content, {}, 4000)
    expect(found.sales).toHaveLength(3000)
    expect(found.rejected.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '3004 second_table',
      '3005 second_table',
    ])
  })

  it.each(['utf-8', 'utf-16le'])('so many lines are skipped as the settings say, in %s', async (encoding) => {
    const content = lines(HEADER, SALE, '2;02.03.2024;50', '3;02.03.2024;70', '', '')
    const bytes = encoding === 'utf-8' ? bytesOf(content) : encodeBy(encoding, `\ufeff${content}`)
    expect(await read(bytes, { skipBottom: 2 })).toEqual([100])
    expect(table(content, { skipBottom: 2 }).rows).toHaveLength(1)
    expect(await read(bytes, { skipBottom: 2 }, 64)).toEqual([100])
  })
})

describe('a format', () => {
  const format = { name: 'till', header: ['Номер', 'Дата', 'Сумма'], settings: { delimiter: ',' }, answers: [] }
  const bytes = new TextEncoder().encode('Номер;Дата;Сумма\n1;02.03.2024;100,50\n')
  const amountsBy = (given: Partial<Parameters<typeof readFor>[1]>, sheets?: FileHead['sheets']) => {
    const { table, plan } = readFor({ bytes, isWhole: true, ...(sheets && { sheets }) }, givenFor({}, given))
    return table.rows.map(({ cells }) => cells[plan.columns.amount?.[0] ?? -1])
  }

  it('with a separator fits another file with its header, and a workbook by its name', () => {
    expect(amountsBy({ formats: [format] })).toEqual(['100,50'])
    expect(amountsBy({ format }, { read: 'Лист1', others: [] })).toEqual(['100,50'])
  })
})
