// Money and times as a person of the language reads them, in the zone and currency of the business.
import { useMemo } from 'preact/hooks'
import { minorDigits } from '#lib/money.ts'
import { useApp } from '#web/app/context.ts'
import type { Language } from '#lib/localized.ts'

export interface Format {
  /** Minor units, in the business's currency when none is named. */
  readonly money: (amountMinor: number, currency?: string) => string
  readonly number: (value: number) => string
  /** Of `YYYY-MM-DD`. */
  readonly day: (day: string) => string
  /** Day and time of an instant. */
  readonly time: (instant: string) => string
  /** The time of day of an instant. */
  readonly clock: (instant: string) => string
  /** Such as “5 minutes ago”, or “in 2 hours”. */
  readonly ago: (instant: string, now?: number) => string
  readonly duration: (ms: number) => string
  /** `YYYY-MM-DD` in the business's zone. */
  readonly toDay: (instant: string | number | Date) => string
}

interface Zone {
  readonly timezone: string
  readonly currency: string
}

/** Days before months in both. */
export const LOCALE = { en: 'en-GB', ru: 'ru-RU' } as const

export function createFormat(language: Language, { timezone, currency: own }: Zone): Format {
  const locale = LOCALE[language]
  const of = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: timezone, ...options })
  const day = { day: 'numeric', month: 'long', year: 'numeric' } as const
  const days = new Intl.DateTimeFormat(locale, { ...day, timeZone: 'UTC' })
  const times = of({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const yearTimes = of({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
  const clocks = of({ hour: '2-digit', minute: '2-digit' })
  // This locale writes the date as ISO 8601 does.
  const isoDays = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const numbers = new Intl.NumberFormat(locale)
  const toDay: Format['toDay'] = (instant) => isoDays.format(new Date(instant))
  return {
    money: (amountMinor, currency = own) => moneyIn(locale, { currency, own }, amountMinor),
    number: (value) => numbers.format(value),
    day: (text) => days.format(new Date(`${text}T00:00:00Z`)),
    time: (instant) => {
      const isThisYear = toDay(instant).slice(0, 4) === toDay(Date.now()).slice(0, 4)
      return (isThisYear ? times : yearTimes).format(new Date(instant))
    },
    clock: (instant) => clocks.format(new Date(instant)),
    ago: (instant, now = Date.now()) => relative(locale, (Date.parse(instant) - now) / 1000),
    duration: (ms) => lasting(locale, ms / 1000),
    toDay,
  }
}

interface Currencies {
  readonly currency: string
  /** That of the business. */
  readonly own: string
}

function moneyIn(locale: string, { currency, own }: Currencies, amountMinor: number): string {
  // Not as the browser has it: it writes some currencies without their minor unit, such as forints.
  const minor = minorDigits(currency)
  const amount = amountMinor / 10 ** minor
  // A whole sum is read faster without its kopecks.
  const digits = Number.isInteger(amount) ? 0 : minor
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  // Several currencies have the same short sign, such as $.
  const currencyDisplay = currency === own ? 'narrowSymbol' : 'symbol'
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay, ...shown })
  // A hyphen is hard to see before a sum.
  return format.format(amount).replace('-', '−')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

function relative(locale: string, seconds: number): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return format.format(Math.trunc(seconds), 'second')
}

function lasting(locale: string, seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? (['second', 1] as const)
  const value = unit === 'second' ? Math.round(seconds * 10) / 10 : Math.round(seconds / size)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

export function useFormat(): Format {
  const { language, session } = useApp()
  const { timezone, currency } = session.business
  return useMemo(() => createFormat(language, { timezone, currency }), [language, timezone, currency])
}
