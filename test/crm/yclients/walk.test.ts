import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { walk } from '#crm/yclients/walk.ts'

interface Server {
  readonly countMax: number
  readonly hasTotal: boolean
  /** Rows that leave the list before the nth answer. */
  readonly leave?: (answer: number) => number
}

/** Rows by id, newest first; whatever leaves does so from the front, which moves the rest up. */
async function read(ids: number[], { countMax, hasTotal, leave = () => 0 }: Server): Promise<Set<number>> {
  const rest = [...ids]
  const seen = new Set<number>()
  let answers = 0
  const pages = walk(async ({ page, count }) => {
    answers += 1
    rest.splice(0, leave(answers))
    const size = Math.min(count, countMax)
    const rows = rest.slice((page - 1) * size, page * size).map((id) => ({ id }))
    return { rows, total: hasTotal ? rest.length : null }
  }, null)
  for await (const { rows } of pages) {
    for (const row of rows) if (typeof row === 'object' && row !== null && 'id' in row) seen.add(Number(row.id))
  }
  return seen
}

const range = (length: number) => Array.from({ length }, (_, index) => index)

describe('walking a list', () => {
  it('reads all of it, whatever page size the server keeps to and whether or not it tells a total', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(700), fc.integer({ min: 1, max: 250 }), fc.boolean(), async (length, size, hasTotal) => {
        // Without a total a server of its own odd page size cannot be told from the last page.
        const countMax = hasTotal ? size : Math.max(Math.round(size / 10) * 10, 10)
        expect((await read(range(length), { countMax, hasTotal })).size).toBe(length)
      }),
      { numRuns: 150 },
    )
  })

  it('skips no row that stays while others leave between two pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 12 }), async (leaves) => {
        const ids = range(900)
        const gone = leaves.reduce((sum, count) => sum + count, 0)
        const seen = await read(ids, { countMax: 50, hasTotal: true, leave: (answer) => leaves[answer - 1] ?? 0 })
        expect(ids.slice(gone).filter((id) => !seen.has(id))).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it('ends on a server that ignores the page number', async () => {
    let answers = 0
    const rows = range(200).map((id) => ({ id }))
    const pages = walk(async () => {
      answers += 1
      return { rows, total: null }
    }, null)
    for await (const page of pages) expect(page.rows).toHaveLength(200)
    expect(answers).toBe(2)
  })
})
