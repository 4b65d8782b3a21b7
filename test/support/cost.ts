// Whether time grows with the input and no faster, on a machine that does other things as well: the same amount of
// input in one piece must not cost much more than in twenty. What is quadratic costs twenty times as much.
import { expect } from 'vitest'

const PIECES = 20
const RATIO_MAX = 6
/** The pause of a garbage collection. */
const NOISE_MS = 20
const TRIES = 3

export async function expectLinear<T>(
  act: (input: T) => unknown,
  inputOf: (size: number) => T,
  size: number,
): Promise<void> {
  const [piece, whole] = [inputOf(size / PIECES), inputOf(size)]
  const measured: { readonly pieces: number; readonly whole: number }[] = []
  for (let round = 0; round < TRIES; round += 1) {
    const times = {
      pieces: await timeOf(async () => {
        for (let count = 0; count < PIECES; count += 1) await act(piece)
      }),
      whole: await timeOf(async () => act(whole)),
    }
    if (times.whole <= RATIO_MAX * times.pieces + NOISE_MS) return
    measured.push(times)
  }
  expect(measured).toEqual([])
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}
