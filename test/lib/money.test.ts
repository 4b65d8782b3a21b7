import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencyOf, isCurrency, MoneyError, toMinor } from '#lib/money.ts'

describe('minor units', () => {
  it('are what the text says, for every sum', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -9_000_000_000_000_000n, max: 9_000_000_000_000_000n }), (minor) => {
        const digits = String(minor < 0n ? -minor : minor).padStart(3, '0')
        const text = `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
        expect(toMinor(text, 'RUB')).toBe(Number(minor))
      }),
    )
  })

  it('are the same from a number as from its text, for every sum that a cash desk knows', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (minor) => {
        expect(toMinor(minor / 100, 'RUB')).toBe(minor)
      }),
    )
  })

  it.each([
    [0.1 + 0.2, 30],
    [1.005, 101],
    [2.675, 268],
    [1e21, null],
    ['1e3', null],
    ['', null],
    ['1 000', null],
    ['1,5', null],
    ['12.345', 1235],
    ['-12.345', -1235],
    ['+7', 700],
    ['5.', 500],
    ['-0', 0],
    [0.000_000_1, 0],
    [Number.NaN, null],
    [Infinity, null],
    ['99999999999999999', null],
  ])('of %j are %j', (value, minor) => {
    if (minor === null) expect(() => toMinor(value, 'RUB')).toThrow(MoneyError)
    else expect(toMinor(value, 'RUB')).toBe(minor)
  })

  it('follow the currency: none for yen, thousandths for dinars', () => {
    expect(toMinor('1234', 'JPY')).toBe(1234)
    expect(toMinor('1.234', 'KWD')).toBe(1234)
  })
})

describe('currencies', () => {
  it.each([
    ['RUB', 'RUB'],
    ['rub', 'RUB'],
    ['₽', 'RUB'],
    ['руб.', 'RUB'],
    ['₸', 'KZT'],
    ['$', null],
    ['kr', null],
    ['£', null],
    ['XYZ', null],
    ['', null],
    [null, null],
  ])('%j names %j', (text, code) => {
    expect(currencyOf(text)).toBe(code)
  })

  it.each([
    ['тг.', 'KZT'],
    ['РУБ.', 'RUB'],
    ['р', 'RUB'],
    ['сум', 'UZS'],
    ['грн', 'UAH'],
    ['тенге', 'KZT'],
    ['RUR', 'RUB'],
  ])('are known as salons write them: %s', (text, code) => {
    expect(currencyOf(text)).toBe(code)
  })

  it('are ISO codes in capitals', () => {
    expect(['RUB', 'rub', 'RUR', 'ZZZ', 'toString'].map(isCurrency)).toEqual([true, false, false, false, false])
  })
})
