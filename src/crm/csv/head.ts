// The first bytes of a file → text, in the encoding in which they make sense.
import type { FileHead } from '#crm/files.ts'
import { type DialectSettings, findDialect } from '#crm/csv/dialect.ts'
import { CYRILLIC, decode, decodeDamaged, detectEncoding, encodingOf, markedEncoding } from '#crm/csv/encoding.ts'
import type { Settings } from '#crm/csv/settings.ts'
import { CrmError } from '#lib/crm-error.ts'

const WORDS_LOOKED_AT = 8000
const LATIN = ['windows-1252', 'windows-1250'] as const
/** Characters that decide delimiter, header and encoding. */
const HEAD_CHARACTERS = 64 * 1024

export interface Head {
  readonly text: string
  /** Its beginning. */
  readonly short: string
  /** Null: only ASCII so far. */
  readonly encoding: string | null
  /** Bytes before the text. */
  readonly bom: number
  /** Some of it is not in that encoding. */
  readonly isDamaged: boolean
}

export function readHead({ bytes, isWhole }: FileHead, settings: DialectSettings & Pick<Settings, 'encoding'>): Head {
  const declared = markedEncoding(bytes) ?? (settings.encoding === undefined ? null : encodingOf(settings.encoding))
  const detected = declared ?? detectEncoding(bytes)
  const bom = bomOf(bytes, detected)
  const isGuess = declared === null && detected === CYRILLIC[0]
  const encoding = isGuess ? oneByteOf(bytes, settings) : detected
  const { text, isRaw } = decode(bytes.subarray(bom), encoding ?? 'utf-8', isWhole)
  const decoded = isRaw ? decodeDamaged(text) : text
  return { text: decoded, short: decoded.slice(0, HEAD_CHARACTERS), encoding, bom, isDamaged: isRaw }
}

/** Of the one-byte encodings: the one in which words are small letters, or in which the header has known words. */
function oneByteOf(bytes: Uint8Array, settings: DialectSettings): string {
  const short = bytes.subarray(0, HEAD_CHARACTERS)
  const read = (encoding: string) => decode(short, encoding, false).text
  const hits = (encoding: string) => hitsIn(read(encoding), settings)
  if (isLatin(read(CYRILLIC[0]))) {
    const [western, central] = LATIN
    return hits(central) > hits(western) ? central : western
  }
  const counted = CYRILLIC.map((encoding) => ({ encoding, pairs: countOf(read(encoding), /[а-яё]{2}/g) }))
  const [best, second] = counted.toSorted((a, b) => b.pairs - a.pairs)
  if (best && second && best.pairs > second.pairs * 2) return best.encoding
  return CYRILLIC.find((encoding) => hits(encoding) >= 2) ?? CYRILLIC[0]
}

function countOf(text: string, words: RegExp): number {
  return text.slice(0, WORDS_LOOKED_AT).match(words)?.length ?? 0
}

/** Accents read as Cyrillic stand in Latin words, and the signs of euro and pound at numbers. */
function isLatin(text: string): boolean {
  const mixed = countOf(text, /[a-z][Ѐ-ӿ]|[Ѐ-ӿ][a-z]|[ЂЈ] ?\d|\d ?[ЂЈ]/gi)
  return mixed > countOf(text, /(?<!\p{L})[Ѐ-ӿ]{2,}(?!\p{L})/gu)
}

function hitsIn(text: string, settings: DialectSettings): number {
  try {
    return findDialect(text, settings, false).header.hits
  } catch (error) {
    if (error instanceof CrmError) return 0
    throw error
  }
}

function bomOf(bytes: Uint8Array, encoding: string | null): number {
  const [a, b, c] = bytes
  if (encoding === 'utf-8' && a === 0xef && b === 0xbb && c === 0xbf) return 3
  const isMarked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)
  return isMarked && encoding?.startsWith('utf-16') === true ? 2 : 0
}
