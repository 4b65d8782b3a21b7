// What the page says, and how: numbers, names, money and times in both languages.
import { describe, expect, it } from 'vitest'
import { createFormat } from '#web/i18n/format.ts'
import { texts, translator } from '#web/i18n/texts.ts'

const TEXTS = texts({
  hello: { en: 'For “{name}”', ru: 'Для «{name}»' },
  sales: {
    en: { one: '{n} sale', other: '{n} sales' },
    ru: { one: '{n} продажа', few: '{n} продажи', many: '{n} продаж' },
  },
})

describe('texts', () => {
  it('takes the form that a number needs', () => {
    const [en, ru] = [translator(TEXTS, 'en'), translator(TEXTS, 'ru')]
    expect([0, 1, 2, 1000].map((n) => en('sales', { n }))).toEqual(['0 sales', '1 sale', '2 sales', '1,000 sales'])
    const counted = [0, 1, 2, 5, 11, 21, 22, 1.5].map((n) => ru('sales', { n }))
    expect(counted.map((text) => text.replaceAll(/\s/g, ' '))).toEqual([
      ...['0 продаж', '1 продажа', '2 продажи', '5 продаж', '11 продаж', '21 продажа', '22 продажи', '1,5 продажи'],
    ])
  })

  it('puts no second quotation mark around a name that has its own, and fills in what looks like a name once', () => {
    const ru = translator(TEXTS, 'ru')
    expect(ru('hello', { name: 'Кафе' })).toBe('Для «Кафе»')
    expect(ru('hello', { name: 'Салон «Север»' })).toBe('Для Салон «Север»')
    expect(translator(TEXTS, 'en')('hello', { name: 'Салон «Север»' })).toBe('For Салон «Север»')
    expect(ru('hello', { name: '{name} $& $1' })).toBe('Для «{name} $& $1»')
  })
})

const plain = (text: string) => text.replaceAll(/\s/gu, ' ')

describe('formats', () => {
  const ru = createFormat('ru', { timezone: 'Asia/Vladivostok', currency: 'RUB' })
  const en = createFormat('en', { timezone: 'Europe/Moscow', currency: 'RUB' })

  it('shows money by the digits of its currency, whole sums without kopecks', () => {
    expect(plain(ru.money(123_450))).toBe('1 234,50 ₽')
    expect(plain(ru.money(123_400))).toBe('1 234 ₽')
    expect(plain(ru.money(-500))).toBe('−5 ₽')
    expect(plain(ru.money(500, 'JPY'))).toContain('500')
    expect(plain(en.money(1_005_000))).toBe('₽10,050')
    expect(plain(en.money(1500, 'KWD'))).toContain('1.500')
    // Several currencies have the sign $, so it is enough only for that of the business.
    expect(plain(en.money(500, 'USD'))).toBe('US$5')
    // The browser itself writes these without their minor unit, which makes them a hundred times as much.
    expect(plain(ru.money(123_450, 'HUF'))).toBe('1 234,50 HUF')
    expect(plain(en.money(-123_400, 'IDR'))).toBe('−IDR 1,234')
  })

  it('shows an instant in the zone of the business, and knows its day there', () => {
    expect(ru.toDay('2026-01-31T15:00:00Z')).toBe('2026-02-01')
    expect(en.toDay('2026-01-31T15:00:00Z')).toBe('2026-01-31')
    expect(ru.clock('2026-01-31T15:00:00Z')).toBe('01:00')
    expect(plain(ru.time('2024-01-31T15:00:00Z'))).toMatch(/^1 февр\. 2024/)
    expect(plain(ru.day('2026-02-01'))).toBe('1 февраля 2026 г.')
  })

  it('says how long ago something was', () => {
    const now = Date.parse('2026-01-31T15:00:00Z')
    expect(ru.ago('2026-01-31T14:58:10Z', now)).toBe('1 минуту назад')
    expect(en.ago('2026-01-31T17:00:00Z', now)).toBe('in 2 hours')
    expect(plain(ru.duration(90_000))).toBe('2 минуты')
  })
})
