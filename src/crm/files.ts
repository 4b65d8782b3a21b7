// Files as a connector sees them: ranges of bytes and notes on files, but not where they are stored.
import type { SheetOptions } from '#lib/xlsx/index.ts'

/** The version of a file at an address: all that is known of it. */
export interface FileVersion {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly sha256: string
}

/** The first bytes of a file, or all of it. */
export interface FileHead {
  readonly bytes: Uint8Array
  readonly isWhole: boolean
  /** It is the CSV of a workbook's sheet; `others` are its other sheets that are not hidden. */
  readonly sheets?: { readonly read: string; readonly others: readonly string[] }
}

/** A row of the file of rejected rows: where it stood, and its text. */
export interface RejectedRow {
  readonly line: number
  readonly column: string | null
  readonly raw: string
}

/** A layout with its settings and answers, known again by its header. */
export interface Format {
  readonly name: string
  readonly header: readonly string[]
  readonly settings: Readonly<Record<string, unknown>>
  /** The ids of choices. */
  readonly answers: readonly string[]
}

/** A refusal by the host of a file, with the first characters of its body. */
export interface FileRefusal {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface FileRequest {
  readonly url: string
  /** What a refusal by the host means. */
  readonly refuse: (refusal: FileRefusal) => Error
  /** Of a workbook this sheet is read, as CSV. */
  readonly sheet: SheetOptions
}

/** The notes under one key, by the names of their parts. */
export type Notes = Readonly<Record<string, unknown>>

/** Files of any size, kept for some days and read by ranges, with notes that are kept as long. */
export interface Files {
  /** The first bytes of the file at an address. Throws CrmError, and what `refuse` returns. */
  peek(request: FileRequest, bytesMax: number): Promise<FileHead>
  /** Fetches and stores a file. Null: it has not changed since the known version. Throws as `peek`. */
  fetch(
    request: FileRequest,
    known: FileVersion | null,
  ): Promise<{ readonly id: string; readonly bytes: number; readonly version: FileVersion } | null>
  /** Bytes from an offset on; fewer at the end of the file. Null: the file is no longer stored. */
  read(id: string, from: number, bytes: number): Promise<Uint8Array | null>
  remove(id: string): Promise<void>
  /**
   * Merges notes into those under each key (a UUID) and returns all notes of these keys. Repeating it changes nothing.
   */
  note(id: string, notes: ReadonlyMap<string, Notes>): Promise<ReadonlyMap<string, Notes>>
  /** The notes, in the order of their keys. */
  noted(id: string, after: string | null, most: number): Promise<readonly (readonly [key: string, Notes])[]>
}
