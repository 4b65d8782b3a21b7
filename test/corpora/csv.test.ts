// Public collections of CSV files that come from npm: what other parsers are held to.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { parseRecords } from '#crm/csv/parse.ts'

const require = createRequire(import.meta.url)
const folderOf = (name: string) => dirname(require.resolve(`${name}/package.json`))

function rowsOf(text: string, delimiter = ','): (readonly string[])[] {
  const rows = parseRecords(
    text,
    { delimiter, quote: '"', isPadded: false, isWrapped: false, width: null },
    true,
  ).records
  return rows.map(({ cells }) => cells)
}

const Objects = z.array(z.record(z.string(), z.string()))

describe('csv-spectrum', () => {
  const folder = folderOf('csv-spectrum')
  // Its phone numbers differ between the two files, and one is no list.
  const names = readdirSync(join(folder, 'csvs')).filter((name) => name !== 'location_coordinates.csv')

  it('is there', () => {
    expect(names).toHaveLength(11)
  })

  it.each(names)('%s is read as it says', (name) => {
    const [header = [], ...rows] = rowsOf(readFileSync(join(folder, 'csvs', name), 'utf8'))
    const json = readFileSync(join(folder, 'json', name.replace('.csv', '.json')), 'utf8')
    const found = rows.map((row) => Object.fromEntries(header.map((key, index) => [key, row[index] ?? ''])))
    expect(found).toEqual(Objects.parse(JSON.parse(json)))
  })
})

const PapaCase = z.object({
  description: z.string(),
  input: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  expected: z.object({ data: z.array(z.array(z.string()).or(z.looseObject({}))), errors: z.array(z.unknown()) }),
})

/** What is no question of rows and cells: comments, headers as keys, other quotes, pieces of the input. */
const OTHER = ['comments', 'header', 'quoteChar', 'escapeChar', 'preview', 'step', 'newline', 'delimiter']
/** A line without anything: a row of one empty cell for Papa Parse, here one at the end is none. */
const withoutLast = (rows: readonly unknown[]) => (JSON.stringify(rows.at(-1)) === '[""]' ? rows.slice(0, -1) : rows)

describe('the core tests of Papa Parse', () => {
  const source = readFileSync(join(folderOf('papaparse'), 'tests/test-cases.js'), 'utf8')
  const list = /var CORE_PARSER_TESTS = (\[[\s\S]*?\n\]);/.exec(source)?.[1] ?? '[]'
  const all: unknown = runInNewContext(`JSON.parse(JSON.stringify(${list}))`, {
    RECORD_SEP: '\u001e',
    UNIT_SEP: '\u001f',
  })
  const cases = z
    .array(PapaCase)
    .parse(all)
    .filter(({ config, expected }) => expected.errors.length === 0 && !OTHER.some((key) => key in config))

  it('are there', () => {
    expect(cases.length).toBeGreaterThan(35)
  })

  it.each(cases.map((one) => ({ ...one, name: one.description })))('$name', ({ input, expected }) => {
    expect(withoutLast(rowsOf(input))).toEqual(withoutLast(expected.data))
  })
})
