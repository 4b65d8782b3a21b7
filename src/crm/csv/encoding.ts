// Bytes → text. The order of the guesses: byte order mark, UTF-16 by its zeros, UTF-8 by its strictness; then one of the
// one-byte encodings of Cyrillic, which never fail and so come last.

/** Bytes from 0x80 on as characters that nothing else uses: keeps a piece of a file whole that is not what it says. */
const RAW = 'x-user-defined'
const ONE_BYTE = /^(?:windows-125\d|windows-874|iso-8859-\d+(?:-i)?|koi8-[ru]|ibm866|macintosh|x-mac-cyrillic)$/
export const CYRILLIC = ['windows-1251', 'ibm866', 'koi8-r'] as const
/** Of the characters beyond ASCII: cut-off names damage less, another encoding nearly all. */
const DAMAGED_SHARE_MAX = 0.25

/** The encoding's own name; null for one that records cannot be counted in. */
export function encodingOf(label: string): string | null {
  try {
    const { encoding } = new TextDecoder(label)
    return encoding.startsWith('utf-') || ONE_BYTE.test(encoding) ? encoding : null
  } catch {
    return null
  }
}

/** What the byte order mark says. */
export function markedEncoding([a, b, c]: Uint8Array): string | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return null
}

/** Null: ASCII so far, which is the same in nearly all of them. */
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
  // Digits, separators and line ends are half of any table.
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
  // Half a letter at the end may be anyone's.
  if (beyond === 0) return null
  return damaged <= beyond * DAMAGED_SHARE_MAX ? 'utf-8' : CYRILLIC[0]
}

export interface Decoded {
  readonly text: string
  /** Bytes that cannot be UTF-8 are in it: each cell has to be read by itself. */
  readonly isRaw: boolean
}

/** Up to the last whole character, unless the file ends here. */
export function decode(bytes: Uint8Array, encoding: string, isLast: boolean): Decoded {
  const whole = isLast ? bytes : bytes.subarray(0, wholeCharacters(bytes, encoding))
  try {
    const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8', ignoreBOM: true })
    return { text: decoder.decode(whole), isRaw: false }
  } catch {
    return { text: new TextDecoder(RAW).decode(whole), isRaw: true }
  }
}

/** A cell of a raw piece; null when it is not UTF-8. */
export function decodeRaw(cell: string): string | null {
  const bytes = Uint8Array.from(cell, (character) => character.charCodeAt(0) & 0xff)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** As it can be shown. */
export function decodeDamaged(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff))
}

/** How many bytes a decoded text was. */
export function bytesOf({ text, isRaw }: Decoded, encoding: string): number {
  if (isRaw) return text.length
  if (encoding === 'utf-8') return new TextEncoder().encode(text).byteLength
  return encoding.startsWith('utf-16') ? text.length * 2 : text.length
}

/** Bytes up to the last character that is whole. */
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
