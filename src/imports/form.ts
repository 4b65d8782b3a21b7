// The form of a preview: a file, and beside it a format that is not saved. It is read as a stream, since the platform's
// own reader of forms would hold the whole file in memory.
import { decodeField, make, type PartInfo } from 'multipasta'
import { FORMAT_BYTES_MAX } from '#imports/formats.ts'
import { type FieldError, Problem } from '#lib/errors.ts'
import { UNKNOWN_FIELD } from '#lib/field-errors.ts'
import type { Chunks } from '#lib/read-body.ts'
import { isPacked } from '#lib/xlsx/index.ts'
import type { LocalizedText } from '#lib/localized.ts'

const PARTS_MAX = 2
/** They are held in memory. */
const PACKED_BYTES_MAX = 16 * 1024 * 1024

export interface Form {
  readonly file: Chunks
  /** The text of the part; null: there is none. */
  readonly format: string | null
}

interface Pieces {
  /** What came of the file and was not taken yet. */
  file: Uint8Array[]
  fileState: 'awaited' | 'begun' | 'over'
  format: string | null
  isOver: boolean
}

/**
 * A format in front of the file costs no memory. Of a file in front of its format `bytesMax` are kept, beginning and
 * all that the preview reads. Throws Problem `invalid_request` for what is no such form, and what `chunks` throw.
 */
export async function readForm(contentType: string, chunks: Chunks, bytesMax: number): Promise<Form> {
  const pieces: Pieces = { file: [], fileState: 'awaited', format: null, isOver: false }
  const readOn = createReader(contentType, chunks, pieces)
  while (pieces.fileState === 'awaited' && !pieces.isOver) await readOn()
  if (pieces.fileState === 'awaited') throw wrong('file', 'required', TEXTS.file)
  if (pieces.format !== null) return { file: fileOf(pieces, readOn), format: pieces.format }
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of fileOf(pieces, readOn)) {
    // A workbook cannot be read without its end.
    const most = isPacked(kept[0] ?? chunk) ? PACKED_BYTES_MAX : bytesMax
    if (bytes <= most) kept.push(chunk)
    else if (most !== bytesMax) throw wrong('format', 'not_allowed', TEXTS.late)
    bytes += chunk.byteLength
  }
  while (!pieces.isOver) await readOn()
  return { file: list(kept), format: pieces.format }
}

async function* fileOf(pieces: Pieces, readOn: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for (;;) {
    yield* pieces.file.splice(0)
    if (pieces.fileState === 'over') return
    await readOn()
  }
}

async function* list(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

/** Takes one more chunk of the body apart. */
function createReader(contentType: string, chunks: Chunks, pieces: Pieces): () => Promise<void> {
  const parser = make({
    headers: { 'content-type': contentType },
    ...{ maxParts: PARTS_MAX, maxFieldSize: FORMAT_BYTES_MAX },
    isFile: ({ name, filename }: PartInfo) => name === 'file' || (name !== 'format' && filename !== undefined),
    onFile: () => {
      if (pieces.fileState !== 'awaited') throw wrong('file', 'not_allowed', TEXTS.second)
      pieces.fileState = 'begun'
      return (chunk) => {
        if (chunk === null) pieces.fileState = 'over'
        else pieces.file.push(chunk)
      }
    },
    onField: (info, value) => {
      if (info.name !== 'format') throw wrong(info.name, 'unknown_field', UNKNOWN_FIELD)
      pieces.format = decodeField(info, value)
    },
    onError: ({ _tag: cause }) => {
      throw wrong('body', 'wrong_form', formless(cause))
    },
    onDone: () => undefined,
  })
  return async () => {
    const next = await chunks.next()
    try {
      if (next.done !== true) return parser.write(next.value)
      pieces.isOver = true
      parser.end()
    } catch (error) {
      // The parser throws its own errors for headers that cannot be decoded.
      throw error instanceof Problem ? error : wrong('body', 'wrong_form', TEXTS.form)
    }
  }
}

const TEXTS = {
  file: {
    en: 'is required: send the file as a part of this name',
    ru: 'обязательно: файл должен быть частью с этим именем',
  },
  second: { en: 'may be sent once', ru: 'может быть только один' },
  late: {
    en: 'has to stand in front of a workbook of this size',
    ru: 'для книги такого размера должен стоять перед файлом',
  },
  form: { en: 'is not a form', ru: 'это не форма' },
} as const satisfies Readonly<Record<string, LocalizedText>>

function formless(cause: string): LocalizedText {
  return { en: `is not a form with a file and a format (${cause})`, ru: `это не форма с файлом и форматом (${cause})` }
}

function wrong(path: string, code: FieldError['code'], message: LocalizedText): Problem {
  return new Problem('invalid_request', { errors: [{ path, code, message }] })
}
