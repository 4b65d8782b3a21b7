// A short digest of what has been read, so that a query for a few fields shows where something has changed: the number
// of documents and the sum of their hashes, per hour, and per day further back. Sums can be added: hours into days,
// pages into hours. 1C has no change time; its DataVersion changes with every write and can only be compared for
// equality.
import * as z from 'zod'
import { sha256Hex } from '#crypto/digest.ts'
import { type DocumentSpec, fingerprintFields } from '#crm/1c/documents.ts'
import { type Row, textOf, localTimeOf } from '#crm/1c/fields.ts'
import { addSeconds } from '#crm/1c/local-time.ts'
import type { Range } from '#crm/1c/walk.ts'

/**
 * The count, the sum of hashes, and how often in a row the bucket was read with this result. A null sum equals nothing.
 */
const Digest = z.tuple([z.int(), z.int().nullable(), z.int()])
type Digest = z.infer<typeof Digest>

/** By bucket: an hour `YYYY-MM-DDTHH` or a day `YYYY-MM-DD`. */
export const Fingerprints = z.record(z.string(), Digest)
export type Fingerprints = z.infer<typeof Fingerprints>

const HASH_HEX_DIGITS = 12
const MODULUS = 2 ** 48
/**
 * The engine skips a record that a webhook writes while it is being read, and expects to get it again. So a bucket
 * counts as known only after two reads with the same result.
 */
const READS_MIN = 2

/** Hours from `fineFrom` on, days before it. */
function bucketOf(localTime: string, fineFrom: string): string {
  return localTime.slice(0, localTime < fineFrom ? 10 : 13)
}

export async function addUp(
  known: Fingerprints,
  rows: readonly Row[],
  { spec, fineFrom }: { readonly spec: DocumentSpec; readonly fineFrom: string },
): Promise<Fingerprints> {
  const fields = fingerprintFields(spec)
  const hashed = await Promise.all(rows.map(async (row) => [row, await hashOf(row, fields)] as const))
  const sums: Record<string, Digest> = { ...known }
  for (const [row, hash] of hashed) {
    const localTime = localTimeOf(row[spec.dateField])
    if (localTime === null) continue
    const bucket = bucketOf(localTime, fineFrom)
    sums[bucket] = plus(sums[bucket], [1, hash, 0])
  }
  return sums
}

async function hashOf(row: Row, fields: readonly string[]): Promise<number | null> {
  if (textOf(row['DataVersion']) === '') return null
  const hex = await sha256Hex(JSON.stringify(fields.map((field) => row[field] ?? null)))
  return Number.parseInt(hex.slice(0, HASH_HEX_DIGITS), 16)
}

function plus(a: Digest | undefined, b: Digest): Digest {
  if (!a) return b
  const sum = a[1] === null || b[1] === null ? null : (a[1] + b[1]) % MODULUS
  return [a[0] + b[0], sum, Math.min(a[2], b[2])]
}

/** Merges old hours into days and drops what lies before `from`. */
export function fold(known: Fingerprints, from: string, fineFrom: string): Fingerprints {
  const folded: Record<string, Digest> = {}
  for (const [bucket, digest] of Object.entries(known)) {
    if (bucket < from.slice(0, 10)) continue
    const to = bucketOf(startOf(bucket), fineFrom)
    folded[to] = to === bucket ? digest : plus(folded[to], digest)
  }
  return folded
}

/** The fingerprints after a period was read completely: `read` replaces what was known of it. */
export function settle(known: Fingerprints, read: Fingerprints, range: Range): Fingerprints {
  const kept = Object.entries(known).filter(([bucket]) => !isWithin(bucket, range))
  const now = Object.entries(read)
    .filter(([bucket]) => isWithin(bucket, range))
    .map(([bucket, [count, sum]]): [string, Digest] => {
      const before = known[bucket]
      const isSame = before?.[0] === count && before[1] === sum
      return [bucket, [count, sum, isSame ? Math.min(before[2] + 1, READS_MIN) : 1]]
    })
  return Object.fromEntries([...kept, ...now])
}

/** The parts of a range that have to be read, oldest first: buckets that are new, gone or changed. */
export function changedRanges(known: Fingerprints, current: Fingerprints, range: Range): readonly Range[] {
  const buckets = [...new Set([...Object.keys(known), ...Object.keys(current)])].filter((one) => isWithin(one, range))
  const ranges: { from: string; to: string }[] = []
  let isOpen = false
  for (const bucket of buckets.toSorted()) {
    const [before, now] = [known[bucket], current[bucket]]
    const isKnown = before && now && before[0] === now[0] && before[1] === now[1] && now[1] !== null
    const isChanged = !isKnown || before[2] < READS_MIN
    const last = ranges.at(-1)
    // Empty hours between two changed ones cost nothing to read.
    if (isChanged && isOpen && last) last.to = endOf(bucket)
    else if (isChanged) ranges.push({ from: startOf(bucket), to: endOf(bucket) })
    isOpen = isChanged
  }
  return ranges
}

function isWithin(bucket: string, { from, to }: Range): boolean {
  return startOf(bucket) >= from && (to === null || startOf(bucket) < to)
}

function startOf(bucket: string): string {
  return bucket.length === 10 ? `${bucket}T00:00:00` : `${bucket}:00:00`
}

function endOf(bucket: string): string {
  return addSeconds(startOf(bucket), bucket.length === 10 ? 86_400 : 3600)
}
