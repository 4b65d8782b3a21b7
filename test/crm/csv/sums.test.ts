// Sums, their currencies and units, as pairs: what a cell or a header says, and what it must not be taken for.
import { describe, expect, it } from 'vitest'
import { headerCurrency, headerUnit, readCurrency } from '#crm/csv/currency-words.ts'
import { decimalMarkOf, isSum, readMinor, readSum } from '#crm/csv/money.ts'

describe('a sum in the expected currency', () => {
  it.each([
    ['-$1,234.50', 'USD', -123_450],
    ['$-1,234.50', 'USD', -123_450],
    ['−$5', 'USD', -500],
    ['($182.77)', 'USD', -18_277],
    ['- $12.01', 'USD', -1201],
    ['+ $73.01', 'USD', 7301],
    ['$ 73.01', 'CAD', 7301],
    ['US$100.00', 'USD', 10_000],
    ['$100 USD', 'USD', 10_000],
    ['A$5.00', 'AUD', 500],
    ['R$ 5,00', 'BRL', 500],
    ["CHF 1'234.50", 'CHF', 123_450],
    ['1’234.50 CHF', 'CHF', 123_450],
    ['12 руб. 50 коп.', 'RUB', 1250],
    ['1 234 руб. 50 коп.', 'RUB', 123_450],
    ['1234 руб 5 коп', 'RUB', 123_405],
    ['-1234р. 50к.', 'RUB', -123_450],
    ['1 234,50 ₽', 'RUB', 123_450],
    ['₽ 1 234,50', 'RUB', 123_450],
    ['1234,5р.', 'RUB', 123_450],
    ['100 pyб.', 'RUB', 10_000],
    ['100 p.', 'RUB', 10_000],
    ['1 234,50 рублей', 'RUB', 123_450],
    ['12,50 руб.', 'BYN', 1250],
    ['12,50 бел. руб.', 'BYN', 1250],
    ['12,50 Br', 'BYN', 1250],
    ['100 грн', 'UAH', 10_000],
    ['100,00 ₴', 'UAH', 10_000],
    ['100 гривень', 'UAH', 10_000],
    ['1 234,50 сом', 'KGS', 123_450],
    ['12 500 сум', 'UZS', 1_250_000],
    ["12 500 so'm", 'UZS', 1_250_000],
    ['12 500 soʻm', 'UZS', 1_250_000],
    ['1 234,50 тг', 'KZT', 123_450],
    ['1 234,50 тенге', 'KZT', 123_450],
    ['₸1 234', 'KZT', 123_400],
    ['100 zł', 'PLN', 10_000],
    ['100,00 Kč', 'CZK', 10_000],
    ['100,-', 'CZK', 10_000],
    ['100,- Kč', 'CZK', 10_000],
    ['100.-', 'CHF', 10_000],
    ['kr 100', 'NOK', 10_000],
    ['100 kr', 'SEK', 10_000],
    ['¥100', 'JPY', 100],
    ['¥100', 'CNY', 10_000],
    ['£5.00', 'GBP', 500],
    ['5,00 €', 'EUR', 500],
    ['EUR 5,00', 'EUR', 500],
    ['12,34,567.89', 'INR', 123_456_789],
    ['₹12,34,567', 'INR', 123_456_700],
    ['Rs. 500', 'INR', 50_000],
    ['Rs.500.50', 'INR', 50_050],
    ['100.00 CR', 'USD', 10_000],
    ['100.00 Dr.', 'USD', -10_000],
    ['$100.00 DR', 'USD', -10_000],
    ['.50', 'USD', 50],
    ['5.', 'USD', 500],
    ['1 234,50 ?', 'RUB', 123_450],
    ['1.0000', 'USD', 100],
    ['100.0', 'JPY', 100],
    ['1.234', 'KWD', 1234],
    ['1 234=50', 'RUB', 123_450],
    ['500-00', 'RUB', 50_000],
    ['USD100.00', 'USD', 10_000],
    ['-RUB 500', 'RUB', -50_000],
    ['0,00', 'RUB', 0],
    ['-0,00', 'RUB', 0],
  ])('%s in %s is %i', (cell, currency, minor) => {
    const mark = decimalMarkOf([cell]) ?? (currency === 'KWD' ? '.' : null)
    expect(readMinor(cell, mark, currency)).toBe(minor)
  })
})

describe('a cell is not taken for a plain sum', () => {
  it.each([
    ['100 $', { minor: 10_000, currency: 'USD' }],
    ['€50', { minor: 5000, currency: 'EUR' }],
    ['100 USD', { minor: 10_000, currency: 'USD' }],
    ['100 тенге', { minor: 10_000, currency: 'KZT' }],
    ['¥100', { minor: 10_000, currency: 'CNY' }],
    ['1 234,50 тыс.', { problem: 'amount_unreadable' }],
    ['1 234,50 тыс. руб.', { problem: 'amount_unreadable' }],
    ['1,2 млн', { problem: 'amount_unreadable' }],
    ['5 шт', { problem: 'amount_unreadable' }],
    ['5%', { problem: 'amount_unreadable' }],
    ['12abc', { problem: 'amount_unreadable' }],
    ['A-5', { problem: 'amount_unreadable' }],
    ['№5', { problem: 'amount_unreadable' }],
    ['Итого: 500', { problem: 'amount_unreadable' }],
    ['€100 USD', { problem: 'amount_unreadable' }],
    ['--5', { problem: 'amount_unreadable' }],
    ['-5-', { problem: 'amount_unreadable' }],
    ['-100 CR', { problem: 'amount_unreadable' }],
    ['(5', { problem: 'amount_unreadable' }],
    ['9,0,0', { problem: 'amount_unreadable' }],
    ['12 50', { problem: 'amount_unreadable' }],
    ["1'23", { problem: 'amount_unreadable' }],
    ["1 234'567", { problem: 'amount_unreadable' }],
    ['1 234,567.89', { problem: 'amount_unreadable' }],
    ['1,2,34,567', { problem: 'amount_unreadable' }],
    ['02.03.2024', { problem: 'amount_unreadable' }],
    ['09:14', { problem: 'amount_unreadable' }],
    ['12 руб. 500 коп.', { problem: 'amount_unreadable' }],
    ['12 кв. 5 коп.', { problem: 'amount_unreadable' }],
    ['1,23E+05', { problem: 'scientific' }],
    ['1,234', { problem: 'amount_ambiguous' }],
    ['1.005,128', { problem: 'amount_too_precise' }],
    ['0,001', { problem: 'amount_too_precise' }],
    ['1,2345 ₽', { problem: 'amount_too_precise' }],
  ])('%s: %j', (cell, expected) => expect(readMinor(cell, null, 'RUB')).toEqual(expected))

  it('with more decimals than its currency has, if they are not zeros', () => {
    expect(readMinor('100,5', ',', 'JPY')).toEqual({ problem: 'amount_too_precise' })
    expect(readMinor('1,2345', ',', 'KWD')).toEqual({ problem: 'amount_too_precise' })
    expect(readMinor('100,00', ',', 'JPY')).toBe(100)
  })
})

it('says its currency only where it has one', () => {
  expect(readSum('1234,50', ',')).toBe('1234.50')
  expect(readSum('1 234,50', ',')).toBe('1234.50')
  expect(readSum('1 234,50 €', ',')).toEqual({ decimal: '1234.50', currency: 'EUR' })
  expect(['5', '5 $', '5 шт', ''].map(isSum)).toEqual([true, true, false, false])
})

it.each([
  ['123,45', 12_345, 1],
  ['12345', 12_345, 0.01],
  ['5', 5, 0.01],
  ['-5', -5, 0.01],
  ['12,5', 1_250_000, 1000],
  ['12,5 руб.', 1_250_000, 1000],
  ['-0,0125', -1250, 1000],
  ['1,2345678', 123_456_780, 1_000_000],
])('%s is %i kopecks where one is %d roubles', (cell, minor, unit) =>
  expect(readMinor(cell, ',', 'RUB', unit)).toBe(minor),
)

it('of half a kopeck is none', () => {
  expect(readMinor('12,5', ',', 'RUB', 0.01)).toEqual({ problem: 'amount_too_precise' })
})

it.each([
  [['Rs.50'], null],
  [['100 руб.', '5'], null],
  [['12.50 руб.'], '.'],
  [['1 234,567'], ','],
  [["1'234.567"], '.'],
  [['1,234', '1,5'], ','],
  [['1,234', '1,234.5'], '.'],
  [['12,34,567'], '.'],
  [['1,234'], null],
] as const)('the decimal mark of %j is %j', (cells, mark) => expect(decimalMarkOf(cells)).toBe(mark))

it.each([
  ['Сумма, $', 'USD', 1],
  ['Amount (USD)', 'USD', 1],
  ['Amount US$', 'USD', 1],
  ['Сумма (в долл. США)', 'USD', 1],
  ['total_usd', 'USD', 1],
  ['Amount, thousands USD', 'USD', 1000],
  ['Сумма, руб.', 'RUB', 1],
  ['Сумма ФД, руб.', 'RUB', 1],
  ['Цена, ₽', 'RUB', 1],
  ['Сумма в рублях', 'RUB', 1],
  ['Сумма, тыс. руб.', 'RUB', 1000],
  ['Сумма (тыс. ₽)', 'RUB', 1000],
  ['Сумма, т.р.', 'RUB', 1000],
  ['Amount ($000)', 'USD', 1000],
  ['Сумма, млн ₽', 'RUB', 1_000_000],
  ['Сумма, коп.', null, 0.01],
  ['Сумма в копейках', null, 0.01],
  ['amount_in_cents', null, 0.01],
  ['Amount (cents)', null, 0.01],
  ['amount_minor', null, 0.01],
  ['Сумма, тг', 'KZT', 1],
  ['Сома, теңге', 'KZT', 1],
  ['Сумма, сум', 'UZS', 1],
  ["Сумма, so'm", 'UZS', 1],
  ['Итого сом', 'KGS', 1],
  ['Сума, грн', 'UAH', 1],
  ['Betrag (€)', 'EUR', 1],
  ['Betrag in EUR', 'EUR', 1],
  ['Total (with tax, EUR)', 'EUR', 1],
  ['Kwota (zł)', 'PLN', 1],
  ['Сумма', null, 1],
  ['Сума', null, 1],
  ['Sum', null, 1],
  ['Total sum', null, 1],
  ['Total all', null, 1],
  ['TOTAL TOP', null, 1],
  ['Try', null, 1],
  ['Сумма (с НДС)', null, 1],
  ['Сумма, с', null, 1],
  ['Percent', null, 1],
  ['Сент', null, 1],
  ['Валюта', null, 1],
  ['Количество, шт', null, 1],
  ['', null, 1],
])('a header “%s” names %s and a unit of %d', (header, currency, unit) => {
  expect([headerCurrency(header), headerUnit(header)]).toEqual([currency, unit])
})

it('a sign of several currencies is the expected one where that is among them', () => {
  expect(headerCurrency('Amount ($)', 'CAD')).toBe('CAD')
  expect(headerCurrency('Amount ($)', 'RUB')).toBe('USD')
  expect(headerCurrency('Сумма, руб.', 'BYN')).toBe('BYN')
  expect(readCurrency('kr', 'DKK')).toBe('DKK')
  expect(readCurrency('US$', 'CAD')).toBe('USD')
})

it.each([
  ['643', 'RUB'],
  ['RUB', 'RUB'],
  ['rur', 'RUB'],
  ['руб.', 'RUB'],
  ['RUB - Российский рубль', 'RUB'],
  ['Российский рубль', 'RUB'],
  ['840', 'USD'],
  ['usd', 'USD'],
  ['тенге', 'KZT'],
  ['₸', 'KZT'],
  ['кроны', null],
  ['XYZ', null],
  ['', null],
])('a cell of a currency %j is %j', (cell, currency) => expect(readCurrency(cell)).toBe(currency))
