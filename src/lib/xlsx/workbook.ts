// The structure of a workbook: which part is which (ECMA-376 part 2: relationships), its sheets and its calendar.
import type { Archive } from '#lib/xlsx/archive.ts'
import { refuse } from '#lib/xlsx/refuse.ts'
import { readXml } from '#lib/xlsx/xml.ts'

const STRUCTURE_BYTES_MAX = 8 * 1024 * 1024
const SHEETS_MAX = 10_000

interface Sheet {
  readonly name: string
  readonly path: string
  readonly isHidden: boolean
}

export interface Workbook {
  readonly sheets: readonly Sheet[]
  readonly strings: string | null
  readonly styles: string | null
  /** Days are counted from 1904, as old Excel for Mac did. */
  readonly is1904: boolean
}

/** Null: the archive is not a workbook. */
export async function readWorkbook(archive: Archive): Promise<Workbook | null> {
  const path = await findWorkbook(archive)
  if (path === null) return null
  const relations = await readRelations(archive, path)
  const of = (type: string) => relations.find((relation) => relation.type === type)?.path ?? null
  const sheets: Sheet[] = []
  let is1904 = false
  await readXml(archive.open(path, STRUCTURE_BYTES_MAX), {
    open: (name, attributes) => {
      const { date1904, state = 'visible' } = attributes
      if (name === 'workbookPr') is1904 = date1904 === '1' || date1904 === 'true'
      if (name !== 'sheet') return
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1]
      const relation = relations.find((one) => one.id === id)
      // Sheets of charts have no cells.
      if (relation?.type !== 'worksheet') return
      if (
        sheets.push({ name: attributes['name'] ?? '', path: relation.path, isHidden: state !== 'visible' }) > SHEETS_MAX
      )
        refuse('workbook_damaged')
    },
  })
  return { sheets, strings: of('sharedStrings'), styles: of('styles'), is1904 }
}

async function findWorkbook(archive: Archive): Promise<string | null> {
  if (archive.has('_rels/.rels')) {
    const main = (await readRelations(archive, '')).find(({ type }) => type === 'officeDocument')
    if (main) {
      const name = main.path.slice(main.path.lastIndexOf('/') + 1).toLowerCase()
      return name.includes('workbook') && name.endsWith('.xml') ? main.path : null
    }
  }
  return archive.has('xl/workbook.xml') ? 'xl/workbook.xml' : null
}

interface Relation {
  readonly id: string
  /** The last word of its URI, which has two forms (ECMA and ISO). */
  readonly type: string
  readonly path: string
}

async function readRelations(archive: Archive, of: string): Promise<Relation[]> {
  const slash = of.lastIndexOf('/') + 1
  const [folder, name] = [of.slice(0, slash), of.slice(slash)]
  const path = `${folder}_rels/${name}.rels`
  if (!archive.has(path)) return []
  const relations: Relation[] = []
  await readXml(archive.open(path, STRUCTURE_BYTES_MAX), {
    open: (element, { Id = '', Type = '', Target = '', TargetMode }) => {
      if (element !== 'Relationship' || TargetMode === 'External') return
      relations.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), path: resolve(folder, Target) })
    },
  })
  return relations
}

function resolve(folder: string, target: string): string {
  const path = target.replaceAll('\\', '/')
  const segments: string[] = []
  for (const segment of (path.startsWith('/') ? path : folder + path).split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '.' && segment !== '') segments.push(segment)
  }
  return segments.join('/')
}
