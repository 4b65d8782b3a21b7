// The state of a pull, as JSON: the version of the file that was read last, and the offset in the current one.
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
  /** Null: the file was uploaded. */
  version: Version.nullable(),
  startedAt: z.iso.datetime(),
  /** Null: nothing of the file has been read. */
  plan: Plan.nullable(),
  fileOffset: FileOffset,
  /** After the last row: the key of the last receipt that was assembled from its notes. */
  receiptsTo: z.guid().nullable().default(null),
  areRowsRead: z.boolean().default(false),
})
export type FileProgress = z.infer<typeof FileProgress>

export const Cursor = z.strictObject({
  version: z.literal(1),
  /** The file uploaded for this run; null: files are pulled from an address. */
  upload: z.guid().nullable(),
  /** The version of the file at the address whose rows are all stored. */
  storedVersion: Version.nullable(),
  /** That file. It is removed when the next one is fetched. */
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
