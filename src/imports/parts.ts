// Uploads a file that is larger than one request may be: open an upload, send its parts, complete it. The token names
// the file and R2's upload. The path names the integration, so a token is useless with another one.
import * as z from 'zod'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import type { Chunks } from '#lib/read-body.ts'
import { fileKey, PART_BYTES } from '#connections/file-store.ts'
import { closeMultipart, openMultipart } from '#connections/open-uploads.ts'
import { givenOf, takeHead, type Target, unreadable } from '#imports/target.ts'
import { checkHead, HEAD_BYTES, limitOf, startImport } from '#imports/upload.ts'
import { checkLine } from '#runs/start-bulk.ts'
import type { RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'

export const OpenedUpload = z
  .strictObject({
    upload: z.string(),
    partBytes: z.int().meta({ description: 'Of each part but the last.' }),
    partsMax: z.int(),
  })
  .meta({ id: 'OpenedUpload' })
type OpenedUpload = z.infer<typeof OpenedUpload>

export const UploadedPart = z
  .strictObject({ part: z.int().min(1), etag: z.string().min(1) })
  .meta({ id: 'UploadedPart' })
type UploadedPart = z.infer<typeof UploadedPart>

export const CompleteUpload = z.strictObject({ parts: z.array(UploadedPart).min(1) }).meta({ id: 'CompleteUpload' })

function partsMaxOf({ config }: Context): number {
  return Math.ceil(config.importBytesMax / PART_BYTES)
}

/** Throws Problem: `too_many_runs`, `too_many_requests`. */
export async function openUpload(context: Context, { row }: Target): Promise<OpenedUpload> {
  await checkLine(context, row.id)
  const id = crypto.randomUUID()
  const { uploadId } = await openMultipart(context, row.id, id)
  return { upload: `${id}.${uploadId}`, partBytes: PART_BYTES, partsMax: partsMaxOf(context) }
}

interface ResumedUpload {
  readonly id: string
  readonly upload: R2MultipartUpload
}

function resume(context: Context, { row }: Target, token: string): ResumedUpload {
  const [, id, uploadId] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){4}[0-9a-f]{8})\.(.{1,1024})$/.exec(token) ?? []
  if (id === undefined || uploadId === undefined) throw noUpload()
  return { id, upload: context.files.resumeMultipartUpload(fileKey(row.id, id), uploadId) }
}

/** Throws Problem: `unreadable_file` for a first part, `body_too_large`, `invalid_request`. */
export async function putPart(
  context: Context,
  target: Target,
  token: string,
  { part, chunks }: { readonly part: number; readonly chunks: Chunks },
): Promise<UploadedPart> {
  const { upload } = resume(context, target, token)
  if (part > partsMaxOf(context)) throw limitOf(context).refuse()
  const { bytes, isWhole } = await takeHead(chunks, PART_BYTES)
  if (!isWhole) {
    throw new Problem('body_too_large', { detail: `A part may have ${PART_BYTES} bytes at most.` })
  }
  if (part === 1) await checkTable(context, target, bytes.subarray(0, HEAD_BYTES))
  const { etag } = await orNoUpload(context, async () => upload.uploadPart(part, bytes))
  return { part, etag }
}

/** Open questions are left for the whole file. Throws Problem `unreadable_file`. */
async function checkTable(context: Context, target: Target, bytes: Uint8Array): Promise<void> {
  try {
    await target.imports.check({ bytes, isWhole: false }, givenOf(context, target))
  } catch (error) {
    throw unreadable(target, error)
  }
}

/** A repeated call returns the same run. Throws Problem as an upload in one request does. */
export async function completeUpload(
  context: Context,
  target: Target,
  token: string,
  parts: readonly UploadedPart[],
): Promise<RunRow> {
  const { id, upload } = resume(context, target, token)
  const started = await getRun(context, { integrationId: target.row.id, runId: id, tenant: null })
  if (started) return started
  const sorted = parts.toSorted((a, b) => a.part - b.part).map(({ part, etag }) => ({ partNumber: part, etag }))
  // The file is already complete when a worker died before it opened the run.
  const { size } =
    (await context.files.head(upload.key)) ?? (await orNoUpload(context, async () => upload.complete(sorted)))
  await closeMultipart(context, target.row.id, id)
  let plan: unknown
  try {
    const { bytesMax, refuse } = limitOf(context)
    if (size > bytesMax) throw refuse()
    // R2 refuses an empty range.
    const range = { offset: 0, length: Math.min(HEAD_BYTES, size) }
    const head = size === 0 ? null : await context.files.get(upload.key, { range })
    const bytes = new Uint8Array((await head?.arrayBuffer()) ?? [])
    plan = await checkHead(context, target, { bytes, isWhole: bytes.byteLength === size })
  } catch (error) {
    await context.files.delete(upload.key)
    throw error
  }
  return startImport(context, target, { id, bytes: size, plan })
}

/** Deletes the parts of an upload. */
export async function abortUpload(context: Context, target: Target, token: string): Promise<void> {
  const { id, upload } = resume(context, target, token)
  await orNoUpload(context, async () => upload.abort())
  await closeMultipart(context, target.row.id, id)
}

/** R2 throws for an upload or a part that it does not know. */
async function orNoUpload<T>(context: Context, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    context.log.warn('upload_refused', { error })
    throw noUpload(error)
  }
}

function noUpload(cause?: unknown): Problem {
  return new Problem('invalid_request', {
    errors: [{ path: 'query.upload', message: 'is not an upload under way, or its parts are not as it asked for' }],
    cause,
  })
}
