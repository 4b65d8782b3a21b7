// The rejected rows of an import, read from the file that the API gives of them.
import { unguardCell } from '#lib/csv-cell.ts'

export interface RejectedRow {
  readonly line: number
  readonly column: string
  readonly reason: string
  readonly raw: string
}

/** Without the header; at most so many. */
export function readRejectedRows(csv: string, delimiter: ',' | ';', most: number): RejectedRow[] {
  const rows: RejectedRow[] = []
  for (const [line = '', column = '', reason = '', raw = ''] of records(csv, delimiter)) {
    if (rows.length === most) break
    if (/^\d+$/.test(line))
      rows.push({ line: Number(line), column: unguardCell(column), reason, raw: unguardCell(raw) })
  }
  return rows
}

function* records(csv: string, delimiter: ',' | ';'): Generator<string[]> {
  // Each cell stands in quotes or has none in it.
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${delimiter}\\r\\n]*))(${delimiter}|\\r?\\n|$)`, 'y')
  let cells: string[] = []
  cell.lastIndex = csv.startsWith('\ufeff') ? 1 : 0
  while (cell.lastIndex < csv.length) {
    const found = cell.exec(csv)
    if (!found) return
    const [, quoted, plain = '', end] = found
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === delimiter) continue
    yield cells
    cells = []
  }
}
