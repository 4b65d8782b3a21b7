// Where a pull stands: the version of the file that was worked through last, and the place in the one at hand.
import * as z from 'zod'
import { Plan } from '#crm/csv/plan.ts'

const Version = z.strictObject({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  sha256: z.string(),
})

const FileOffset = z.strictObject({
  /** The byte at which the next row begins, and its line from 1. */
  offset: z.int().nonnegative(),
  line: z.int().positive(),
})
export type FileOffset = z.infer<typeof FileOffset>

const FileProgress = z.strictObject({
  fileId: z.guid(),
  bytes: z.int().nonnegative(),
  /** Null: it was uploaded. */
  version: Version.nullable(),
  startedAt: z.iso.datetime(),
  /** Null: nothing of it has been read. */
  plan: Plan.nullable(),
  fileOffset: FileOffset,
  /** After the last row: the receipts put together so far, by the key of their notes. */
  receiptsTo: z.guid().nullable().default(null),
  areRowsRead: z.boolean().default(false),
})
export type FileProgress = z.infer<typeof FileProgress>

export const Cursor = z.strictObject({
  version: z.literal(1),
  /** The file that was uploaded for this run; null: files are pulled from an address. */
  upload: z.guid().nullable(),
  /** Of the file at the address that is stored whole. */
  storedVersion: Version.nullable(),
  /** That file. It is let go of when the next one is here. */
  keptFileId: z.guid().nullable(),
  file: FileProgress.nullable(),
})
export type Cursor = z.infer<typeof Cursor>

export function beginFile(
  file: { readonly id: string; readonly bytes: number },
  version: FileProgress['version'],
  startedAt: Date,
): FileProgress {
  return {
    ...{ fileId: file.id, bytes: file.bytes, version, startedAt: startedAt.toISOString(), plan: null },
    ...{ fileOffset: { offset: 0, line: 1 }, receiptsTo: null, areRowsRead: false },
  }
}
