// What a connector declares when people upload files for it.
import type { CanonicalTransaction, LocalizedText, Session } from '#crm/contract.ts'
import type { FileHead } from '#crm/files.ts'

/** What an import would do with a file, as far as its beginning shows. */
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
  readonly isWhole: boolean
}

/** How a connector accepts files. Knows bytes, not uploads. */
export interface Imports<Settings, Cursor> {
  /** Throws CrmError `malformed` for a file that a run would refuse, as far as its first bytes show. */
  check(head: FileHead, settings: Settings): void
  /** Throws CrmError `malformed` for a file without a table. */
  preview(head: FileHead, settings: Settings, fallback: Session<Settings>['fallback']): Promise<FilePreview>
  /** The cursor with which `pull` reads a stored file. */
  begin(file: { readonly id: string; readonly bytes: number }, now: Date): Cursor
}
