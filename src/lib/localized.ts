/** The languages of the product. */
export const LANGUAGES = ['en', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

/** A text for people. */
export type LocalizedText = Readonly<Record<Language, string>>

/** Text that is the same in both languages, such as names. */
export function both(text: string): LocalizedText {
  return { en: text, ru: text }
}

/** Russian or English, whichever an `Accept-Language` prefers (RFC 9110, 12.5.4); English where it takes neither. */
export function languageOf(acceptLanguage: string | null): Language {
  if (acceptLanguage === null) return 'en'
  const [first] = acceptLanguage
    .toLowerCase()
    .split(',')
    .map(parseRange)
    .filter(({ weight, language }) => weight > 0 && (language === 'ru' || language === 'en'))
    .toSorted((a, b) => b.weight - a.weight)
  return first?.language === 'ru' ? 'ru' : 'en'
}

/** `ru-RU;q=0.8`. A weight that is no number is that of a range without one. */
function parseRange(range: string): { readonly language: string; readonly weight: number } {
  const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
  const [language = ''] = tag.split('-')
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
  return { language, weight: Number.isNaN(weight) ? 1 : weight }
}
