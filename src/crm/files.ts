// Files as a connector sees them: bytes by ranges and notes on them, never where they lie.

/** Which state of a file an address gave: all that is known of it. */
export interface FileVersion {
  readonly etag: string | null
  readonly lastModified: string | null
  readonly sha256: string
}

/** The first bytes of a file, or all of it. */
export interface FileHead {
  readonly bytes: Uint8Array
  readonly isWhole: boolean
}

/** What is noted under one key, by the names of its parts. */
export type Notes = Readonly<Record<string, unknown>>

/** Files of any size, kept for some days and read by ranges; and notes on them, kept as long. */
export interface Files {
  /** The first bytes of what an address gives. Throws CrmError. */
  peek(url: string, bytesMax: number): Promise<FileHead>
  /** Brings a file here. Null: nothing has changed since the version that is known. Throws CrmError. */
  fetch(
    url: string,
    known: FileVersion | null,
  ): Promise<{ readonly id: string; readonly bytes: number; readonly version: FileVersion } | null>
  /** From a byte on; fewer at the end of the file. Null: it is here no longer. */
  read(id: string, from: number, bytes: number): Promise<Uint8Array | null>
  remove(id: string): Promise<void>
  /** Merges parts into what is noted under each key (a UUID) and gives what is noted by then. Twice the same is once. */
  note(id: string, notes: ReadonlyMap<string, Notes>): Promise<ReadonlyMap<string, Notes>>
  /** What was noted, in the order of the keys. */
  noted(id: string, after: string | null, most: number): Promise<readonly (readonly [key: string, Notes])[]>
}
