// Workbooks as Excel lays them out; each part can be replaced by what another program writes.
import { CrmError } from '#lib/crm-error.ts'
import { openSheet, type SheetOptions, type Source } from '#lib/xlsx/index.ts'
import { type ZipPart, zipOf } from '#test/zip.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE_RELS = 'http://schemas.openxmlformats.org/package/2006/relationships'

export interface SheetOf {
  readonly name?: string
  readonly state?: string
  /** What is in `<sheetData>`. */
  readonly rows: string
}

export interface WorkbookOf {
  readonly sheets: readonly SheetOf[]
  readonly strings?: readonly string[]
  /** Format of each style: a number is built in, a text is a code of its own. */
  readonly formats?: readonly (number | string)[]
  readonly is1904?: boolean
  /** In the place of, or beside, the parts above. */
  readonly parts?: readonly ZipPart[]
}

export async function workbookOf(workbook: WorkbookOf): Promise<Uint8Array<ArrayBuffer>> {
  const replaced = new Set(workbook.parts?.map(({ path }) => path))
  const parts = partsOf(workbook).filter(({ path }) => !replaced.has(path))
  return zipOf([...parts, ...(workbook.parts ?? [])])
}

function partsOf({ sheets, strings, formats, is1904 = false }: WorkbookOf): ZipPart[] {
  const relations = [
    ...sheets.map((_, at) => relation(`rId${at + 1}`, 'worksheet', `worksheets/sheet${at + 1}.xml`)),
    relation('rIdStyles', 'styles', 'styles.xml'),
    ...(strings ? [relation('rIdStrings', 'sharedStrings', 'sharedStrings.xml')] : []),
  ]
  const listed = sheets.map(({ name, state }, at) => {
    const hidden = state === undefined ? '' : ` state="${state}"`
    return `<sheet name="${name ?? `Лист${at + 1}`}" sheetId="${at + 1}"${hidden} r:id="rId${at + 1}"/>`
  })
  return [
    { path: '[Content_Types].xml', content: `${XML}<Types/>` },
    { path: '_rels/.rels', content: relationships([relation('rId1', 'officeDocument', 'xl/workbook.xml')]) },
    {
      path: 'xl/workbook.xml',
      content: `${XML}<workbook ${MAIN} xmlns:r="${REL}"><workbookPr date1904="${is1904 ? 1 : 0}"/><sheets>${listed.join('')}</sheets></workbook>`,
    },
    { path: 'xl/_rels/workbook.xml.rels', content: relationships(relations) },
    ...sheets.map(({ rows }, at) => ({
      path: `xl/worksheets/sheet${at + 1}.xml`,
      content: `${XML}<worksheet ${MAIN}><dimension ref="A1"/><sheetData>${rows}</sheetData><pageMargins left="0.7"/></worksheet>`,
    })),
    { path: 'xl/styles.xml', content: stylesOf(formats ?? []) },
    ...(strings
      ? [{ path: 'xl/sharedStrings.xml', content: `${XML}<sst ${MAIN}>${strings.map(shared).join('')}</sst>` }]
      : []),
  ]
}

const shared = (text: string) =>
  text.startsWith('<') ? `<si>${text}</si>` : `<si><t xml:space="preserve">${text}</t></si>`

function relation(id: string, type: string, target: string): string {
  return `<Relationship Id="${id}" Type="${REL}/${type}" Target="${target}"/>`
}

function relationships(relations: readonly string[]): string {
  return `${XML}<Relationships xmlns="${PACKAGE_RELS}">${relations.join('')}</Relationships>`
}

export function stylesOf(formats: readonly (number | string)[]): string {
  const own = formats.map((format, at) => (typeof format === 'string' ? { id: 164 + at, code: format } : null))
  const codes = own.flatMap((format) =>
    format
      ? [
          `<numFmt numFmtId="${format.id}" formatCode="${format.code.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"/>`,
        ]
      : [],
  )
  const styles = formats.map((format, at) => `<xf numFmtId="${own[at]?.id ?? format}" fontId="0" xfId="0"/>`)
  return `${XML}<styleSheet ${MAIN}><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs></styleSheet>`
}

export function sourceOf(file: Uint8Array): Source {
  return { bytes: file.byteLength, read: async (from, bytes) => file.subarray(from, from + bytes) }
}

/** Throws what reading throws; CrmError `no_workbook` stands for another archive. */
export async function csvOf(file: Uint8Array | Source, options: Partial<SheetOptions> = {}): Promise<string> {
  const source = file instanceof Uint8Array ? sourceOf(file) : file
  const sheet = await openSheet(source, { sheet: null, delimiter: ';', ...options })
  if (!sheet) throw new CrmError('malformed', { reason: 'no_workbook', isFinal: true })
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of sheet.chunks()) chunks.push(new Uint8Array(chunk))
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await new Blob(chunks).arrayBuffer())
}

/** Why a workbook is refused; null when it is not. */
export async function refusalOf(file: Uint8Array, options?: Partial<SheetOptions>): Promise<string | null> {
  try {
    await csvOf(file, options)
    return null
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'malformed' && error.isFinal) return error.reason
    throw error
  }
}
