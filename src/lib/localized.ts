/** The languages of the product. */
export const LANGUAGES = ['en', 'ru'] as const
export type Language = (typeof LANGUAGES)[number]

/** A text for people. */
export type LocalizedText = Readonly<Record<Language, string>>

/** Text that is the same in both languages, such as names. */
export function both(text: string): LocalizedText {
  return { en: text, ru: text }
}

/** Russian or English, whichever an `Accept-Language` names first; English where it names neither. */
export function languageOf(acceptLanguage: string | null): Language {
  const first = (acceptLanguage?.toLowerCase() ?? '')
    .split(',')
    .map((part) => part.trim().slice(0, 2))
    .find((part) => part === 'ru' || part === 'en')
  return first === 'ru' ? 'ru' : 'en'
}
