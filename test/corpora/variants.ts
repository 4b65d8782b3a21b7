// The same export, saved otherwise: what must never change its sum, but may raise a question.
import { createRandom } from './generated.ts'
import { type Business, importFile, type Stored } from './import-file.ts'
import { type Cells, type FileFormat, type Layout, type Rows, toBytes } from './read-layouts.ts'

export interface Variant {
  readonly name: string
  readonly table: Rows
  readonly format: FileFormat
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const random = createRandom(seed)
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

function mapLines(table: Rows, change: (cells: Cells, index: number) => Cells): Rows {
  const { header, rows, above, below } = table
  // Lines beside the table keep their place, but rows of totals are as wide as it.
  const wide = below.map((cells) => (cells.length === header.length ? change(cells, -2) : cells))
  return { above, header: change(header, -1), rows: rows.map(change), below: wide }
}

/** As the person would write them who keeps the file. */
const WRITTEN = {
  ru: {
    ...{ empty: 'Резерв', comment: 'Заметка бухгалтера', comments: ['сверено', '', 'перезвонить', 'ok'] },
    ...{ above: 'Отчёт о продажах', firm: 'ООО "Ромашка"', below: 'Отчёт составил: Иванова А. А.' },
  },
  en: {
    ...{ empty: 'Reserved', comment: "Bookkeeper's note", comments: ['checked', '', 'call back', 'ok'] },
    ...{ above: 'Sales report', firm: 'Daisy Ltd.', below: 'Prepared by: A. Lee' },
  },
}

export function variantsOf({ table, format, isOrdered }: Layout): readonly Variant[] {
  const { header, rows } = table
  const order = shuffled(
    header.map((_, at) => at),
    header.length,
  )
  const isTotalled = table.below.length > 0
  const written = /\p{Script=Cyrillic}/u.test(header.join('')) ? WRITTEN.ru : WRITTEN.en
  const as = (name: string, changed: Partial<Rows>, saved: Partial<FileFormat> = {}): Variant => ({
    ...{ name, table: { ...table, ...changed }, format: { ...format, ...saved } },
  })
  return [
    as(
      'columns shuffled',
      mapLines(table, (cells) => order.map((at) => cells[at] ?? '')),
    ),
    as(
      'columns reversed',
      mapLines(table, (cells) => header.map((_, at) => cells[header.length - 1 - at] ?? '')),
    ),
    ...(isOrdered
      ? []
      : [as('rows shuffled', { rows: shuffled(rows, rows.length) }), as('rows reversed', { rows: rows.toReversed() })]),
    as('with tabs', {}, { delimiter: '\t' }),
    as('with semicolons', {}, { delimiter: ';' }),
    as('in UTF-16', {}, { encoding: 'utf-16le', delimiter: '\t' }),
    as(
      'with an empty column',
      mapLines(table, (cells, index) => (index === -1 ? [written.empty, ...cells] : ['', ...cells])),
    ),
    as(
      'with a column of comments',
      mapLines(table, (cells, index) => [
        ...cells,
        index === -1 ? written.comment : (written.comments[index % 4] ?? ''),
      ]),
    ),
    ...(table.above.length > 0 ? [] : [as('with a preamble', { above: [[written.above], [written.firm], ['']] })]),
    ...(isTotalled ? [] : [as('with a footer', { below: [[''], [written.below]] })]),
    as('with blank lines', { rows: rows.flatMap((row) => [row, header.map(() => '')]) }),
    as(
      'with a trailing separator',
      mapLines(table, (cells) => [...cells, '']),
    ),
  ]
}

/** What a variant that is uploaded after its layout changes; null: nothing, or it is asked about or refused. */
export async function changeBy(variant: Variant, { stored, business }: Uploaded): Promise<string | null> {
  const outcome = await importFile(toBytes(variant.table, variant.format), business, stored, [])
  if (outcome.type !== 'stored') return null
  const [before, after] = [contentOf(stored), contentOf(outcome.stored)]
  return before === after ? null : `${variant.name}: ${before} became ${after}`
}

export interface Uploaded {
  readonly stored: Stored
  readonly business: Business
}

function contentOf(stored: Stored): string {
  return [...stored.values()]
    .map((sale) => JSON.stringify(sale))
    .toSorted()
    .join(' ')
}
