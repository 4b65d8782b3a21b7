// Refuses files that are no tables, each with what to export instead.
import type { FileHead } from '#crm/files.ts'
import { type FileKind, kindOf } from '#crm/csv/file-kind.ts'
import type { MESSAGES } from '#crm/csv/messages.ts'
import { CrmError } from '#lib/crm-error.ts'

type Refused = keyof typeof MESSAGES

/** The text of each kind, and the format that is named in it. */
const REFUSED: Readonly<Record<FileKind, readonly [reason: Refused, format: string]>> = {
  xlsx: ['xlsx', 'Excel'],
  xlsb: ['xlsx', 'Excel'],
  xls: ['xls', 'Excel'],
  encrypted: ['encrypted', 'Office'],
  ods: ['ods', 'OpenDocument'],
  numbers: ['numbers', 'Numbers'],
  sylk: ['spreadsheet', 'SYLK'],
  html: ['html', 'HTML'],
  docx: ['document', 'Word'],
  doc: ['document', 'Word'],
  odt: ['document', 'OpenDocument'],
  rtf: ['document', 'RTF'],
  pptx: ['document', 'PowerPoint'],
  pdf: ['pdf', 'PDF'],
  zip: ['archive', 'ZIP'],
  sevenzip: ['archive', '7z'],
  rar: ['archive', 'RAR'],
  tar: ['archive', 'TAR'],
  gzip: ['compressed', 'gzip'],
  xz: ['compressed', 'xz'],
  bzip2: ['compressed', 'bzip2'],
  zstd: ['compressed', 'Zstandard'],
  png: ['image', 'PNG'],
  jpeg: ['image', 'JPEG'],
  gif: ['image', 'GIF'],
  webp: ['image', 'WebP'],
  heic: ['image', 'HEIC'],
  bmp: ['image', 'BMP'],
  tiff: ['image', 'TIFF'],
  dbf: ['dbf', 'DBF'],
  sqlite: ['database', 'SQLite'],
  access: ['database', 'Access'],
  parquet: ['database', 'Parquet'],
  sql: ['database', 'SQL'],
  json: ['json', 'JSON'],
  ndjson: ['json', 'JSON Lines'],
  xml: ['xml', 'XML'],
  bank1c: ['bank_1c', '1CClientBankExchange'],
  ofx: ['statement', 'OFX'],
  qif: ['statement', 'QIF'],
  mt940: ['statement', 'MT940'],
  camt: ['statement', 'XML ISO 20022'],
  vcard: ['other_format', 'vCard'],
  icalendar: ['other_format', 'iCalendar'],
  email: ['email', 'EML'],
  utf32: ['utf32', 'UTF-32'],
}

/** Control characters that texts have: line and page ends, the end mark of DOS, the separators of barcodes. */
const CONTROLS_OF_TEXT = new Set([0, 9, 10, 12, 13, 26, 28, 29, 30, 31].map((code) => String.fromCharCode(code)))
const CONTROLS_SHARE_MAX = 0.05
const ZEROS_SHARE_MAX = 0.25
const LOOKED_AT = 4096

/** Throws CrmError `malformed`, final: the same file would fail again. */
export function refuse(reason: Refused, params: Readonly<Record<string, string>> = {}): never {
  throw new CrmError('malformed', { reason, params, isFinal: true })
}

export function checkContent({ bytes, isWhole }: FileHead): void {
  const kind = kindOf(bytes)
  if (kind) {
    const [reason, format] = REFUSED[kind]
    refuse(reason, { format })
  }
  const beginning = bytes.subarray(0, 512)
  if (isWhole && bytes.byteLength <= 512 && new TextDecoder().decode(beginning).trim() === '') refuse('empty')
}

/** Refuses what is no text in the encoding that was found. */
export function checkText(text: string): void {
  const part = text.slice(0, LOOKED_AT)
  const controls = part.match(/\p{Cc}/gu) ?? []
  const odd = controls.filter((control) => !CONTROLS_OF_TEXT.has(control)).length
  const zeros = controls.filter((control) => control === '\0').length
  if (odd > part.length * CONTROLS_SHARE_MAX || zeros > part.length * ZEROS_SHARE_MAX) refuse('binary')
}
