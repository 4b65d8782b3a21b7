// Each trap in what the cells say: sums, times, kinds, customers.
import { describe, expect, it } from 'vitest'
import { askedOf, readFile } from '#test/csv.ts'

const HEADER = 'id;Дата;Сумма;Клиент'
const ROW = '1;02.03.2024 09:14;100,50;Анна'
const file = (...rows: readonly string[]) => `${[HEADER, ...rows].join('\n')}\n`

async function sums(content: string | Uint8Array, settings: Readonly<Record<string, unknown>> = {}) {
  const { sales, rejected } = await readFile(content, settings)
  return [...sales.map(({ amountMinor }) => amountMinor), ...rejected.map(({ reason }) => reason)]
}

const sumsOf = async (...cells: readonly string[]) => sums(file(...cells.map((cell, n) => `${n};02.03.2024;${cell};`)))

async function timesOf(cells: readonly string[], settings: Readonly<Record<string, unknown>> = {}) {
  const { sales, rejected } = await readFile(file(...cells.map((cell, n) => `${n};${cell};10;`)), settings)
  return [...sales.map(({ occurredAt }) => occurredAt), ...rejected.map(({ reason }) => reason)]
}

describe('sums', () => {
  it.each([
    ['1234,50', 123_450],
    ['1 234,50', 123_450],
    ['1\u00a0234,50', 123_450],
    ['1\u202f234,50', 123_450],
    ['1.234,50', 123_450],
    ['1 234,50 ₽', 123_450],
    ['1 234,50 руб.', 123_450],
    ['1234,5р.', 123_450],
    ['RUB 1234,50', 123_450],
    ['1 234-50', 123_450],
    ['(1 234,50)', -123_450],
    ['−1 234,50', -123_450],
    ['- 1 234,50', -123_450],
    ['1 234,50-', -123_450],
    ['+5,00', 500],
    ['0', 0],
    ['0,00', 0],
  ])('%s is %i kopecks', async (cell, expected) => {
    // Refunds come at the end of a file.
    expect(new Set(await sumsOf(cell, '1,50'))).toEqual(new Set([expected, 150]))
  })

  it.each([
    ['1234.50', 123_450],
    ['1,234.50', 123_450],
    ["1'234.50", 123_450],
    ['$1,234.50', 123_450],
    ['1,234', 123_400],
    ['1,234,567', 123_456_700],
  ])('%s is %i in a file with points', async (cell, expected) => {
    expect(await sums(`id,date,amount\n1,2024-03-02,"${cell}"\n2,2024-03-02,1.50\n`)).toEqual([expected, 150])
  })

  it.each([
    ['9,0,0', 'amount_unreadable'],
    ['12 50', 'amount_unreadable'],
    ['1.23.4', 'amount_unreadable'],
    ['сто', 'amount_unreadable'],
    ['12abc', 'amount_unreadable'],
    ['--5', 'amount_unreadable'],
    ['99999999999999999', 'amount_unreadable'],
    ['1,23E+05', 'scientific'],
    ['1E+05', 'scientific'],
    ['', 'no_amount'],
    ['-', 'no_amount'],
  ])('%j is never guessed: %s', async (cell, reason) => {
    expect(await sumsOf(cell, '1,50')).toEqual([150, reason])
  })

  it('with one mark and three digits are told by the column, and not at all when it does not tell', async () => {
    expect(await sumsOf('1,234', '5')).toEqual([500, 'amount_ambiguous'])
    expect(await sumsOf('1,234', '5,5')).toEqual([550, 'amount_too_precise'])
    expect(await sumsOf('1.234', '5,5')).toEqual([123_400, 550])
    expect(await sums(file('1;02.03.2024;1,234;'), { decimal: '.' })).toEqual([123_400])
    expect(await sums(file('1;02.03.2024;1,234;'), { decimal: ',' })).toEqual(['amount_too_precise'])
  })

  it('are in the currency of their row, else of the settings, else of the business', async () => {
    const content =
      'id;Дата;Сумма;Валюта\n1;02.03.2024;5,50;USD\n2;02.03.2024;5,50;₸\n3;02.03.2024;5,50;\n4;02.03.2024;5;кроны\n5;02.03.2024;5;RUR\n'
    const { sales, rejected } = await readFile(content)
    expect(sales.map(({ currency }) => currency)).toEqual(['USD', 'KZT', 'RUB', 'RUB'])
    expect(rejected).toMatchObject([{ reason: 'currency_unknown', column: 'Валюта' }])
    expect((await readFile(file(ROW.replace(',50', '')), { currency: 'JPY' })).sales).toMatchObject([
      { currency: 'JPY', amountMinor: 100 },
    ])
  })

  it('may stand in parts by means of payment', async () => {
    const content =
      'Дата;Наличными;Безналичными\n02.03.2024;0,00;1234,50\n02.03.2024;100;\n02.03.2024;1;2\n02.03.2024;;\n'
    expect(await sums(content)).toEqual([123_450, 10_000, 300, 'no_amount'])
  })
})

describe('days and times', () => {
  it.each([
    ['02.03.2024 09:14:07', '2024-03-02T06:14:07Z'],
    ['02.03.2024 9:14', '2024-03-02T06:14:00Z'],
    ['02.03.2024', '2024-03-01T21:00:00Z'],
    ['02.03.24', '2024-03-01T21:00:00Z'],
    ['02/03/2024', '2024-03-01T21:00:00Z'],
    ['02-03-2024 10:00', '2024-03-02T07:00:00Z'],
    ['2024-03-02', '2024-03-01T21:00:00Z'],
    ['2024-03-02 09:14', '2024-03-02T06:14:00Z'],
    ['2024-03-02T09:14:07.250Z', '2024-03-02T09:14:07.250Z'],
    ['2024-03-02T09:14:07+05:00', '2024-03-02T04:14:07Z'],
    ['01.03.2024 0:00:00', '2024-02-29T21:00:00Z'],
    ['1 марта 2024 г.', '2024-02-29T21:00:00Z'],
    ['12 мая 2024 10:00', '2024-05-12T07:00:00Z'],
    ['45292', '2023-12-31T21:00:00Z'],
    ['45353,5', '2024-03-02T09:00:00Z'],
    ['20240302091407', '2024-03-02T06:14:07Z'],
    ['1709360047', '2024-03-02T06:14:07Z'],
    ['Mar 2, 2024 9:14 AM', '2024-03-02T06:14:00Z'],
  ])('%s is %s', async (cell, expected) => {
    expect(await timesOf([cell])).toEqual([expected])
  })

  it.each([
    '31.02.2024',
    '02.13.2024',
    '02.03.2024 25:00',
    '02.03.2024 10:61',
    '01.01.0001',
    '17',
    '99999',
    'вчера',
    '02.03.2024 утром',
  ])('%s is no day', async (cell) => {
    expect(await timesOf([cell])).toEqual(['date_unreadable'])
  })

  it('have the day first, unless a column can only mean the month', async () => {
    expect(await timesOf(['03/04/2024', '05/06/2024'])).toEqual(['2024-04-02T21:00:00Z', '2024-06-04T21:00:00Z'])
    expect(await timesOf(['03/04/2024', '05/26/2024'])).toEqual(['2024-03-03T21:00:00Z', '2024-05-25T21:00:00Z'])
    expect(await askedOf(file('1;3/4/2024 3:04 PM;10;'))).toMatchObject([{ code: 'date_order' }])
    expect(await timesOf(['03/04/2024'], { dateOrder: 'mdy' })).toEqual(['2024-03-03T21:00:00Z'])
  })

  it('may stand in two columns', async () => {
    const rows = [
      '02.03.2024;9:14',
      '02.03.2024 00:00:00;09:14:07',
      '02.03.2024;30.12.1899 9:14:00',
      '02.03.2024;0,384722222',
      '02.03.2024;',
      '02.03.2024;нет',
    ]
    const { sales, rejected } = await readFile(
      `Дата чека;Время чека;Сумма\n${rows.map((row) => `${row};5`).join('\n')}\n`,
    )
    const at = (time: string) => `2024-03-0${time}Z`
    expect(sales.map(({ occurredAt }) => occurredAt)).toEqual(
      ['2T06:14:00', '2T06:14:07', '2T06:14:00', '2T06:14:00', '1T21:00:00'].map(at),
    )
    expect(rejected).toMatchObject([{ column: 'Время чека', reason: 'date_unreadable' }])
  })

  it('are those of the zone of the settings, also where its clock is changed', async () => {
    const cells = ['31.03.2024 02:30', '27.10.2024 02:30', '27.10.2024 02:30 +01:00', '15.07.2024 12:00']
    expect(await timesOf(cells, { timezone: 'Europe/Berlin' })).toEqual([
      '2024-03-31T01:30:00Z',
      '2024-10-27T00:30:00Z',
      '2024-10-27T01:30:00Z',
      '2024-07-15T10:00:00Z',
    ])
    expect(await timesOf(['02.03.2024 10:00'], { timezone: 'Asia/Vladivostok' })).toEqual(['2024-03-02T00:00:00Z'])
  })
})

describe('what kind of row it is', () => {
  const meant = async (column: string, word: string, sum = '100', settings = {}) => {
    const { sales, rejected, skipped } = await readFile(
      `id;Дата;Сумма;${column}\n1;02.03.2024;${sum};${word}\n`,
      settings,
    )
    const [sale] = sales
    return sale ? `${sale.kind} ${sale.status} ${sale.amountMinor}` : skipped > 0 ? 'skipped' : rejected[0]?.reason
  }

  it.each([
    ['приход', 'sale paid 10000'],
    ['Кассовый чек. Приход.', 'sale paid 10000'],
    ['Продажа', 'sale paid 10000'],
    ['sale', 'sale paid 10000'],
    ['возврат прихода', 'refund paid -10000'],
    ['Возврат', 'refund paid -10000'],
    ['refund', 'refund paid -10000'],
    ['расход', 'skipped'],
    ['возврат расхода', 'skipped'],
    ['Коррекция прихода', 'skipped'],
    ['Отмена', 'sale cancelled 10000'],
    ['Отмена продажи', 'sale cancelled 10000'],
    ['Аннулирование прихода', 'sale cancelled 10000'],
    ['Failed payment', 'sale cancelled 10000'],
    ['', 'sale paid 10000'],
  ])('a kind “%s” is %s', async (word, expected) => {
    expect(await meant('Тип операции', word)).toBe(expected)
  })

  it.each([
    ['Оплачен', 'sale paid 10000'],
    ['OK', 'sale paid 10000'],
    ['Успешно', 'sale paid 10000'],
    ['Закрыт', 'sale paid 10000'],
    ['paid', 'sale paid 10000'],
    ['Не оплачен', 'sale unpaid 10000'],
    ['В обработке', 'sale unpaid 10000'],
    ['pending', 'sale unpaid 10000'],
    ['Непроведён', 'sale unpaid 10000'],
    ['Не завершён', 'sale unpaid 10000'],
    ['Неподтверждён', 'sale unpaid 10000'],
    ['incomplete', 'sale unpaid 10000'],
    ['unsuccessful', 'sale unpaid 10000'],
    ['FAILED', 'sale cancelled 10000'],
    ['Отменён', 'sale cancelled 10000'],
    ['Неуспешно', 'sale cancelled 10000'],
    ['Возвращён', 'sale cancelled 10000'],
    ['Возврат', 'refund paid -10000'],
  ])('a status “%s” is %s', async (word, expected) => {
    expect(await meant('Статус', word)).toBe(expected)
  })

  it('is a refund by its minus, with or without a word, and never twice', async () => {
    expect(await meant('Статус', 'OK', '-100')).toBe('refund paid -10000')
    expect(await meant('Тип операции', 'возврат прихода', '-100')).toBe('refund paid -10000')
    expect(await meant('Тип операции', 'приход', '-100')).toBe('refund paid -10000')
  })

  it('is what the settings say of a minus', async () => {
    expect(await meant('x', '', '-100', { negative: 'sale' })).toBe('sale paid 10000')
    expect(await meant('x', '', '-100', { negative: 'ignore' })).toBe('skipped')
    expect(await meant('Тип операции', 'Возврат', '-100', { negative: 'sale' })).toBe('refund paid -10000')
  })

  it('is never told by a bare number', async () => {
    const content = 'id;Дата;Сумма;Признак расчета\n1;02.03.2024;100;2\n'
    expect(await askedOf(content)).toMatchObject([{ code: 'words_unknown' }])
  })

  it('is asked for words that nobody knows, unless the settings say what they mean', async () => {
    expect(await askedOf('id;Дата;Сумма;Статус\n1;02.03.2024;5;VIP\n')).toMatchObject([{ code: 'words_unknown' }])
    expect(await meant('Статус', 'ждём', '100', { words: { unpaid: ['Ждем'] } })).toBe('sale unpaid 10000')
    expect(await meant('Статус', 'Отменён', '100', { mapping: { status: null } })).toBe('sale paid 10000')
  })

  it('is not told by a free text under an unsure header', async () => {
    const content = 'id;Дата;Сумма;Вид\n1;02.03.2024;5;Стрижка\n2;02.03.2024;5;Укладка\n'
    expect(await askedOf(content)).toEqual([])
  })
})

describe('the customer', () => {
  const customer = async (phone: string, email = '', card = '') =>
    (
      await readFile(
        `Дата;Сумма;Телефон;Email;Номер карты\n02.03.2024;5;${phone};${email};${card}\n02.03.2024;5;+79000000001;a@b.ru;7\n`,
      )
    ).sales[0]?.customer ?? null

  it.each([
    ['+7 (900) 000-00-00', '+79000000000'],
    ['8 900 0000000', '+79000000000'],
    ['79000000000', '+79000000000'],
    ['9000000000', '+79000000000'],
    ['8 (900) 000-00-00, 8 (901) 000-00-00', '+79000000000'],
    ['8 900 000-00-00 доб. 12', '+79000000000'],
    ['+375 29 123-45-67', '+375291234567'],
  ])('has the phone %s', async (cell, phone) => {
    expect(await customer(cell)).toMatchObject({ phone })
  })

  it('D6: has a national phone of the country of its currency', async () => {
    const phonesIn = async (currency: string) => {
      const { sales } = await readFile(`Дата;Сумма;Телефон\n02.03.2024;5;80291234567\n`, { currency })
      return sales.map(({ customer }) => customer?.phone ?? null)
    }
    expect(await phonesIn('BYN')).toEqual(['+375291234567'])
    expect(await phonesIn('RUB')).toEqual([null])
  })

  it('is nobody without name, phone, mail and card', async () => {
    expect(await customer('нет', 'нет')).toBeNull()
    expect(await customer('', 'anna@example.com', '="0012"')).toEqual({
      ...{ externalId: null, name: null, phone: null, email: 'anna@example.com', card: '0012' },
    })
  })

  it.each([
    ['Телефон', '7,90012E+10'],
    ['Номер карты', '1,23457E+15'],
    ['id', '1,2E+10'],
  ])('and the sale are not guessed from what Excel has shortened: %s', async (column, cell) => {
    const { rejected } = await readFile(`Дата;Сумма;${column}\n02.03.2024;5;${cell}\n`)
    expect(rejected).toMatchObject([{ reason: 'scientific', column }])
  })
})
