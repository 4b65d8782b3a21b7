// Files as a connector sees them: bytes by ranges and notes on them, never where they lie. And what one that takes files
// from people says of them.
import type { CanonicalTransaction, Session, LocalizedText } from '#crm/contract.ts'

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

/** What an import would do with a file, as far as its beginning tells. */
export interface FilePreview {
  readonly dialect: {
    readonly encoding: string
    readonly delimiter: string
    readonly decimal: '.' | ',' | null
    readonly dateOrder: 'dmy' | 'mdy'
    /** The line that names the columns, from 1. */
    readonly headerLine: number
    readonly rows: 'sales' | 'lines'
  }
  readonly columns: readonly {
    readonly header: string
    readonly field: string | null
    /** 0 to 1. */
    readonly confidence: number
    readonly examples: readonly string[]
  }[]
  /** The part of `additionalConfig` that says the same. */
  readonly mapping: Readonly<Record<string, unknown>>
  readonly problems: readonly { readonly code: string; readonly detail: LocalizedText }[]
  /** The first sales, as the import would store them. */
  readonly rows: readonly CanonicalTransaction[]
  readonly rejected: readonly {
    readonly line: number
    readonly column: string | null
    readonly reason: LocalizedText
    readonly raw: string
  }[]
  readonly totals: {
    readonly sales: number
    readonly refunds: number
    readonly notPaid: number
    readonly skipped: number
    readonly rejected: number
    readonly amounts: readonly { readonly currency: string; readonly amountMinor: number }[]
    readonly from: string | null
    readonly to: string | null
  }
  readonly isWhole: boolean
}

/** How a connector takes files that people send. Knows bytes, no uploads. */
export interface Imports<Settings, Cursor> {
  /** Throws CrmError `malformed` for a file that a run would refuse, as far as its first bytes tell. */
  check(head: FileHead, settings: Settings): void
  /** Throws CrmError `malformed` for what is no table at all. */
  preview(head: FileHead, settings: Settings, fallback: Session<Settings>['fallback']): Promise<FilePreview>
  /** The cursor with which `pull` works through a file that is stored. */
  begin(file: { readonly id: string; readonly bytes: number }, now: Date): Cursor
}
