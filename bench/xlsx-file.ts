// Workbooks of sales of any size: written by a formula, in the layout of Excel, with shared texts.
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { crc32, createDeflateRaw } from 'node:zlib'

const NAMES = ['Анна Белова', 'ООО &quot;Ромашка&quot;', 'Пётр Орлов', 'Кафе; второй этаж', 'Мария Кедрова']
const HEADER = ['Номер операции', 'Дата и время', 'Сумма', 'Тип операции', 'Клиент', 'Телефон', 'Комментарий']
const FIRST_NAME = HEADER.length + 1
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const WRITTEN_AT_ONCE = 2000

/** As many rows, each with a comment of its own of so many letters. */
export async function writeWorkbook(path: string, rows: number, letters: number): Promise<void> {
  const file = createWriteStream(path)
  const entries: Entry[] = []
  let offset = 0
  const add = async (name: string, parts: Iterable<string>) => {
    const entry = await writeEntry(file, { name, offset }, parts)
    entries.push(entry)
    offset += entry.bytes
  }
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${REL}/${type}" Target="${target}"/>`
  await add('_rels/.rels', [`<Relationships>${relation('a', 'officeDocument', 'xl/workbook.xml')}</Relationships>`])
  await add('xl/workbook.xml', [
    `<workbook ${MAIN} xmlns:r="${REL}"><sheets><sheet name="Sales" r:id="a"/></sheets></workbook>`,
  ])
  await add('xl/_rels/workbook.xml.rels', [
    `<Relationships>${relation('a', 'worksheet', 'worksheets/sheet1.xml')}${relation('b', 'styles', 'styles.xml')}`,
    `${relation('c', 'sharedStrings', 'sharedStrings.xml')}</Relationships>`,
  ])
  await add('xl/worksheets/sheet1.xml', sheet(rows))
  await add('xl/styles.xml', [
    `<styleSheet ${MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="4"/></cellXfs></styleSheet>`,
  ])
  await add('xl/sharedStrings.xml', strings(rows, letters))
  const directory = Buffer.concat(entries.map(({ directory: one }) => one))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  file.end(Buffer.concat([directory, end]))
  await once(file, 'finish')
}

function* pieces(rows: number, row: (n: number) => string): Generator<string> {
  for (let from = 0; from < rows; from += WRITTEN_AT_ONCE) {
    yield Array.from({ length: Math.min(WRITTEN_AT_ONCE, rows - from) }, (_, n) => row(from + n)).join('')
  }
}

function* sheet(rows: number): Generator<string> {
  const shared = (column: string, row: number, index: number) => `<c r="${column}${row}" t="s"><v>${index}</v></c>`
  yield `<worksheet ${MAIN}><sheetData><row r="1">`
  yield HEADER.map((_, at) => shared(String.fromCharCode(65 + at), 1, at)).join('')
  yield '</row>'
  yield* pieces(rows, (n) => {
    const at = n + 2
    const day = 45_292 + (n % 360) + ((n * 7919) % 86_400) / 86_400
    return [
      `<row r="${at}" spans="1:7"><c r="A${at}"><v>${n}</v></c><c r="B${at}" s="1"><v>${day}</v></c>`,
      `<c r="C${at}" s="2"><v>${(n * 37) % 10_000}.${n % 100}</v></c>${shared('D', at, HEADER.length)}`,
      `${shared('E', at, FIRST_NAME + (n % NAMES.length))}<c r="F${at}"><v>${79_000_000_000 + ((n * 7919) % 10_000_000)}</v></c>`,
      `${shared('G', at, FIRST_NAME + NAMES.length + n)}</row>`,
    ].join('')
  })
  yield '</sheetData></worksheet>'
}

function* strings(rows: number, letters: number): Generator<string> {
  yield `<sst ${MAIN}>`
  yield [...HEADER, 'Приход', ...NAMES].map((text) => `<si><t>${text}</t></si>`).join('')
  let seed = 1
  yield* pieces(rows, (n) => {
    let text = ''
    for (let at = 0; at < letters; at += 1) {
      seed = (seed * 48_271) % 2_147_483_647
      text += String.fromCharCode(97 + (seed % 26))
    }
    return `<si><t>${text}${n}</t></si>`
  })
  yield '</sst>'
}

interface Entry {
  readonly bytes: number
  readonly directory: Buffer
}

async function writeEntry(
  file: WriteStream,
  { name, offset }: { readonly name: string; readonly offset: number },
  parts: Iterable<string>,
): Promise<Entry> {
  const deflate = createDeflateRaw({ level: 6 })
  const chunks: Buffer[] = []
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk))
  let [sum, size] = [0, 0]
  for (const part of parts) {
    const bytes = Buffer.from(part)
    sum = crc32(bytes, sum)
    size += bytes.length
    if (!deflate.write(bytes)) await once(deflate, 'drain')
  }
  deflate.end()
  await once(deflate, 'end')
  const packed = Buffer.concat(chunks)
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20)
  fields.writeUInt16LE(8, 4)
  for (const [at, value] of [sum, packed.length, size].entries()) fields.writeUInt32LE(value, 10 + at * 4)
  fields.writeUInt16LE(name.length, 22)
  const signed = (signature: number, ...more: Buffer[]) => {
    const mark = Buffer.alloc(4)
    mark.writeUInt32LE(signature)
    return Buffer.concat([mark, ...more])
  }
  const local = signed(0x04034b50, fields, Buffer.from(name), packed)
  if (!file.write(local)) await once(file, 'drain')
  const place = Buffer.alloc(14)
  place.writeUInt32LE(offset, 10)
  const version = Buffer.from([20, 0])
  return { bytes: local.length, directory: signed(0x02014b50, version, fields, place, Buffer.from(name)) }
}
