// Line ends in bytes, for what is found without reading the rows.
import type { FileOffset } from '#crm/csv/plan.ts'
import { readRange, type Source } from '#crm/csv/source.ts'

const RANGE_BYTES = 64 * 1024
const [LINE_FEED, RETURN] = [10, 13]
const BLANK = new Set([LINE_FEED, RETURN, 9, 32])

function widthOf(encoding: string | null): number {
  return encoding?.startsWith('utf-16') === true ? 2 : 1
}

function codeAt(range: Uint8Array, at: number, encoding: string | null): number {
  const [a = 0, b = 0] = [range[at], range[at + 1]]
  if (widthOf(encoding) === 1) return a
  return encoding === 'utf-16le' ? a + b * 256 : a * 256 + b
}

/** The offset after a line that is too long; its text is dropped. Throws FileGone. */
export async function skipLine(
  source: Source,
  from: FileOffset,
  encoding: string,
  rangeBytes: number,
): Promise<FileOffset> {
  const width = widthOf(encoding)
  const line = from.line + 1
  for (let { offset } = from; offset < source.bytes;) {
    const range = await readRange(source, offset, rangeBytes)
    for (let at = 0; at < range.byteLength; at += width) {
      const code = codeAt(range, at, encoding)
      if (code !== LINE_FEED && code !== RETURN) continue
      const isPair = code === RETURN && codeAt(range, at + width, encoding) === LINE_FEED
      return { ...from, offset: Math.min(offset + at + (isPair ? 2 : 1) * width, source.bytes), line }
    }
    offset += range.byteLength
  }
  return { ...from, offset: source.bytes, line }
}

/** The byte at which the last lines begin. Blank ones at the very end do not count. Throws FileGone. */
export async function bottomOf(source: Source, lines: number, encoding: string | null): Promise<number> {
  if (lines === 0) return source.bytes
  const width = widthOf(encoding)
  let [next, found, isBlank] = [0, 0, true]
  for (let end = source.bytes - (source.bytes % width); end > 0;) {
    const start = Math.max(0, end - RANGE_BYTES)
    const range = await readRange(source, start, end - start)
    for (let at = end - start - width; at >= 0; at -= width) {
      const code = codeAt(range, at, encoding)
      isBlank &&= BLANK.has(code)
      if (!isBlank && (code === LINE_FEED || (code === RETURN && next !== LINE_FEED))) {
        found += 1
        if (found === lines) return start + at + width
      }
      next = code
    }
    end = start
  }
  return 0
}

/** The same in a text. */
export function bottomOfText(text: string, lines: number): number {
  let at = text.trimEnd().length
  if (lines === 0 || at === 0) return lines === 0 ? text.length : 0
  for (let left = lines; left > 0 && at > 0; left -= 1) {
    at = Math.max(text.lastIndexOf('\n', at - 1), text.lastIndexOf('\r', at - 1))
    if (left > 1 && text[at] === '\n' && text[at - 1] === '\r') at -= 1
  }
  return at + 1
}
