// XML of a workbook → events, in pieces of any size. Names come without their prefix. Promises bounded memory whatever
// the XML is, and that no entity but XML's own is ever replaced.
import { SaxesParser } from 'saxes'
import { refuse } from '#lib/xlsx/refuse.ts'
import { CrmError } from '#lib/crm-error.ts'

export type Attributes = Readonly<Record<string, string>>

export interface XmlHandler {
  readonly open?: (name: string, attributes: Attributes) => void
  readonly text?: (text: string) => void
  readonly close?: (name: string) => void
}

export interface XmlReader {
  /** Throws CrmError `malformed`. */
  readonly write: (bytes: Uint8Array) => void
  readonly end: () => void
}

/** A piece is parsed at once, so what one may bring forth has to fit into memory: a text of a table in each cell. */
const PIECE_BYTES = 8 * 1024
/** The parser holds a tag or a text until it ends. The longest text of a cell has fewer bytes, even as references. */
const TOKEN_BYTES_MAX = 512 * 1024
/** The parts that are read are some ten levels deep. */
const DEPTH_MAX = 64

export function createXmlReader(handler: XmlHandler): XmlReader {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false })
  let [depth, silent] = [0, 0]
  parser.on('opentag', ({ name, attributes }) => {
    silent = 0
    depth += 1
    if (depth > DEPTH_MAX) refuse('workbook_damaged')
    handler.open?.(localName(name), attributes)
  })
  parser.on('closetag', ({ name }) => {
    silent = 0
    depth -= 1
    handler.close?.(localName(name))
  })
  const onText = (text: string) => {
    silent = 0
    handler.text?.(text)
  }
  parser.on('text', onText)
  parser.on('cdata', onText)
  // Entities are declared here.
  parser.on('doctype', () => refuse('workbook_damaged'))
  let decoder: InstanceType<typeof TextDecoder> | null = null
  return {
    write: (bytes) =>
      orDamage(() => {
        decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true, ignoreBOM: false })
        parser.write(decoder.decode(bytes, { stream: true }))
        silent += bytes.byteLength
        if (silent > TOKEN_BYTES_MAX) refuse('workbook_damaged')
      }),
    end: () =>
      orDamage(() => {
        parser.write(decoder?.decode() ?? '')
        parser.close()
      }),
  }
}

/** The parser and the decoder throw errors of their own for what is not XML. */
function orDamage(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (error instanceof CrmError) throw error
    refuse('workbook_damaged', {}, error)
  }
}

/** XML 1.0, 4.3.3: without a byte order mark it is UTF-8, since no program writes another encoding into a workbook. */
function encodingOf([a, b]: Uint8Array): string {
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  return a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8'
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** The chunks in pieces for `write`. */
export async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES)
  }
}

/** Reads a whole part. */
export async function readXml(chunks: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  const reader = createXmlReader(handler)
  for await (const piece of piecesOf(chunks)) reader.write(piece)
  reader.end()
}
