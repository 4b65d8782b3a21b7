import type { Archive } from '#lib/xlsx/archive.ts'
import { type CellFormat, formatOf, PLAIN } from '#lib/xlsx/number-format.ts'
import { readXml } from '#lib/xlsx/xml.ts'

const STYLES_BYTES_MAX = 32 * 1024 * 1024
/** Excel's own limit is 65,490. */
const STYLES_MAX = 100_000

export type FormatOf = (style: number) => CellFormat

/** The format of each style of a cell. */
export async function readStyles(archive: Archive, path: string | null): Promise<FormatOf> {
  if (path === null) return () => PLAIN
  const codes = new Map<number, string>()
  const ids: number[] = []
  let isOfCells = false
  await readXml(archive.open(path, STYLES_BYTES_MAX), {
    open: (name, { numFmtId = '0', formatCode }) => {
      if (name === 'cellXfs') isOfCells = true
      if (name === 'numFmt' && formatCode !== undefined && codes.size < STYLES_MAX)
        codes.set(Number(numFmtId), formatCode)
      if (name === 'xf' && isOfCells && ids.length < STYLES_MAX) ids.push(Number(numFmtId))
    },
    close: (name) => {
      if (name === 'cellXfs') isOfCells = false
    },
  })
  const formats = new Map([...new Set(ids)].map((id) => [id, formatOf(id, codes.get(id))]))
  const byStyle = ids.map((id) => formats.get(id) ?? PLAIN)
  return (style) => byStyle[style] ?? PLAIN
}
