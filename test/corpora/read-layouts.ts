// Layouts of exports as text: a block for each, with its source, what is right, and a table whose cells stand between
// bars. Written as a file in any separator and encoding.
import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'
import { encodeBy } from '#test/csv.ts'
import type { Facts } from './facts.ts'

export interface Layout {
  readonly name: string
  /** Whose export it is, in words. */
  readonly source: string
  readonly timezone: string
  readonly currency: string
  readonly config: Readonly<Record<string, unknown>>
  /** Any of these. */
  readonly right: readonly Facts[]
  /** Questions that a careful accountant would ask, too. */
  readonly asks: readonly string[]
  /** Without a question or a refusal it would be a guess. */
  readonly mustAsk: boolean
  readonly mayRefuse: boolean
  /** Rows that go on the row above lose their sale when the rows are shuffled. */
  readonly isOrdered: boolean
  readonly format: FileFormat
  readonly table: Rows
}

export interface FileFormat {
  readonly delimiter: string
  readonly encoding: string
}

export interface Rows {
  /** Lines above the header and below the rows, as cells. */
  readonly above: readonly Cells[]
  readonly header: Cells
  readonly rows: readonly Cells[]
  readonly below: readonly Cells[]
}

export type Cells = readonly string[]

const Config = z.record(z.string(), z.unknown())

export function readLayouts(folder: URL): readonly Layout[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'))
  return files.toSorted().flatMap((file) =>
    readFileSync(new URL(file, folder), 'utf8')
      .split(/^# /m)
      .slice(1)
      .map((block) => toLayout(block)),
  )
}

function toLayout(block: string): Layout {
  const [top = '', ...tables] = block.trimEnd().split('\n\n')
  const [name = '', ...fields] = top.split('\n')
  const valuesOf = (key: string) =>
    fields.flatMap((line) => (line.startsWith(`${key}: `) ? [line.slice(key.length + 2)] : []))
  const set = new Map((valuesOf('set')[0] ?? '').split(' ').map((pair) => [pair.split('=')[0], pair.split('=')[1]]))
  const delimiter = set.get('delimiter') ?? ';'
  const layout = {
    ...{ name, source: valuesOf('source')[0] ?? '' },
    timezone: set.get('zone') ?? 'Europe/Moscow',
    currency: set.get('currency') ?? 'RUB',
    config: Config.parse(JSON.parse(valuesOf('config')[0] ?? '{}')),
    right: valuesOf('right').map(toFacts),
    asks: valuesOf('ask').flatMap((codes) => codes.split(' ')),
    mustAsk: valuesOf('must').length > 0,
    mayRefuse: valuesOf('refuse').length > 0,
    isOrdered: valuesOf('order').length > 0,
    format: { delimiter: delimiter === 'tab' ? '\t' : delimiter, encoding: set.get('encoding') ?? 'utf-8' },
    table: toRows(tables.join('\n\n')),
  }
  const { header, rows } = layout.table
  if (layout.source === '' || rows.some((row) => row.length > header.length)) throw new Error(`a broken block: ${name}`)
  return layout
}

/** `3 / 1050.00 RUB, 20.00 USD; refunds 1; rejected 1; id 17; time 2024-03-02T06:14:00Z` */
function toFacts(text: string): Facts {
  const [totals = '', ...more] = text.split('; ')
  const [count = '', sums = ''] = totals.split(' / ')
  const wordOf = (name: string) => more.find((part) => part.startsWith(`${name} `))?.slice(name.length + 1)
  const [refunds, rejected] = [wordOf('refunds'), wordOf('rejected')]
  const [externalId, occurredAt] = [wordOf('id'), wordOf('time')]
  return {
    count: Number(count),
    sums: Object.fromEntries(
      Number(count) === 0
        ? []
        : sums.split(', ').map((sum) => {
            const [amount = '', currency = ''] = sum.split(' ')
            return [currency, Math.round(Number(amount) * 100)] as const
          }),
    ),
    ...(refunds === undefined ? {} : { refunds: Number(refunds) }),
    rejected: Number(rejected ?? 0),
    sales: [
      ...(externalId === undefined ? [] : [{ externalId }]),
      ...(occurredAt === undefined ? [] : [{ occurredAt }]),
    ],
  }
}

const cellsOf = (line: string): Cells => line.split('|').map((cell) => cell.trim())

function toRows(text: string): Rows {
  const lines = text.split('\n').filter((line) => line !== '')
  const marked = (mark: string) => lines.flatMap((line) => (line.startsWith(mark) ? [cellsOf(line.slice(1))] : []))
  const [header = [], ...rows] = lines.filter((line) => !/^[<>]/.test(line)).map(cellsOf)
  return { above: marked('>'), header, rows, below: marked('<') }
}

export function toBytes({ above, header, rows, below }: Rows, { delimiter, encoding }: FileFormat): Uint8Array {
  const quoted = (cell: string) =>
    /["\n\r]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell
  // A hint for Excel is no cell.
  const lineOf = (cells: Cells) => (cells[0]?.startsWith('sep=') ? cells[0] : cells.map(quoted).join(delimiter))
  const text = [...above, header, ...rows, ...below].map((cells) => `${lineOf(cells)}\r\n`).join('')
  if (encoding === 'utf-8') return new TextEncoder().encode(text)
  return encodeBy(encoding, encoding.startsWith('utf-16') ? `\ufeff${text}` : text)
}
