// Decimal commas in a file whose cells are separated by commas: a sum of two cells, and every cell behind it shifted.

const WHOLE = /^[-+−]?\d[\d\s]*$/
const FRACTION = /^\d{1,2}$/

/** Whether a row is longer than the header by as many cells as it may have sums in two parts. */
export function hasSplitSum(cells: readonly string[], delimiter: string, columns: number): boolean {
  const more = cells.length - columns
  if (delimiter !== ',' || more <= 0) return false
  let parts = 0
  for (let at = 1; at < cells.length; at += 1) {
    if (FRACTION.test((cells[at] ?? '').trim()) && WHOLE.test((cells[at - 1] ?? '').trim())) parts += 1
  }
  return parts >= more
}
