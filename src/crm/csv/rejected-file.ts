// The file of rejected rows, as people send it back: mended in a spreadsheet, which may have changed its separator and
// its encoding.
import type { FileHead, RejectedRow } from '#crm/files.ts'
import { detectEncoding } from '#crm/csv/encoding.ts'
import { parseRecords } from '#crm/csv/parse.ts'
import { REJECTED_HEADER, unguardCell } from '#lib/csv-cell.ts'

/** Parsed at once: a record that is cut by its end is parsed again with the next piece. */
const PIECE_CHARACTERS = 256 * 1024

const BEGINNING = new RegExp(`^\\ufeff?"?${REJECTED_HEADER.join('"?([;,\\t])"?')}"?(?:\\r|\\n|$)`)

interface Form {
  readonly encoding: string
  readonly delimiter: string
}

function formOf({ bytes }: FileHead): Form | null {
  const encoding = detectEncoding(bytes) ?? 'utf-8'
  const [, delimiter] = BEGINNING.exec(new TextDecoder(encoding).decode(bytes.subarray(0, 200))) ?? []
  return delimiter === undefined ? null : { encoding, delimiter }
}

export function isRejectedFile(head: FileHead): boolean {
  return formOf(head) !== null
}

/** Rows without a text are left out. `head` is the beginning of the same file. */
export async function* readRejectedFile(
  head: FileHead,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly RejectedRow[]> {
  const form = formOf(head)
  if (!form) return
  const layout = {
    delimiter: form.delimiter,
    quote: '"',
    isPadded: false,
    isWrapped: false,
    width: REJECTED_HEADER.length,
  }
  const decoder = new TextDecoder(form.encoding)
  let text = ''
  const take = (isLast: boolean) => {
    const { records, consumed } = parseRecords(text, layout, isLast)
    text = text.slice(consumed)
    return records.flatMap(({ cells }) => rowOf(cells))
  }
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length >= PIECE_CHARACTERS) yield take(false)
  }
  text += decoder.decode()
  yield take(true)
}

function rowOf([line = '', column = '', , raw = '']: readonly string[]): readonly RejectedRow[] {
  if (raw === '' || !/^\d{1,15}$/.test(line)) return []
  return [{ line: Number(line), column: unguardCell(column) || null, raw: unguardCell(raw) }]
}
