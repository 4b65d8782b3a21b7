// Which language the page speaks: what the person chose here, else the session's, else the browser's.
import { LANGUAGES, type Language } from '#lib/localized.ts'
import { recall, remember } from '#web/lib/memory.ts'

const NAME = 'language'

export function firstLanguage(ofSession: Language | null): Language {
  return languageIn([recall(NAME)]) ?? ofSession ?? languageIn(navigator.languages) ?? 'en'
}

export function keepLanguage(language: Language): void {
  remember(NAME, language)
}

/** The first that the page speaks, by the first part of its tag. */
export function languageIn(tags: readonly (string | null)[]): Language | null {
  for (const tag of tags) {
    const known = LANGUAGES.find((language) => tag?.toLowerCase().split('-')[0] === language)
    if (known) return known
  }
  return null
}
