import { isTooLarge } from '#lib/egress.ts'

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

/** Reads some rows of a list, half as many where the answer would be too large. Throws what `read` throws. */
export async function readFewer<T>(rows: number, read: (rows: number) => Promise<T>): Promise<T> {
  try {
    return await read(rows)
  } catch (error) {
    if (!isTooLarge(error) || rows < 2) throw error
    return readFewer(Math.floor(rows / 2), read)
  }
}
