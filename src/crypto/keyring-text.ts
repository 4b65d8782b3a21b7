// ENCRYPTION_KEYS is `id:base64[,id:base64…]`. The first key seals, and every key opens. To rotate, put a new key
// first, seal the stored values again and remove the old key. Pure text, since Node checks the configuration too.

/** What is wrong with the text of a keyring, or null. The answer never repeats any of the text. */
export function keyringProblem(text: string): string | null {
  const entries = parseKeys(text)
  if (entries.length === 0) return 'it is empty'
  if (entries.some(({ id }) => !/^[\w-]{1,32}$/.test(id)))
    return 'an id is missing or has other characters than A–Z a–z 0–9 _ -'
  if (new Set(entries.map(({ id }) => id)).size !== entries.length) return 'two keys have the same id'
  if (entries.some(({ bytes }) => bytes?.length !== 32)) return 'a key is not 32 bytes in base64'
  return null
}

export function parseKeys(text: string): { readonly id: string; readonly bytes: Uint8Array<ArrayBuffer> | null }[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const colon = entry.indexOf(':')
      return { id: entry.slice(0, Math.max(colon, 0)), bytes: decode(entry.slice(colon + 1)) }
    })
}

/** 32 bytes in base64. */
export function isBase64Key(text: string): boolean {
  return decode(text)?.length === 32
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    // Node 24 has no Uint8Array.fromBase64.
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
