// Parsing alone, beside well-known parsers: text in, rows of cells out.
import { parse as parseByCsvParse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseRecords } from '#crm/csv/parse.ts'
import { writeSales } from './csv-file.ts'
import { interleave, type Line, ratios, spreadOf, timed } from './measure.ts'

const MIB = 1024 * 1024
/** As much as a run has in memory at once. */
const PIECE = 256 * 1024

interface Papa {
  parse(text: string, options: { readonly delimiter: string }): { readonly data: readonly unknown[] }
}

/** The same text in this process, cells and all. */
export async function measureParsing(
  directory: string,
  { parsedMb, parseRounds }: { readonly parsedMb: number; readonly parseRounds: number },
): Promise<Line[]> {
  const path = join(directory, 'parse.csv')
  const rows = await writeSales(path, { bytes: parsedMb * MIB })
  const text = readFileSync(path, 'utf8')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the little of it that is used
  const papa = createRequire(import.meta.url)('papaparse') as Papa
  const side = (name: string, parse: () => number) => async () =>
    timed(() => {
      const count = parse()
      if (count !== rows + 1) throw new Error(`${name} read ${count} rows of ${rows + 1}`)
    })
  const options = { delimiter: ';', relax_quotes: true, relax_column_count: true }
  const { ours, ...others } = await interleave(parseRounds, {
    ours: side('ours', () => inPieces(text)),
    papaparse: side('papaparse', () => papa.parse(text, { delimiter: ';' }).data.length - 1),
    'csv-parse': side('csv-parse', () => parseByCsvParse(text, options).length),
  })
  const rates = ours.map((ms) => (parsedMb * 1000) / ms)
  return [
    { name: 'CSV parsing, ours', value: spreadOf(rates), unit: 'MB/s', budget: null },
    ...Object.entries(others).map(([name, times]) => ({
      ...{ name: `CSV parsing, ours ÷ ${name}`, value: ratios(times, ours), unit: '×', budget: null },
    })),
  ]
}

/** As a run does: a range at a time, the next one from the first row that was cut. */
function inPieces(text: string): number {
  const layout = { delimiter: ';', quote: '"', isPadded: false, isWrapped: false, width: 8 }
  let count = 0
  for (let at = 0; at < text.length;) {
    const isLast = at + PIECE >= text.length
    const { records, consumed } = parseRecords(text.slice(at, at + PIECE), layout, isLast)
    count += records.length
    at += consumed
  }
  return count
}
