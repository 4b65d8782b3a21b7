import { CrmError } from '#lib/crm-error.ts'
import { isTooLarge } from '#lib/egress.ts'

/** The CRM's server may have been asked for more than it can do: less may succeed, the same hardly. */
export function isTooMuch(error: unknown): boolean {
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return false
  return error.reason === 'timeout' || error.status === 500 || error.status === 504
}

/** Reads objects by their keys, fewer at once where the answer would be too large. Throws what `read` throws. */
export async function readInHalves<T>(
  keys: readonly string[],
  read: (some: readonly string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await read(keys)
  } catch (error) {
    if (!isTooLarge(error) || keys.length < 2) throw error
    const middle = Math.ceil(keys.length / 2)
    const first = await readInHalves(keys.slice(0, middle), read)
    return [...first, ...(await readInHalves(keys.slice(middle), read))]
  }
}

/** How many rows to read after this error; null: fewer would not help. */
type FewerRows = (error: unknown, rows: number) => number | null

/** Rows of one list are alike: where they are merely large an eighth at once is enough. For 250: four requests. */
export const fewerIfTooLarge: FewerRows = (error, rows) =>
  isTooLarge(error) && rows > 1 ? Math.max(1, Math.floor(rows / 8)) : null

/** Reads some rows of a list, fewer where that is too much. Throws what `read` throws. */
export async function readFewer<T>(
  rows: number,
  read: (rows: number) => Promise<T>,
  fewerRows = fewerIfTooLarge,
): Promise<T> {
  try {
    return await read(rows)
  } catch (error) {
    const fewer = fewerRows(error, rows)
    if (fewer === null) throw error
    return readFewer(fewer, read, fewerRows)
  }
}
