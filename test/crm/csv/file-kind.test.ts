// What people upload in place of a table, and what they are told.
import { describe, expect, it } from 'vitest'
import { type FileKind, kindOf } from '#crm/csv/file-kind.ts'
import { MESSAGES } from '#crm/csv/messages.ts'
import { Settings } from '#crm/csv/settings.ts'
import { readTable } from '#crm/csv/table.ts'
import { CrmError } from '#lib/crm-error.ts'
import { encodeBy } from '#test/csv.ts'

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const utf8 = (text: string) => new TextEncoder().encode(text)
const utf32 = (text: string) => latin1(Array.from(text, (character) => `${character}\0\0\0`).join(''))

/** The local header of a file in an archive, and its content. */
function entry(name: string, content = ''): string {
  const length = String.fromCharCode(name.length & 255, name.length >> 8)
  return `PK\x03\x04${'\0'.repeat(22)}${length}\0\0${name}${content}`
}
const ole = (name: string) => latin1(`\xd0\xcf\x11\xe0${'\0'.repeat(60)}${Array.from(name, (c) => `${c}\0`).join('')}`)
const CONTENT_TYPES = entry('[Content_Types].xml', '<Types/>')
const ODS = 'application/vnd.oasis.opendocument.spreadsheet'
const DBF = `\x03\x7c\x03\x02\x02\0\0\0\x61\0\x0f\0${'\0'.repeat(20)}NOMER`

const FILES: readonly (readonly [kind: FileKind, bytes: Uint8Array])[] = [
  ['xlsx', latin1(CONTENT_TYPES + entry('_rels/.rels') + entry('xl/workbook.xml'))],
  ['xlsx', latin1(CONTENT_TYPES)],
  ['xlsb', latin1(CONTENT_TYPES + entry('xl/workbook.bin'))],
  ['docx', latin1(CONTENT_TYPES + entry('word/document.xml'))],
  ['pptx', latin1(CONTENT_TYPES + entry('ppt/presentation.xml'))],
  ['ods', latin1(entry('mimetype', ODS))],
  ['odt', latin1(entry('mimetype', 'application/vnd.oasis.opendocument.text'))],
  ['numbers', latin1(entry('Index/Document.iwa') + entry('Metadata/Properties.plist'))],
  ['zip', latin1(entry('sales.csv', 'id;Дата'))],
  ['xls', ole('Workbook')],
  ['doc', ole('WordDocument')],
  ['encrypted', ole('EncryptedPackage')],
  ['email', ole('__substg1.0_0037001F')],
  ['xls', latin1('\x09\x04\x06\0\0\0\x10\0')],
  ['pdf', utf8('%PDF-1.7\n')],
  ['rtf', utf8('{\\rtf1\\ansi')],
  ['sevenzip', latin1('7z\xbc\xaf\x27\x1c\0\x04')],
  ['rar', latin1('Rar!\x1a\x07\x01\0')],
  ['tar', latin1(`sales.csv${'\0'.repeat(248)}ustar\0`)],
  ['gzip', latin1('\x1f\x8b\x08\0')],
  ['xz', latin1('\xfd7zXZ\0')],
  ['bzip2', latin1('BZh91AY&SY')],
  ['zstd', latin1('\x28\xb5\x2f\xfd')],
  ['png', latin1('\x89PNG\r\n\x1a\n')],
  ['jpeg', latin1('\xff\xd8\xff\xe0')],
  ['gif', latin1('GIF89a')],
  ['webp', latin1('RIFF\0\0\0\0WEBPVP8 ')],
  ['heic', latin1('\0\0\0\x18ftypheic')],
  ['bmp', latin1('BM\x36\0\x0c\0\0\0\0\0')],
  ['tiff', latin1('II*\0\x08\0')],
  ['parquet', latin1('PAR1\x15\x04')],
  ['sqlite', latin1('SQLite format 3\0')],
  ['access', latin1('\0\x01\0\0Standard Jet DB\0')],
  ['dbf', latin1(DBF)],
  ['utf32', utf32('id;date;amount\n1;2024-03-02;5\n')],
  ['utf32', latin1('\xff\xfe\0\0i\0\0\0')],
  ['json', utf8('{"sales": []}')],
  ['json', utf8(' [[1, "2024-03-02"]]')],
  ['json', encodeBy('utf-16le', '\ufeff[{"id": 1}]')],
  ['ndjson', utf8('{"id":1}\r\n{"id":2}\n')],
  ['xml', utf8('<?xml version="1.0"?><Чеки/>')],
  ['xml', utf8('<Чеки>\n<Чек Дата="2024-03-02"/></Чеки>')],
  ['html', utf8('<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>')],
  ['html', utf8('<table><tr><td>Дата</td></tr></table>')],
  ['html', utf8('MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n')],
  ['bank1c', utf8('1CClientBankExchange\r\nВерсияФормата=1.03\r\n')],
  ['bank1c', utf8('\ufeff1CClientBankExchange\r\n')],
  ['ofx', utf8('OFXHEADER:100\nDATA:OFXSGML\n<OFX>')],
  ['ofx', utf8('<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><OFX>')],
  ['qif', utf8('!Type:Bank\nD03/02/24\nT100.00\n^\n')],
  ['mt940', utf8('{1:F01BANKDEFFAXXX}{4:\n:20:1\n:25:1/2\n')],
  ['mt940', utf8(':20:STARTUMSE\n:25:1/2\n:28C:1\n:60F:C240302EUR1,00\n')],
  ['camt', utf8('<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">')],
  ['vcard', utf8('BEGIN:VCARD\nVERSION:3.0\n')],
  ['icalendar', utf8('BEGIN:VCALENDAR\n')],
  ['email', utf8('Received: from a by b\nFrom: till@example.com\nSubject: Отчёт\n')],
  ['sql', utf8('INSERT INTO sales VALUES (1);')],
  ['sylk', utf8('ID;PWXL;N;E\nC;Y1;X1;K"id"\n')],
]

describe('a file', () => {
  it.each(FILES)('is told to be %s', (kind, bytes) => {
    expect(kindOf(bytes)).toBe(kind)
  })

  it.each(FILES)('is refused with what to do instead: %s', (_, bytes) => {
    const { reason, params } = refusalOf(bytes)
    const { ru, en } = MESSAGES[reason as keyof typeof MESSAGES]
    expect(ru).toMatch(/^[А-Я].*\.$/s)
    expect(en).toMatch(/^[A-Z].*\.$/s)
    expect(Object.values(params).join('')).not.toMatch(/[^\p{L}\p{N} -]/u)
  })

  it.each([
    'id;Дата;Сумма\n',
    '<DATE>;<TIME>;<AMOUNT>\n20240302;091400;100\n',
    '[id],[date],[amount]\n1,2024-03-02,5\n',
    'BM;date;amount\n',
    'From: 01.03.2024\nTo: 31.03.2024\nDate: 01.04.2024\nid;date;amount\n',
    'ID;Product;Price\n1;x;5\n',
    '"{""a"":1}";2024-03-02;5\n',
  ])('may be a table: %s', (text) => {
    expect(kindOf(utf8(text))).toBeNull()
  })

  it('of unknown bytes is refused without any of them in the text', () => {
    const noise = Uint8Array.from({ length: 5000 }, (_, at) => (Math.imul(at + 1, 2_654_435_761) >>> 13) & 255)
    expect(refusalOf(noise)).toEqual({ reason: 'binary', params: {} })
    expect(refusalOf(new Uint8Array(5000))).toEqual({ reason: 'binary', params: {} })
  })
})

function refusalOf(bytes: Uint8Array): Pick<CrmError, 'reason' | 'params'> {
  try {
    readTable({ bytes, isWhole: true }, Settings.parse({}))
  } catch (error) {
    if (error instanceof CrmError) return { reason: error.reason, params: error.params }
    throw error
  }
  throw new Error('it was read')
}
