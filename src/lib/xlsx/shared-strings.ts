// The texts that cells refer to by number. They are kept as UTF-8 in one piece of memory: as strings of their own they
// would take several times as much.
import type { Archive } from '#lib/xlsx/archive.ts'
import { CELL_CHARACTERS_MAX, cleanText } from '#lib/xlsx/cell-text.ts'
import { refuse } from '#lib/xlsx/refuse.ts'
import { readXml } from '#lib/xlsx/xml.ts'

const STRINGS_BYTES_MAX = 32 * 1024 * 1024
/** Of the shortest texts there could be millions, each with its position. */
const STRINGS_MAX = 2_000_000

/** Throws CrmError `malformed` for a number that there is not. */
export type SharedStrings = (index: number) => Uint8Array

export async function readSharedStrings(archive: Archive, path: string | null): Promise<SharedStrings> {
  if (path === null) return () => refuse('workbook_damaged')
  // The texts are a part of the XML, and never longer than it.
  const bytes = new Uint8Array(Math.min(archive.sizeOf(path), STRINGS_BYTES_MAX))
  let ends = new Uint32Array(1024)
  let [count, used] = [0, 0]
  const add = (text: string) => {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(used))
    if (read < text.length || count >= STRINGS_MAX) refuse('workbook_too_large')
    if (count === ends.length) {
      const more = new Uint32Array(ends.length * 2)
      more.set(ends)
      ends = more
    }
    used += written
    ends[count] = used
    count += 1
  }
  await readXml(archive.open(path, STRINGS_BYTES_MAX), richText('si', add))
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= count) return refuse('workbook_damaged')
    return bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index])
  }
}

const encoder = new TextEncoder()

/** Collects the `<t>` of each element, whatever runs they are in, without phonetic hints (`<rPh>`). */
function richText(element: string, done: (text: string) => void) {
  let text = ''
  let [isText, isHint] = [false, false]
  return {
    open: (name: string) => {
      if (name === element) text = ''
      if (name === 't') isText = !isHint
      if (name === 'rPh') isHint = true
    },
    text: (piece: string) => {
      if (isText && text.length < CELL_CHARACTERS_MAX) text += piece
    },
    close: (name: string) => {
      if (name === 't') isText = false
      if (name === 'rPh') isHint = false
      if (name === element) done(cleanText(text))
    },
  }
}
