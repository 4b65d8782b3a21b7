// ENCRYPTION_KEYS is `id:base64[,id:base64…]`: the first key seals, all open. Rotation: put a new one in front, seal the
// stored values anew, take the old one away. Pure text here: the configuration is checked in Node too.

/** What is wrong with the text of a keyring, or null. Never repeats any of it. */
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

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    // Not Uint8Array.fromBase64, which Node 24 has not.
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
