// What a file is, by how it begins: what people upload in place of a table. Own code, since it has to name what a
// library of magic numbers does not know: statements of banks, DBF, and which of the formats inside ZIP it is.
import { detectEncoding } from '#crm/csv/encoding.ts'

const TEXT_BYTES = 4096
const ENTRIES_MAX = 200

type Zipped = 'xlsx' | 'xlsb' | 'ods' | 'numbers' | 'docx' | 'pptx' | 'odt' | 'zip'
type Compound = 'xls' | 'encrypted' | 'doc' | 'email'
type Packed = 'sevenzip' | 'rar' | 'tar' | 'gzip' | 'xz' | 'bzip2' | 'zstd'
type Image = 'png' | 'jpeg' | 'gif' | 'webp' | 'heic' | 'bmp' | 'tiff'
type Database = 'parquet' | 'sqlite' | 'access' | 'dbf'
type Statement = 'ofx' | 'qif' | 'mt940' | 'camt' | 'bank1c'
type Text =
  | ('json' | 'ndjson' | 'html' | 'xml' | 'pdf' | 'rtf' | 'sql' | 'sylk' | 'vcard' | 'icalendar' | 'email')
  | 'utf32'
export type FileKind = Zipped | Compound | Packed | Image | Database | Statement | Text

type Magic = readonly [kind: FileKind, at: number, magic: string]

/** Latin-1 characters stand for bytes. */
const MAGIC: readonly Magic[] = [
  ['sevenzip', 0, '7z\xbc\xaf\x27\x1c'],
  ['rar', 0, 'Rar!\x1a\x07'],
  ['tar', 257, 'ustar'],
  ['gzip', 0, '\x1f\x8b'],
  ['xz', 0, '\xfd7zXZ\0'],
  ['bzip2', 4, '1AY&SY'],
  ['zstd', 0, '\x28\xb5\x2f\xfd'],
  ['png', 0, '\x89PNG'],
  ['jpeg', 0, '\xff\xd8\xff'],
  ['gif', 0, 'GIF87a'],
  ['gif', 0, 'GIF89a'],
  ['webp', 8, 'WEBPVP8'],
  ['tiff', 0, 'II*\0'],
  ['tiff', 0, 'MM\0*'],
  // Workbooks from before there were compound files, which some tills still write.
  ['xls', 0, '\x09\0\x04\0'],
  ['xls', 0, '\x09\x02\x06\0'],
  ['xls', 0, '\x09\x04\x06\0'],
  ['xls', 0, '\x09\x08\x08\0'],
  ['pdf', 0, '%PDF-'],
  ['parquet', 0, 'PAR1\x15'],
  ['sqlite', 0, 'SQLite format 3\0'],
  ['access', 4, 'Standard Jet DB'],
  ['access', 4, 'Standard ACE DB'],
  ['utf32', 0, '\xff\xfe\0\0'],
  ['utf32', 0, '\0\0\xfe\xff'],
]
const HEIC = /^ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1|avif)/
/** Of the specification of dBASE and its heirs. */
const DBF_VERSIONS = new Set([0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8e, 0xcb, 0xf5])

const MARKUP = /^<(?:!doctype html|!--|html|table|head|body|meta|style|script|title|div|center|h[1-6]|pre\b|p\b)/i
const TEXTS: readonly (readonly [kind: FileKind, begins: RegExp, holds?: RegExp])[] = [
  ['html', /^mime-version:|^from:/i, /^content-type:\s*multipart\/related/im],
  ['email', /^[\w-]+:[ \t]/, /^(?:mime-version|message-id|received|return-path):[ \t]/im],
  ['bank1c', /^1CClientBankExchange/],
  ['ofx', /^(?:OFXHEADER:|<\?OFX|<OFX>)|^<\?xml[^>]*\?>\s*(?:<\?OFX|<OFX>)/],
  ['qif', /^!(?:Type|Account|Option|Clear):/i],
  ['mt940', /^(?:\{1:|:20:)/, /^:(?:25|28C?|60[FM]):/m],
  ['camt', /^</, /urn:iso:std:iso:20022|<BkToCstmr/],
  ['html', /^<\?xml/, /<(?:\w{1,20}:)?Workbook\b|<html/i],
  ['html', MARKUP],
  ['xml', /^<\?xml/],
  ['ndjson', /^\{[^\n]{0,4096}\}\s{0,9}\n\s{0,9}\{/],
  ['json', /^(?:\{\s*["}]|\[\s*[{["])/],
  ['rtf', /^\{\\rtf/],
  ['vcard', /^BEGIN:VCARD/i],
  ['icalendar', /^BEGIN:VCALENDAR/i],
  ['sql', /^(?:-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)|INSERT INTO |CREATE TABLE )/i],
  ['sylk', /^ID;P[^\n]*\n[BCFOPW];/],
]
/** A tag at the very beginning, not headers in angle brackets as traders' exports have them. */
const TAG = /^<[^\s<>;,|"'/]{1,60}(?:\s[^<>]*)?\/?>(?!\s*[;,\t|])/

/** Null: nothing that is known here, so perhaps a table. */
export function kindOf(bytes: Uint8Array): FileKind | null {
  const magic = MAGIC.find(([, at, text]) => latin1(bytes, at, text.length) === text)?.[0]
  if (magic) return magic
  if (latin1(bytes, 0, 4) === 'PK\x03\x04') return zippedKind(bytes)
  if (latin1(bytes, 0, 4) === '\xd0\xcf\x11\xe0') return compoundKind(bytes)
  if (HEIC.test(latin1(bytes, 4, 8))) return 'heic'
  if (isBitmap(bytes)) return 'bmp'
  if (isDbf(bytes)) return 'dbf'
  if (isUtf32(bytes)) return 'utf32'
  return textKind(beginningOf(bytes))
}

function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

/** By the names of the first files in it. Their sizes need not be known there, so each next name is searched for. */
function zippedKind(bytes: Uint8Array): Zipped {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names: string[] = []
  for (let at = 0; at >= 0 && at + 30 <= bytes.length && names.length < ENTRIES_MAX; at = nextEntry(bytes, at + 4)) {
    const [nameLength, extraLength] = [view.getUint16(at + 26, true), view.getUint16(at + 28, true)]
    const name = latin1(bytes, at + 30, Math.min(nameLength, 200))
    names.push(name)
    if (name === 'mimetype') {
      const type = latin1(bytes, at + 30 + nameLength + extraLength, 60)
      if (type.startsWith('application/vnd.oasis.opendocument.spreadsheet')) return 'ods'
      if (type.startsWith('application/vnd.oasis.opendocument')) return 'odt'
    }
  }
  const has = (begin: string) => names.some((name) => name.startsWith(begin))
  if (has('xl/workbook.bin')) return 'xlsb'
  if (has('xl/')) return 'xlsx'
  if (has('word/')) return 'docx'
  if (has('ppt/')) return 'pptx'
  if (has('Index/') || has('Index.zip')) return 'numbers'
  return has('[Content_Types].xml') ? 'xlsx' : 'zip'
}

function nextEntry(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x50, from); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
    if (bytes[at + 1] === 0x4b && bytes[at + 2] === 3 && bytes[at + 3] === 4) return at
  }
  return -1
}

/** An old Office file is a small file system; the names in it are UTF-16. */
function compoundKind(bytes: Uint8Array): Compound {
  const text = new TextDecoder('utf-16le').decode(bytes.subarray(0, bytes.length - (bytes.length % 2)))
  if (text.includes('EncryptedPackage')) return 'encrypted'
  if (text.includes('__substg1.0')) return 'email'
  return text.includes('WordDocument') ? 'doc' : 'xls'
}

function isBitmap(bytes: Uint8Array): boolean {
  return latin1(bytes, 0, 2) === 'BM' && latin1(bytes, 6, 4) === '\0\0\0\0'
}

function isDbf(bytes: Uint8Array): boolean {
  const [version = 0, , month = 0, day = 0] = bytes
  const [header, row] = [(bytes[8] ?? 0) + (bytes[9] ?? 0) * 256, (bytes[10] ?? 0) + (bytes[11] ?? 0) * 256]
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31
  // A field takes 32 bytes; Visual FoxPro adds 263.
  const isHeader = header >= 65 && [1, 0, 8].includes(header % 32)
  return bytes.length >= 32 && DBF_VERSIONS.has(version) && isDate && isHeader && row > 1
}

function isUtf32(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length - (bytes.length % 4), 256)
  if (length < 32) return false
  const points = Array.from({ length: length / 4 }, (_, index) => bytes.subarray(index * 4, index * 4 + 4))
  return (
    points.every(([a = 0, b = 0, c, d]) => a + b > 0 && c === 0 && d === 0) ||
    points.every(([a, b, c = 0, d = 0]) => a === 0 && b === 0 && c + d > 0)
  )
}

function beginningOf(bytes: Uint8Array): string {
  const head = bytes.subarray(0, TEXT_BYTES)
  const encoding = detectEncoding(head)
  return new TextDecoder(encoding?.startsWith('utf-16') === true ? encoding : 'utf-8').decode(head).trimStart()
}

function textKind(text: string): FileKind | null {
  const known = TEXTS.find(([, begins, holds]) => begins.test(text) && holds?.test(text) !== false)?.[0]
  if (known) return known
  return TAG.test(text) && /<\/|\/>/.test(text) ? 'xml' : null
}
