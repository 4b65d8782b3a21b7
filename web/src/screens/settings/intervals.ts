/** Minutes to choose from. */
const USUAL = [1, 5, 10, 15, 30, 60, 120, 360, 720, 1440]

/** With the one that is set, whatever it is. */
export function intervals(present: number): readonly number[] {
  return [...new Set([...USUAL, present])].toSorted((a, b) => a - b)
}
