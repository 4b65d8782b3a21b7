// What a connector declares when people upload files for it.
import type * as z from 'zod'
import type { CanonicalTransaction, LocalizedText, Session } from '#crm/contract.ts'
import type { FileHead, Format, RejectedRow } from '#crm/files.ts'
import type { SheetOptions } from '#lib/xlsx/index.ts'

/** An answer to a doubt, with what would be stored of the sample if it were given: paid sales and refunds. */
export interface Choice {
  /** A stable text, which is kept as the answer. It never names a position in the file. */
  readonly id: string
  readonly label: LocalizedText
  readonly count: number
  readonly totalMinor: number
}

/** A question about a file that its sender has to answer before anything is stored. */
export interface Doubt {
  readonly code: string
  readonly message: LocalizedText
  /** The headers that it is about. */
  readonly columns: readonly string[]
  readonly choices: readonly Choice[]
}

/** What is known beside the file. */
export interface Given<Settings> extends Pick<Session<Settings>, 'settings' | 'fallback' | 'storedSales' | 'twins'> {
  readonly formats: readonly Format[]
  /** The one that was asked for by its name: it is used whatever the header is. */
  readonly format: Format | null
  /** Of the file that these rows are from; left out where it is a file of its own. */
  readonly plan?: unknown
}

/** A file that may be imported when no doubt is open. */
export interface Checked {
  readonly doubts: readonly Doubt[]
  /** For `begin`. */
  readonly plan: unknown
  /** The text above the first row: by it rows of the file can be read without the others. */
  readonly top: string
}

/** What an import would do with a file, as far as its beginning shows. */
export interface FilePreview {
  readonly doubts: readonly Doubt[]
  /** The headers as they are shown and as a format is known by them. */
  readonly header: readonly string[]
  /** The name of the format or preset that was used. */
  readonly format: string | null
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
  /** The part of `additionalConfig` with this mapping. */
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
  /** Sales and refunds of the sample beside what is stored. */
  readonly stored: { readonly new: number; readonly changed: number; readonly known: number }
  readonly isWhole: boolean
}

/** How a connector accepts files. Knows bytes, not uploads. */
export interface Imports<Settings, Cursor> {
  /** Of a file: they decide the preview, the check of an upload and the run alike. */
  readonly headBytes: number
  /** A small file to copy from. */
  readonly sample: LocalizedText
  /** What can be kept as a format: settings, all optional, with `header` and `answers`. */
  readonly format: z.ZodType<{
    readonly header?: readonly string[] | undefined
    readonly answers?: readonly string[] | undefined
  }>
  /** Which sheet of a workbook is read, and how it is written as CSV. */
  sheetOf(settings: Settings): SheetOptions
  /** Throws CrmError `malformed` for a file that a run would refuse, as far as its first bytes show. */
  check(head: FileHead, given: Given<Settings>): Promise<Checked>
  /** Throws CrmError `malformed` for the beginning of a file that is no table, whatever its columns are. */
  checkTable(head: FileHead, settings: Settings): void
  /** Throws CrmError `malformed` for a file without a table. */
  preview(head: FileHead, given: Given<Settings>): Promise<FilePreview>
  /** The cursor with which `pull` reads a stored file as `check` did. */
  isRejected(head: FileHead): boolean
  /** The rows of a file of rejected rows, `head` being its beginning; those without a text are left out. */
  readRejected(
    head: FileHead,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncIterable<readonly RejectedRow[]>
  begin(file: { readonly id: string; readonly bytes: number }, plan: unknown, now: Date): Cursor
}
