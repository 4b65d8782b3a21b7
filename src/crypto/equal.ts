import { sha256 } from '#crypto/digest.ts'

/** Compares in constant time. Both sides are hashed first, so that the time does not depend on their lengths either. */
export async function isEqual(
  a: string | Uint8Array<ArrayBuffer>,
  b: string | Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)])
  let difference = 0
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0)
  return difference === 0
}
