import * as fc from 'fast-check'
import examples from 'libphonenumber-js/examples.mobile.json'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { describe, expect, it } from 'vitest'
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
        ]
        expect(new Set(forms.map((form) => normalizePhone(form)))).toEqual(new Set([`+7${digits}`]))
      }),
    )
  })

  it.each([
    ['+77011234567', '+77011234567'],
    ['+998 90 123 45 67', '+998901234567'],
    ['375291234567', '+375291234567'],
    ['79001234567, 79007654321', '+79001234567'],
    [79_001_234_567, '+79001234567'],
    ['+7 900 ***-**-67', null],
    ['7900XXXX567', null],
    ['', null],
    ['0', null],
    ['0000000000', null],
    ['12345', null],
    ['нет телефона', null],
    [null, null],
    [undefined, null],
  ])('%j is %j', (raw, phone) => {
    expect(normalizePhone(raw)).toBe(phone)
  })

  it.each([
    ['80291234567', '375', '+375291234567'],
    ['29 123-45-67', '375', '+375291234567'],
    ['0501234567', '971', '+971501234567'],
    ['+79001234567', '375', '+79001234567'],
    ['79001234567', '375', '+79001234567'],
  ])('%s, where the calling code is %s, is %s', (raw, callingCode, phone) => {
    expect(normalizePhone(raw, callingCode)).toBe(phone)
  })
})

describe('the world', () => {
  it.each(Object.entries(examples))('is known as the library knows it: %s', (country, national) => {
    const whole = parsePhoneNumberFromString(national, { defaultCountry: country as CountryCode })
    expect(whole?.isPossible()).toBe(true)
    expect(normalizePhone(whole?.formatInternational())).toBe(whole?.number)
  })
})
