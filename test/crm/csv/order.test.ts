// The order of columns and rows decides nothing: whatever a file says, it says the same in any order of both.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanCell } from '#crm/csv/cells.ts'
import { parseRecords } from '#crm/csv/parse.ts'
import { CrmError } from '#lib/crm-error.ts'
import { askedOf, readFile } from '#test/csv.ts'

const FILES = import.meta.glob<string>('/test/fixtures/csv/*.csv', { query: '?raw', import: 'default', eager: true })

/** Where lines are in their order: totals, titles, lines of the receipt above them, no header, a line of a preamble. */
const ORDERED = /\/(?:043|045|046|098|099|102|121|122|123|129|131)/

interface Grid {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

function gridOf(content: string): Grid {
  const [first = ''] = content.split('\n')
  const delimiter = first.includes(';') ? ';' : ','
  const { records } = parseRecords(
    content,
    { delimiter, quote: '"', isPadded: false, isWrapped: false, width: null },
    true,
  )
  const [header = [], ...rows] = records.map(({ cells }) => cells)
  return { header, rows: rows.filter((cells) => cells.some((cell) => cleanCell(cell) !== '')) }
}

function write({ header, rows }: Grid, columns: readonly number[], order: readonly number[]): string {
  const line = (cells: readonly string[]) =>
    columns.map((at) => `"${(cells[at] ?? '').replaceAll('"', '""')}"`).join(';')
  return [line(header), ...order.map((at) => line(rows[at] ?? []))].join('\n')
}

/** What is stored and what is asked, without its order. */
async function said(content: string) {
  try {
    const { sales, rejected } = await readFile(content)
    const byId = (a: { readonly externalId: string }, b: typeof a) => (a.externalId < b.externalId ? -1 : 1)
    const doubts = await askedOf(content)
    const asked = doubts.map(({ code, choices }) => [code, choices.map(({ id }) => id).toSorted()])
    return { sales: sales.toSorted(byId), rejected: rejected.map(({ reason }) => reason).toSorted(), asked }
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    return error.reason
  }
}

const CASES = Object.entries(FILES).filter(([path]) => !ORDERED.test(path))

describe('a file', () => {
  it.each(CASES)('%s says the same in any order of its columns and rows', async (_, content) => {
    const grid = gridOf(content.replaceAll(/^'|(?<=;)'|'(?=;|$)/gm, ''))
    const width = grid.header.length
    const columns = Array.from({ length: width }, (_, at) => at)
    const order = grid.rows.map((_, at) => at)
    const expected = await said(write(grid, columns, order))
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(columns, { minLength: width }),
        fc.shuffledSubarray(order, { minLength: order.length }),
        async (otherColumns, otherOrder) => {
          expect(await said(write(grid, otherColumns, otherOrder))).toEqual(expected)
        },
      ),
      { numRuns: 4 },
    )
  })
})
