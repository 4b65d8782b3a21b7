// Whether time grows with the input and no faster, on a machine that does other things as well: the same amount of input
// in one piece must not cost much more than in twenty. What is quadratic costs twenty times as much.
import { expect } from 'vitest'

const PIECES = 20
const RATIO_MAX = 6
/** The pause of a garbage collection. */
const NOISE_MS = 20
const TRIES = 3

export function expectLinear<T>(act: (input: T) => unknown, inputOf: (size: number) => T, size: number): void {
  const [piece, whole] = [inputOf(size / PIECES), inputOf(size)]
  const measured: { readonly pieces: number; readonly whole: number }[] = []
  for (let round = 0; round < TRIES; round += 1) {
    const times = {
      pieces: timeOf(() => {
        for (let count = 0; count < PIECES; count += 1) act(piece)
      }),
      whole: timeOf(() => act(whole)),
    }
    if (times.whole <= RATIO_MAX * times.pieces + NOISE_MS) return
    measured.push(times)
  }
  expect(measured).toEqual([])
}

function timeOf(act: () => void): number {
  const startedAt = performance.now()
  act()
  return performance.now() - startedAt
}
