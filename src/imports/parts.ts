// Uploads a file that is larger than one request may be: open an upload, send its parts, complete it. Its id is that of
// the file and of the run. A completed file that raises questions waits for answers as long as an open upload does.
import type { Context } from '#context.ts'
import * as z from 'zod'
import { Problem } from '#lib/errors.ts'
import type { Chunks } from '#lib/read-body.ts'
import { isPacked } from '#lib/xlsx/index.ts'
import type { FileHead } from '#crm/files.ts'
import { PART_BYTES, storeFile } from '#connections/file-store.ts'
import { toTable } from '#connections/workbooks.ts'
import { closeAborted, closeUpload, findUpload, openMultipart } from '#connections/open-uploads.ts'
import { checkFile, readable } from '#imports/given.ts'
import { openFile } from '#imports/open-file.ts'
import { chunksOf, takeHead, type Target } from '#imports/target.ts'
import { limitOf, startImport } from '#imports/upload.ts'
import { checkLine } from '#runs/start-bulk.ts'
import type { RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'

export const OpenedUpload = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the upload, and of the run that it becomes.' }),
    partBytes: z.int().meta({ description: 'The size of each part but the last.' }),
    partsMax: z.int().meta({ description: 'How many parts it may have.' }),
  })
  .meta({ id: 'OpenedUpload', description: 'An upload whose parts may be sent now.' })
type OpenedUpload = z.infer<typeof OpenedUpload>

export const UploadedPart = z
  .strictObject({
    part: z.int().min(1).meta({ description: 'The number of the part, from 1.' }),
    etag: z.string().min(1).meta({ description: 'Its mark, as the answer to the part has it.' }),
  })
  .meta({ id: 'UploadedPart', description: 'A part that was sent.' })
type UploadedPart = z.infer<typeof UploadedPart>

export const CompleteUpload = z
  .strictObject({ parts: z.array(UploadedPart).min(1).meta({ description: 'All of the file’s parts.' }) })
  .meta({ id: 'CompleteUpload', description: 'What the file consists of.' })

function partsMaxOf({ config }: Context): number {
  return Math.ceil(config.importBytesMax / PART_BYTES)
}

/** Throws Problem: `too_many_runs`, `too_many_requests`. */
export async function openUpload(context: Context, { row }: Target): Promise<OpenedUpload> {
  await checkLine(context, row.id)
  const id = crypto.randomUUID()
  await openMultipart(context, row.id, id)
  return { id, partBytes: PART_BYTES, partsMax: partsMaxOf(context) }
}

/** Null: no such upload. Throws Problem: `unreadable_file` for a first part, `body_too_large`, `invalid_request`. */
export async function putPart(
  context: Context,
  target: Target,
  { id, part, chunks }: { readonly id: string; readonly part: number; readonly chunks: Chunks },
): Promise<UploadedPart | null> {
  const upload = await findUpload(context, target.row.id, id)
  if (!upload) return null
  if (part > partsMaxOf(context)) throw limitOf(context).refuse()
  const { bytes, isWhole } = await takeHead(chunks, PART_BYTES)
  if (!isWhole) {
    throw new Problem('body_too_large', {
      detail: {
        en: `A part may have ${PART_BYTES} bytes at most.`,
        ru: `Часть может занимать не более ${PART_BYTES} байт.`,
      },
    })
  }
  // The directory of a workbook is at its end.
  if (part === 1 && !isPacked(bytes))
    await checkTable(target, { bytes: bytes.subarray(0, target.imports.headBytes), isWhole: false })
  const { etag } = await orRefused(context, async () => upload.uploadPart(part, bytes))
  return { part, etag }
}

async function checkTable({ imports, ...target }: Target, head: FileHead): Promise<void> {
  await readable({ imports, ...target }, async () => imports.checkTable(head, target.settings))
}

export interface Completion {
  readonly id: string
  readonly parts: readonly UploadedPart[]
  readonly format: string | undefined
}

/**
 * Null: no such upload. A repeated call returns the same run, and after `mapping_unconfirmed` or `too_many_runs` it
 * goes on with the same file. Throws Problem as an upload in one request does.
 */
export async function completeUpload(
  context: Context,
  target: Target,
  { id, parts, format }: Completion,
): Promise<RunRow | null> {
  const { row } = target
  const started = await getRun(context, { integrationId: row.id, runId: id, tenant: null })
  if (started) return started
  const upload = await findUpload(context, row.id, id)
  if (!upload) return null
  const sorted = parts.toSorted((a, b) => a.part - b.part).map(({ part, etag }) => ({ partNumber: part, etag }))
  // The file is already complete when a question about it was open, or a worker died before it opened the run.
  const { size } =
    (await context.files.head(upload.key)) ?? (await orRefused(context, async () => upload.complete(sorted)))
  // Of rejected rows that were mended nothing is left but what is imported, so they have to be sent again.
  let isSpent = false
  let run: RunRow
  try {
    const { bytesMax, refuse } = limitOf(context)
    if (size > bytesMax) throw refuse()
    const { bytes, mended } = await unwrap(context, target, { key: upload.key, bytes: size })
    isSpent = mended !== null
    const head = await headOf(context, target, { key: upload.key, bytes })
    const checked = await checkFile(context, target, { head, mended, format })
    run = await startImport(context, target, { id, bytes, checked })
  } catch (error) {
    if (isSpent || (error instanceof Problem && HOPELESS.has(error.code))) {
      await context.files.delete(upload.key)
      await closeUpload(context, row.id, id)
    }
    throw error
  }
  await closeUpload(context, row.id, id)
  return run
}

/** No repeated call can succeed with the same file. */
const HOPELESS: ReadonlySet<Problem['code']> = new Set(['unreadable_file', 'body_too_large'])

interface Stored {
  readonly key: string
  readonly bytes: number
}

async function headOf({ files }: Context, { imports }: Target, { key, bytes }: Stored): Promise<FileHead> {
  // R2 refuses an empty range.
  const range = { offset: 0, length: Math.min(imports.headBytes, bytes) }
  const head = bytes === 0 ? null : await files.get(key, { range })
  const taken = new Uint8Array((await head?.arrayBuffer()) ?? [])
  return { bytes: taken, isWhole: taken.byteLength === bytes }
}

/** Puts what is imported of a file in its place, where that is another one. */
async function unwrap(context: Context, target: Target, { key, bytes: size }: Stored) {
  const { imports, settings } = target
  const table = await readable(target, async () => toTable(context, key, size, imports.sheetOf(settings)))
  const stored = { key, bytes: table }
  const head = await headOf(context, target, stored)
  const object = target.imports.isRejected(head) ? await context.files.get(stored.key) : null
  if (!object) return { bytes: stored.bytes, mended: null }
  const { all, mended } = await openFile(context, target, chunksOf(object.body))
  const { bytes } = await storeFile(context.files, stored.key, all, limitOf(context))
  return { bytes, mended }
}

/** Deletes what was sent. False: no such upload, or its run has begun. */
export async function abortUpload(context: Context, { row }: Target, id: string): Promise<boolean> {
  const upload = await findUpload(context, row.id, id)
  if (!upload || (await getRun(context, { integrationId: row.id, runId: id, tenant: null }))) return false
  if (await context.files.head(upload.key)) await context.files.delete(upload.key)
  else await orRefused(context, async () => upload.abort())
  await closeAborted(context, row.id, id)
  return true
}

/** R2 throws for a part that it does not know. */
async function orRefused<T>(context: Context, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    context.log.warn('upload_refused', { error })
    throw new Problem('invalid_request', {
      errors: [
        {
          ...({ path: 'parts', code: 'not_allowed' } as const),
          message: { en: 'are not as this upload has them', ru: 'не такие, как у этой загрузки' },
        },
      ],
      cause: error,
    })
  }
}
