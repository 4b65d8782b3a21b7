import { expect, it } from 'vitest'
import { readFewer, readInHalves } from '#crm/kit/fewer-at-once.ts'
import { CrmError } from '#lib/crm-error.ts'

/** A vendor whose answers hold at most so many rows, and the sizes it was asked for. */
function createVendor(rowsMax: number) {
  const asked: number[] = []
  const take = <T>(rows: number, answer: T): T => {
    asked.push(rows)
    if (rows > rowsMax) throw new CrmError('rejected', { reason: 'too_large' })
    return answer
  }
  return { asked, take }
}

it('a sample whose smallest part is too large is given up after a few requests, for each may cost a bomb', async () => {
  const { asked, take } = createVendor(0)
  await expect(readFewer(250, async (rows) => take(rows, rows))).rejects.toThrow()
  expect(asked).toEqual([250, 31, 3, 1])
})

it('a sample that is too large is read smaller', async () => {
  const { asked, take } = createVendor(12)
  expect(await readFewer(50, async (rows) => take(rows, rows))).toBe(6)
  expect(asked).toEqual([50, 6])
})

it('objects by their keys are read in halves, and none is missing', async () => {
  const { take } = createVendor(3)
  const keys = Array.from({ length: 10 }, (_, n) => `key ${n}`)
  expect(await readInHalves(keys, async (some) => take(some.length, some))).toEqual(keys)
})
