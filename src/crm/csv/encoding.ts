// Bytes → text. Tried in this order: byte order mark, UTF-16 by its zero bytes, strict UTF-8, and last the one-byte
// encodings of Cyrillic, which never fail.

/**
 * Maps bytes from 0x80 on to unused characters: keeps a piece of a file intact that is not in its declared encoding.
 */
const RAW = 'x-user-defined'
const ONE_BYTE = /^(?:windows-125\d|windows-874|iso-8859-\d+(?:-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic)$/
export const CYRILLIC = ['windows-1251', 'ibm866', 'koi8-r'] as const
/** Share of the characters beyond ASCII: cut-off names damage fewer, another encoding damages nearly all. */
const DAMAGED_SHARE_MAX = 0.25

/** The encoding's canonical name; null when the bytes of a record cannot be counted in it. */
export function encodingOf(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label)
    return encoding.startsWith('utf-') || ONE_BYTE.test(encoding) ? encoding : null
  } catch {
    return null
  }
}

/** The encoding of the byte order mark. */
export function markedEncoding([a, b, c]: Uint8Array): string | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return null
}

/** Null: only ASCII so far, which is the same in nearly all encodings. */
export function detectEncoding(bytes: Uint8Array): string | null {
  const marked = markedEncoding(bytes)
  if (marked !== null) return marked
  const zeros = [0, 0]
  let isAscii = true
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
    if (byte > 0x7f) isAscii = false
  }
  const [even = 0, odd = 0] = zeros
  // Digits, separators and line ends are at least half of any table.
  if (odd > bytes.length / 8 && even < odd / 8) return 'utf-16le'
  if (even > bytes.length / 8 && odd < even / 8) return 'utf-16be'
  if (isAscii) return null
  const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(
    bytes.subarray(0, wholeCharacters(bytes, 'utf-8')),
  )
  let beyond = 0
  let damaged = 0
  for (const character of text) {
    if (character > '\u007f') beyond += 1
    if (character === '\ufffd') damaged += 1
  }
  // A cut-off character at the end says nothing.
  if (beyond === 0) return null
  return damaged <= beyond * DAMAGED_SHARE_MAX ? 'utf-8' : CYRILLIC[0]
}

export interface Decoded {
  readonly text: string
  /** It has bytes that are not UTF-8, so each cell is decoded by itself. */
  readonly isRaw: boolean
}

/** Decodes up to the last complete character, or all if the file ends here. */
export function decode(bytes: Uint8Array, encoding: string, isLast: boolean): Decoded {
  const whole = isLast ? bytes : bytes.subarray(0, wholeCharacters(bytes, encoding))
  try {
    const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8', ignoreBOM: true })
    return { text: decoder.decode(whole), isRaw: false }
  } catch {
    return { text: new TextDecoder(RAW).decode(whole), isRaw: true }
  }
}

/** Decodes a cell of a raw piece; null when it is not UTF-8. */
export function decodeRaw(cell: string): string | null {
  const bytes = Uint8Array.from(cell, (character) => character.charCodeAt(0) & 0xff)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Text for display, with replacement characters. */
export function decodeDamaged(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff))
}

/** The number of bytes of a decoded text. */
export function bytesOf({ text, isRaw }: Decoded, encoding: string): number {
  if (isRaw) return text.length
  if (encoding === 'utf-8') return new TextEncoder().encode(text).byteLength
  return encoding.startsWith('utf-16') ? text.length * 2 : text.length
}

/** The number of bytes up to the last complete character. */
function wholeCharacters(bytes: Uint8Array, encoding: string): number {
  const { length } = bytes
  if (encoding.startsWith('utf-16')) {
    const even = length - (length % 2)
    const high = bytes[encoding === 'utf-16le' ? even - 1 : even - 2] ?? 0
    return high >= 0xd8 && high <= 0xdb ? even - 2 : even
  }
  if (encoding !== 'utf-8') return length
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back] ?? 0
    if (byte >= 0xc0) return byte >= 0xf0 || (byte >= 0xe0 && back < 3) || back < 2 ? length - back : length
    if (byte < 0x80) break
  }
  return length
}
