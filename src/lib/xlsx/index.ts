// Workbooks of Excel and of the programs that write its format: one sheet → CSV. Promises memory that does not grow
// with the file, and that what it cannot read exactly is refused. Knows nothing of sales.
import { openArchive, type Source } from '#lib/xlsx/archive.ts'
import { createCsvWriter } from '#lib/xlsx/csv-writer.ts'
import { refuse } from '#lib/xlsx/refuse.ts'
import { readSharedStrings } from '#lib/xlsx/shared-strings.ts'
import { createSheetHandler, type SheetParts } from '#lib/xlsx/sheet.ts'
import { readStyles } from '#lib/xlsx/styles.ts'
import { readWorkbook } from '#lib/xlsx/workbook.ts'
import { createXmlReader, piecesOf } from '#lib/xlsx/xml.ts'

export type { Source } from '#lib/xlsx/archive.ts'

export const WORKBOOK_BYTES_MAX = 50 * 1024 * 1024
/** A million rows, as many as Excel has, of 12 cells. More would take longer than one request or slice may compute. */
const SHEET_BYTES_MAX = 512 * 1024 * 1024

export interface SheetOptions {
  /** Null: the first one that is not hidden. */
  readonly sheet: string | null
  readonly delimiter: string
}

export interface SheetCsv {
  readonly name: string
  readonly others: readonly string[]
  /** Throws CrmError `malformed`, and what `source.read` throws. */
  readonly chunks: () => AsyncGenerator<Uint8Array>
}

/** Whether a file begins as a ZIP archive. */
export function isPacked([a, b, c, d]: Uint8Array): boolean {
  return a === 0x50 && b === 0x4b && c === 3 && d === 4
}

/**
 * Null: it is no archive that can be read, or holds no workbook. Throws CrmError `malformed`, and what `source.read`
 * throws.
 */
export async function openSheet(source: Source, { sheet: wanted, delimiter }: SheetOptions): Promise<SheetCsv | null> {
  if (source.bytes > WORKBOOK_BYTES_MAX) refuse('workbook_too_large')
  const archive = await openArchive(source)
  const workbook = archive && (await readWorkbook(archive))
  if (!workbook) return null
  const { sheets, strings, styles, is1904 } = workbook
  const visible = sheets.filter(({ isHidden }) => !isHidden).map(({ name }) => name)
  const sheet =
    wanted === null ? sheets.find(({ isHidden }) => !isHidden) : sheets.find(({ name }) => isSame(name, wanted))
  if (!sheet) return refuse('sheet_missing', { sheet: wanted ?? '', sheets: listed(visible) })
  const others = visible.filter((name) => name !== sheet.name)
  // Read once, as the texts may take a quarter of the memory there is.
  let parts: SheetParts | null = null
  const chunks = async function* () {
    parts ??= {
      strings: await readSharedStrings(archive, strings),
      formatOf: await readStyles(archive, styles),
      is1904,
    }
    const writer = createCsvWriter(delimiter)
    const reader = createXmlReader(createSheetHandler(parts, writer))
    for await (const piece of piecesOf(archive.open(sheet.path, SHEET_BYTES_MAX))) {
      reader.write(piece)
      const written = writer.take()
      if (written) yield written
    }
    reader.end()
    if (writer.isEmpty()) refuse('sheet_empty', { sheet: listed([sheet.name]), sheets: listed(others) })
    writer.end()
    const last = writer.take()
    if (last) yield last
  }
  return { name: sheet.name, others, chunks }
}

function isSame(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase()
}

/** For a person: no more than can be read at once. */
function listed(names: readonly string[]): string {
  return names.join(', ').slice(0, 300) || '—'
}
