// Remembers receipts that were removed after their shift, so that each is read alone only once. Hashes, since a year of
// a busy shop's ids would make the cursor large.
import { sha256Hex } from '#crypto/digest.ts'
import type { Archived } from '#crm/1c/cursor.ts'

const DIGITS = 8

export async function remember(archived: Archived, day: string, externalId: string): Promise<Archived> {
  return { ...archived, [day]: (archived[day] ?? '') + (await digitsOf(externalId)) }
}

/** Those that are not remembered. */
export async function unremembered(archived: Archived, externalIds: readonly string[]): Promise<readonly string[]> {
  const known = new Set(Object.values(archived).flatMap((digits) => digits.match(/.{8}/g) ?? []))
  if (known.size === 0 || externalIds.length === 0) return externalIds
  const digits = await Promise.all(externalIds.map(digitsOf))
  return externalIds.filter((_, index) => !known.has(digits[index] ?? ''))
}

export function countOf(archived: Archived): number {
  return Object.values(archived).reduce((sum, digits) => sum + digits.length / DIGITS, 0)
}

async function digitsOf(externalId: string): Promise<string> {
  return (await sha256Hex(externalId)).slice(0, DIGITS)
}
