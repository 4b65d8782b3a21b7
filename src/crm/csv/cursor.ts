// The state of a pull, as JSON: the version of the file that was read last, and the offset in the current one.
import * as z from 'zod'
import { FileOffset, Plan } from '#crm/csv/plan.ts'

const Version = z.lazy(() =>
  z.strictObject({
    etag: z.string().nullable(),
    lastModified: z.string().nullable(),
    sha256: z.string(),
  }),
)

const FileProgress = z.lazy(() =>
  z.strictObject({
    fileId: z.guid(),
    bytes: z.int().nonnegative(),
    /** Null: the file was uploaded. */
    version: Version.nullable(),
    startedAt: z.iso.datetime(),
    /** Null: nothing of the file has been read or checked. */
    plan: Plan.nullable(),
    fileOffset: FileOffset,
    /** After the last row: the key of the last receipt that was assembled from its notes. */
    receiptsTo: z.guid().nullable().default(null),
    areRowsRead: z.boolean().default(false),
    /** What the lines of a receipt may leave out, of the last line that has it. */
    above: z.array(z.string()).readonly().nullable().default(null),
    /** Refunds were noted, which are told from sales at the end. */
    hasRefunds: z.boolean().default(false),
  }),
)
export type FileProgress = z.infer<typeof FileProgress>

export const Cursor = z.lazy(() =>
  z.strictObject({
    version: z.literal(1),
    /** The file uploaded for this run; null: files are pulled from an address. */
    upload: z.guid().nullable(),
    /** The version of the file at the address whose rows are all stored. */
    storedVersion: Version.nullable(),
    /** That file. It is removed when the next one is fetched. */
    keptFileId: z.guid().nullable(),
    file: FileProgress.nullable(),
  }),
)
export type Cursor = z.infer<typeof Cursor>

export function beginFile(
  file: { readonly id: string; readonly bytes: number },
  version: FileProgress['version'],
  startedAt: Date,
  plan: Plan | null = null,
): FileProgress {
  return {
    ...{ fileId: file.id, bytes: file.bytes, version, startedAt: startedAt.toISOString(), plan },
    ...{ fileOffset: plan?.from ?? { offset: 0, line: 1 }, receiptsTo: null, areRowsRead: false },
    ...{ above: null, hasRefunds: false },
  }
}
