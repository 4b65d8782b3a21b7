import * as fc from 'fast-check'
import examples from 'libphonenumber-js/examples.mobile.json'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { describe, expect, it } from 'vitest'
import { callingCodeOf } from '#lib/calling-code.ts'
import { normalizePhone } from '#lib/phone.ts'

describe('a phone', () => {
  it('is the same number however Russians write it', () => {
    const national = fc.integer({ min: 9_000_000_000, max: 9_999_999_999 }).map(String)
    fc.assert(
      fc.property(national, (digits) => {
        const [a, b, c, d] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 8), digits.slice(8)]
        const forms = [
          `+7${digits}`,
          `7${digits}`,
          `8${digits}`,
          digits,
          `8 (${a}) ${b}-${c}-${d}`,
          `+7 ${a} ${b} ${c} ${d}`,
          `+8 ${a} ${b} ${c} ${d}`,
          `(+7) ${a}.${b}.${c}.${d}`,
          `\u{202A}+7\u{A0}${a}\u{A0}${b}\u{2011}${c}\u{2011}${d}\u{202C}`,
        ]
        expect(new Set(forms.map((form) => normalizePhone(form)))).toEqual(new Set([`+7${digits}`]))
      }),
    )
  })

  it.each([
    ['+77011234567', '+77011234567'],
    ['87011234567', '+77011234567'],
    ['+998 90 123 45 67', '+998901234567'],
    ['375291234567', '+375291234567'],
    ['375 29 123-45-67', '+375291234567'],
    ['+38 (067) 123-45-67', '+380671234567'],
    ['+84951234567', '+84951234567'],
    ['1 (650) 253-0000', '+16502530000'],
    [79_001_234_567, '+79001234567'],
    ['79001234567.0', '+79001234567'],
    [79_001_234_567.5, null],
    ['7,90012E+10', null],
    ['7.9001112233E10', null],
    ['', null],
    ['0', null],
    ['0000000000', null],
    ['+70000000000', null],
    ['12345', null],
    ['495-12-34', null],
    ['6591234567', null],
    ['1 900 111 22 33', null],
    ['+7 900 111 22 33 4', null],
    ['нет телефона', null],
    [null, null],
    [undefined, null],
  ])('%j is %j', (raw, phone) => {
    expect(normalizePhone(raw)).toBe(phone)
  })

  it.each([
    ['D1', '+7 900 111-22-33 Иван', '+79001112233'],
    ['D1', '+7 900 111-22-33 WhatsApp', '+79001112233'],
    ['D1', 'Иван, кв. 5, тел.: 89001112233 (жена)', '+79001112233'],
    ['D1', 'кв 5 89001112233', '+79001112233'],
    ['D1', '89001112233 12.05.1990', '+79001112233'],
    ['D1', '+7 900 111-22-33 12.05.1990', '+79001112233'],
    ['D1', '* +7 900 111-22-33', '+79001112233'],
    ['D2', '+8 900 111-22-33', '+79001112233'],
    ['D2', '+8 (495) 123-45-67', '+74951234567'],
    ['D2', '+7 8 900 111-22-33', '+79001112233'],
    ['D3', '89001112233 89002223344', '+79001112233'],
    ['D3', '89001112233\n89002223344', '+79001112233'],
    ['D3', '8 900 111 22 33 8 900 222 33 44', '+79001112233'],
    ['D3', '900 111 22 33 900 222 33 44 900 333 44 55', '+79001112233'],
    ['D3', '495 123-45-67 8 495 765-43-21', '+74951234567'],
    ['D3', '79001112233, 79002223344', '+79001112233'],
    ['D3', '+79001112233+79002223344', '+79001112233'],
    ['D3', '8 (495) 123-45-67/68', '+74951234567'],
    ['D3', '123-45-67 / 8 900 111-22-33', '+79001112233'],
    ['D4', '8 10 998 90 123 45 67', '+998901234567'],
    ['D4', '8~10 375 29 123-45-67', '+375291234567'],
    ['D4', '810998901234567', '+998901234567'],
    ['D5', '00998901234567', '+998901234567'],
    ['D5', '00 7 900 111-22-33', '+79001112233'],
    ['D6', '80291234567', null],
    ['D6', '0671234567', null],
    ['D7', 79_001_112_233, '+79001112233'],
    ['D8', '779161234567', '+79161234567'],
    ['D8', '+7 7916 1234567', '+79161234567'],
  ])('%s: %j is %j', (_id, raw, phone) => {
    expect(normalizePhone(raw)).toBe(phone)
  })

  it.each([
    '8 (495) 123-45-67 доб. 12',
    '8 (495) 123-45-67, доб.12',
    '8 (495) 123-45-67 (доб. 5)',
    '+7 495 123 45 67 вн. 1234',
    '+74951234567 ext. 123456',
    '+74951234567x12',
    '+7 495 123-45-67 #12',
    '+7 495 123-45-67 (12)',
    'tel:+7-495-123-45-67;ext=12',
  ])('has no extension: %s', (raw) => {
    expect(normalizePhone(raw)).toBe('+74951234567')
  })

  it.each([
    '+7 900 ***-**-67',
    '7900XXXX567',
    '7900…567',
    '+7 (900) 123-хх-хх',
    '+7 (9__) ___-__-__',
    '+7 900 123-45-##',
  ])('with hidden digits is none: %s', (raw) => {
    expect(normalizePhone(raw)).toBeNull()
    expect(normalizePhone(`${raw}, 8 900 111-22-33`)).toBe('+79001112233')
  })

  it('with hidden digits is none where short numbers exist', () => {
    expect(normalizePhone('+49 30 1234 ****')).toBeNull()
    expect(normalizePhone('+49 30 1234567')).toBe('+49301234567')
  })

  it.each([
    ['80291234567', '375', '+375291234567'],
    ['29 123-45-67', '375', '+375291234567'],
    ['8 (029) 123-45-67', '375', '+375291234567'],
    ['0501234567', '971', '+971501234567'],
    ['+79001234567', '375', '+79001234567'],
    ['79001234567', '375', '+79001234567'],
    ['89001112233', '375', null],
    ['067 123-45-67', '380', '+380671234567'],
    ['8 067 123-45-67', '380', '+380671234567'],
    ['+3 8 067 123-45-67', '380', '+380671234567'],
    ['8 90 123-45-67', '998', '+998901234567'],
    ['90 123 45 67', '998', '+998901234567'],
    ['0555 12 34 56', '996', '+996555123456'],
    // Valid in Austria, and as short as an extension.
    ['00431000', '996', null],
    ['599 12 34 56', '995', '+995599123456'],
    ['099 123456', '374', '+37499123456'],
    ['050 123 45 67', '994', '+994501234567'],
    ['069 123 456', '373', '+37369123456'],
    ['030/1234567', '49', '+49301234567'],
    ['+79001234567', '49', '+79001234567'],
    ['+7 900 123-45-67', '0', '+79001234567'],
    ['8 900 123-45-67', 'нет', '+79001234567'],
    ['(212) 555-0123', '1', '+12125550123'],
    ['212.555.0123 ext. 5', '1', '+12125550123'],
    ['2125550123.0', '1', '+12125550123'],
    ['Ann Lee 212-555-0123', '1', '+12125550123'],
    ['+44 20 7946 0123', '1', '+442079460123'],
    ['998901234567.0', '998', '+998901234567'],
    ['90-123-45-67 Анна', '998', '+998901234567'],
    ['(067) 123-45-67 Олена', '380', '+380671234567'],
    ['06.12.34.56.78', '33', '+33612345678'],
    ['612 34 56 78', '34', '+34612345678'],
    ['512 345 678', '48', '+48512345678'],
    ['07400 123456', '44', '+447400123456'],
    ['050 123 4567', '971', '+971501234567'],
    ['98765 43210', '91', '+919876543210'],
  ])('%s, where the calling code is %s, is %s', (raw, callingCode, phone) => {
    expect(normalizePhone(raw, callingCode)).toBe(phone)
  })

  const digits = fc.stringMatching(/^[0-9]{1,14}$/)
  const glue = fc.constantFrom(
    ' ',
    '-',
    ' (',
    ') ',
    '+',
    ', ',
    '\n',
    '/',
    '.',
    ' доб. ',
    '*',
    '8',
    '+7',
    '00',
    '810',
    'x',
  )
  const texts = fc.array(fc.oneof(digits, glue, fc.string({ maxLength: 3 })), { maxLength: 12 })

  it.each(['7', '375', '380', '998', '995', '374', '996', '994', '373', '49', '1'])(
    'is a valid number whose digits stand in the text, where the calling code is %s',
    (callingCode) => {
      fc.assert(
        fc.property(texts, (parts) => {
          const text = parts.join('')
          const phone = normalizePhone(text, callingCode)
          if (phone === null) return
          const known = parsePhoneNumberFromString(phone)
          expect(known?.isValid()).toBe(true)
          expect(text.normalize('NFKC').replaceAll(/\D/g, '')).toContain(known?.nationalNumber)
          expect(normalizePhone(phone, callingCode)).toBe(phone)
        }),
      )
    },
  )
})

describe('the world', () => {
  it.each(Object.entries(examples))('is known as the library knows it: %s', (country, national) => {
    const whole = parsePhoneNumberFromString(national, { defaultCountry: country as CountryCode })
    expect(whole?.isValid()).toBe(true)
    expect(normalizePhone(whole?.formatInternational())).toBe(whole?.number)
    expect(normalizePhone(whole?.formatInternational(), '49')).toBe(whole?.number)
    const callingCode = callingCodeOf({ country })
    expect(normalizePhone(whole?.number, callingCode)).toBe(whole?.number)
  })
})

describe('the calling code', () => {
  it.each([
    [{ currency: 'RUB', timezone: 'Asia/Tbilisi' }, '7'],
    [{ currency: 'KZT', timezone: 'Asia/Almaty' }, '7'],
    [{ currency: 'BYN', timezone: 'Europe/Moscow' }, '375'],
    [{ currency: 'UAH' }, '380'],
    [{ currency: 'UZS' }, '998'],
    [{ currency: 'GEL' }, '995'],
    [{ currency: 'AMD' }, '374'],
    [{ currency: 'KGS' }, '996'],
    [{ currency: 'AZN' }, '994'],
    [{ currency: 'MDL' }, '373'],
    [{ currency: 'TJS' }, '992'],
    [{ currency: 'TRY' }, '90'],
    [{ currency: 'EUR', timezone: 'Europe/Vilnius' }, '370'],
    [{ currency: 'EUR', timezone: 'Europe/Berlin' }, '49'],
    [{ currency: 'USD', timezone: 'Asia/Tashkent' }, '998'],
    [{ currency: 'USD', timezone: 'America/New_York' }, '1'],
    [{ currency: 'USD', timezone: 'America/Indiana/Indianapolis' }, '1'],
    [{ currency: 'USD', timezone: 'Pacific/Honolulu' }, '1'],
    [{ currency: 'USD', timezone: 'America/Toronto' }, '1'],
    [{ currency: 'USD', timezone: 'America/Guayaquil' }, '593'],
    [{ currency: 'EUR', timezone: '+03:00' }, '7'],
    [{ currency: 'XYZ', timezone: 'Europe/Minsk' }, '375'],
    [{ country: 'kz', currency: 'USD', timezone: 'Europe/Minsk' }, '7'],
    [{ country: 'BY', currency: 'RUB', timezone: 'Europe/Moscow' }, '375'],
    [{ country: 'Россия', currency: 'BYN' }, '375'],
    [{}, '7'],
  ])('of %j is %s', (whereabouts, code) => {
    expect(callingCodeOf(whereabouts)).toBe(code)
  })
})
