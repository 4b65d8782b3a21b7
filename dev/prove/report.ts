// The days of a check as a table for a terminal. Pure.
import type { components } from '#client/index.ts'
import type { Language, LocalizedText } from '#lib/localized.ts'

export type CheckedDay = components['schemas']['CheckedDay']
export type Difference = components['schemas']['Difference']

const WORDS = {
  day: { en: 'Day', ru: 'День' },
  location: { en: 'Location', ru: 'Филиал' },
  stored: { en: 'Stored', ru: 'Здесь' },
  crm: { en: 'CRM', ru: 'CRM' },
  total: { en: 'CRM’s total', ru: 'Итог CRM' },
  missing: { en: 'Missing', ru: 'Нет здесь' },
  extra: { en: 'Extra', ru: 'Лишние' },
  different: { en: 'Different', ru: 'Иные' },
  state: { en: 'State', ru: 'Итог' },
  equal: { en: 'equal', ru: 'совпадает' },
  differs: { en: 'DIFFERENT', ru: 'РАСХОДИТСЯ' },
  unchecked: { en: 'unchecked', ru: 'не сверен' },
} as const satisfies Readonly<Record<string, LocalizedText>>

export interface Setting {
  readonly language: Language
  readonly currency: string
  /** Names of locations by their ids. */
  readonly locations: ReadonlyMap<string, string>
}

export function tableOf(days: readonly CheckedDay[], setting: Setting): string {
  const word = (name: keyof typeof WORDS) => WORDS[name][setting.language]
  const state = { equal: word('equal'), different: word('differs'), unchecked: word('unchecked') }
  const sum = (one: CheckedDay['total']) => (one ? amountOf(one, setting) : '–')
  const header = (['day', 'location', 'stored', 'crm', 'total', 'missing', 'extra', 'different', 'state'] as const).map(
    word,
  )
  const rows = days.map((one) => [
    ...[one.day, one.locationId === null ? '–' : (setting.locations.get(one.locationId) ?? one.locationId)],
    ...[amountOf(one.stored, setting), one.crm ? amountOf(one.crm, setting) : '–', sum(one.total)],
    ...[String(one.missing), String(one.extra), String(one.different), state[one.state]],
  ])
  const widths = header.map((name, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? name.length)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [header, widths.map((width) => '─'.repeat(width)), ...rows].map(line).join('\n')
}

/** `12 × 34 500,00 ₽`; without a count the sum alone. */
function amountOf(
  { count, amountMinor }: { readonly count: number | null; readonly amountMinor: number },
  { language, currency }: Setting,
): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  const sum = format.format(amountMinor / 10 ** digits)
  return count === null ? sum : `${count} × ${sum}`
}

export interface Outcome {
  readonly code: 0 | 1 | 2
  readonly text: string
}

/** What the days come to. Days without sales are not in the list: an empty one is equal only after a check of now. */
export function outcomeOf(
  days: readonly CheckedDay[],
  { language, usesLast }: { readonly language: Language; readonly usesLast: boolean },
): Outcome {
  if (days.length === 0) {
    const none = usesLast
      ? {
          en: 'Nothing is stored of these days, and no check of them has found any.',
          ru: 'За эти дни ничего нет: ни продаж, ни сверок.',
        }
      : { en: 'No sales on these days, neither here nor in the CRM.', ru: 'За эти дни продаж нет ни здесь, ни в CRM.' }
    return { code: usesLast ? 2 : 0, text: none[language] }
  }
  const of = (state: CheckedDay['state']) => days.filter((day) => day.state === state).length
  const [different, unchecked] = [of('different'), of('unchecked')]
  if (different > 0) {
    const text = {
      en: `${different} of ${days.length} differ. A repair loads them again: POST /v1/integrations/{id}/repairs.`,
      ru: `Расходятся: ${different} из ${days.length}. Исправить: POST /v1/integrations/{id}/repairs.`,
    }
    return { code: 1, text: text[language] }
  }
  if (unchecked > 0) {
    const text = {
      en: `${unchecked} of ${days.length} could not be compared.`,
      ru: `Не удалось сверить: ${unchecked} из ${days.length}.`,
    }
    return { code: 2, text: text[language] }
  }
  const text = { en: `All ${days.length} are equal.`, ru: `Все совпадают: ${days.length}.` }
  return { code: 0, text: text[language] }
}

const KINDS: Readonly<Record<Difference['kind'], LocalizedText>> = {
  missing: { en: 'missing here', ru: 'нет здесь' },
  extra: { en: 'not in the CRM', ru: 'нет в CRM' },
  different: { en: 'different', ru: 'расходится' },
}

export function differenceLine({ kind, externalId, fields }: Difference, day: string, language: Language): string {
  const what = fields.length > 0 ? ` (${fields.join(', ')})` : ''
  return `  ${day}  ${externalId}  ${KINDS[kind][language]}${what}`
}
