// One spelling for words of headers and cells: letters of the right alphabet, no accents, lower case.
import { MATCHED_MAX } from '#crm/csv/cells.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'

/** Capital and small letters that look alike in both alphabets; people and scanners mix them within a word. */
const LATIN = 'AaBCcEeHIiJjKkMOoPpSsTXxYy'
const CYRILLIC = 'АаВСсЕеНІіЈјКкМОоРрЅѕТХхУу'
const TO_CYRILLIC = new Map(Array.from(LATIN, (letter, at) => [letter, CYRILLIC.charAt(at)]))
const TO_LATIN = new Map(Array.from(CYRILLIC, (letter, at) => [letter, LATIN.charAt(at)]))
const IS_LATIN = /\p{Script=Latin}/u
const IS_CYRILLIC = /\p{Script=Cyrillic}/u
/** Letters that have no accent to drop. */
const PLAIN: Readonly<Record<string, string>> = { ё: 'е', ł: 'l', ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', đ: 'd', ı: 'i' }

/** A file has few headers and words, and each is met for every column, field and choice. */
const foldCache = createBoundedCache<string, string>(3000)

/** `Дaтa` with two Latin letters is «дата», `Numéro` is `numero`. Shorter or longer than the text by few characters. */
export function foldText(text: string): string {
  if (text.length > MATCHED_MAX) return folded(text)
  return foldCache.get(text) ?? foldCache.set(text, folded(text))
}

function folded(text: string): string {
  const parts = text.normalize('NFKC').replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
  const isMixed = IS_LATIN.test(parts) && IS_CYRILLIC.test(parts)
  return (isMixed ? parts.replaceAll(/\p{L}+/gu, oneAlphabet) : parts)
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/([a-z])\p{M}+/gu, '$1')
    .normalize('NFC')
    .replaceAll(/[ёłßøæœđı]/g, (letter) => PLAIN[letter] ?? letter)
}

/** Letters and digits, folded. */
export function wordsOf(text: string): readonly string[] {
  return foldText(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The alphabet of the letters that only one of them has; Cyrillic when there is none. */
function oneAlphabet(word: string): string {
  if (!IS_LATIN.test(word) || !IS_CYRILLIC.test(word)) return word
  const letters = Array.from(word)
  if (letters.every((letter) => !IS_LATIN.test(letter) || TO_CYRILLIC.has(letter))) {
    return letters.map((letter) => TO_CYRILLIC.get(letter) ?? letter).join('')
  }
  const isLatin = letters.every((letter) => !IS_CYRILLIC.test(letter) || TO_LATIN.has(letter))
  return isLatin ? letters.map((letter) => TO_LATIN.get(letter) ?? letter).join('') : word
}
