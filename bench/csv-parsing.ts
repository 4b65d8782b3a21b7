// Parsing alone, beside well-known parsers: text in, rows of cells out.
import { parse as parseByCsvParse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseRecords } from '#crm/csv/parse.ts'
import { writeSales } from './csv-file.ts'
import { type Line, ratios, spreadOf } from './measure.ts'

const MIB = 1024 * 1024
const ROUNDS = 7
/** As much as a run has in memory at once. */
const PIECE = 256 * 1024

interface Papa {
  parse(text: string, options: { readonly delimiter: string }): { readonly data: readonly unknown[] }
}

/** The same ten megabytes in this process, cells and all. */
export async function measureParsing(directory: string): Promise<Line[]> {
  const path = join(directory, 'parse.csv')
  const rows = await writeSales(path, { bytes: 10 * MIB })
  const text = readFileSync(path, 'utf8')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the little of it that is used
  const papa = createRequire(import.meta.url)('papaparse') as Papa
  const parsers = {
    ours: () => inPieces(text),
    papaparse: () => papa.parse(text, { delimiter: ';' }).data.length - 1,
    'csv-parse': () => parseByCsvParse(text, { delimiter: ';', relax_quotes: true, relax_column_count: true }).length,
  }
  const times: Record<string, number[]> = { ours: [], papaparse: [], 'csv-parse': [] }
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, parse] of Object.entries(parsers)) {
      const startedAt = performance.now()
      const count = parse()
      if (count !== rows + 1) throw new Error(`${name} read ${count} rows of ${rows + 1}`)
      // The first round warms up.
      if (round > 0) times[name]?.push(performance.now() - startedAt)
    }
  }
  const ours = times['ours'] ?? []
  return [
    { name: 'CSV parsing, ours', value: spreadOf(ours.map((ms) => (10 * 1000) / ms)), unit: 'MB/s', budget: null },
    ...['papaparse', 'csv-parse'].map((name) => ({
      ...{ name: `CSV parsing, ours ÷ ${name}`, value: ratios(times[name] ?? [], ours), unit: '×', budget: null },
    })),
  ]
}

/** As a run does: a range at a time, the next one from the first row that was cut. */
function inPieces(text: string): number {
  const layout = { delimiter: ';', isPadded: false, width: 8 }
  let count = 0
  for (let at = 0; at < text.length;) {
    const isLast = at + PIECE >= text.length
    const { records, consumed } = parseRecords(text.slice(at, at + PIECE), layout, isLast)
    count += records.length
    at += consumed
  }
  return count
}
