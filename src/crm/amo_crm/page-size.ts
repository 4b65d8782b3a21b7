// Where a page takes amoCRM too long, it answers 504, 500 or nothing; its own advice is fewer rows a page.
import { fewerIfTooLarge, isTooMuch, readFewer as readFewerBy } from '#crm/kit/fewer-at-once.ts'
import { isTooLarge } from '#lib/egress.ts'

/** Below 25 rows the page is not what takes so long. */
const SIZES = [125, 62, 25]

/** The size to read next after this error; null when fewer rows would not help. */
export function fewerRows(error: unknown, rows: number): number | null {
  if (isTooLarge(error)) return fewerIfTooLarge(error, rows)
  return isTooMuch(error) ? (SIZES.find((size) => size < rows) ?? null) : null
}

/** Reads so many rows, fewer where that is too much. Throws what `read` throws. */
export async function readFewer<T>(rows: number, read: (rows: number) => Promise<T>): Promise<T> {
  return readFewerBy(rows, read, fewerRows)
}
