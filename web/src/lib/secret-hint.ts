export type SecretHint = 'spacesInside' | 'quoted' | 'prefixed' | 'address'

/** What is unusual about a key that was pasted. It may be right all the same, so it is only said. */
export function secretHint(value: string): SecretHint | null {
  if (/^bearer\s/i.test(value)) return 'prefixed'
  if (/^https?:\/\//i.test(value)) return 'address'
  if (/^(["'«“`]).*(["'»”`])$/.test(value)) return 'quoted'
  return /\S\s+\S/.test(value) ? 'spacesInside' : null
}
