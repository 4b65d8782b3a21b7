// Where a pull stands: the version of the file that was worked through last, and the place in the one at hand.
import * as z from 'zod'
import { Plan } from '#crm/csv/plan.ts'

const Version = z.strictObject({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  sha256: z.string(),
})

const Place = z.strictObject({
  /** The byte at which the next row begins, and its line from 1. */
  offset: z.int().nonnegative(),
  line: z.int().positive(),
})
export type Place = z.infer<typeof Place>

const Running = z.strictObject({
  fileId: z.guid(),
  bytes: z.int().nonnegative(),
  /** Null: it was uploaded. */
  version: Version.nullable(),
  startedAt: z.iso.datetime(),
  /** Null: nothing of it has been read. */
  plan: Plan.nullable(),
  place: Place,
  /** After the last row: the receipts put together so far, by the key of their notes. */
  receiptsTo: z.guid().nullable().default(null),
  areRowsRead: z.boolean().default(false),
})
export type Running = z.infer<typeof Running>

export const Cursor = z.strictObject({
  version: z.literal(1),
  /** The file that was uploaded for this run; null: files are pulled from an address. */
  upload: z.guid().nullable(),
  /** Of the file at the address that is stored whole. */
  seen: Version.nullable(),
  /** That file. It is let go of when the next one is here. */
  kept: z.guid().nullable(),
  running: Running.nullable(),
})
export type Cursor = z.infer<typeof Cursor>

export function begin(
  file: { readonly id: string; readonly bytes: number },
  version: Running['version'],
  startedAt: Date,
): Running {
  return {
    ...{ fileId: file.id, bytes: file.bytes, version, startedAt: startedAt.toISOString(), plan: null },
    ...{ place: { offset: 0, line: 1 }, receiptsTo: null, areRowsRead: false },
  }
}
