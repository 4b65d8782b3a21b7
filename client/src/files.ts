import type { Client } from './create-client.ts'
import { mayPass, ProblemError, refusalOf, unwrap } from './problem.ts'
import type { components } from './schema.ts'
import type { Run } from './watch-run.ts'

export type ImportPreview = components['schemas']['ImportPreview']
export type Format = components['schemas']['PutFormat']

export interface UploadFile {
  readonly integrationId: string
  readonly file: Blob
  /** The name of a saved format. */
  readonly format?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (sentBytes: number) => void
  /**
   * Called with an upload in parts when it has begun and after each part. With it, an upload that the network broke off
   * stays open for a day, for `resume`.
   */
  readonly onUpload?: (upload: BegunUpload) => void
  /** An upload of the same file that was broken off. One that is gone is begun again. */
  readonly resume?: BegunUpload
}

type Part = components['schemas']['UploadedPart']

/** What it takes to go on with an upload in parts. */
export interface BegunUpload {
  readonly uploadId: string
  readonly partBytes: number
  /** Those that were sent. */
  readonly parts: readonly Part[]
}

/** A smaller file goes in one request. */
const PARTS_FROM_BYTES = 8_000_000
const PARTS_AT_ONCE = 3
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/**
 * Imports a file, a large one in parts that are repeated by themselves when the network drops. Throws ProblemError:
 * with `mapping_unconfirmed` and `problem.doubts` while a question about the file is open.
 */
export async function uploadFile(client: Client, upload: UploadFile): Promise<Run> {
  if (upload.file.size < PARTS_FROM_BYTES) return sendWhole(client, upload)
  const { integrationId: id, resume, signal } = upload
  if (resume) {
    try {
      return await sendRest(client, upload, resume)
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.code !== 'not_found') throw error
    }
  }
  const options = signal ? { signal } : {}
  const { id: uploadId, partBytes } = await unwrap(
    client.POST('/v1/integrations/{id}/imports/uploads', { params: { path: { id } }, ...options }),
  )
  return sendRest(client, upload, { uploadId, partBytes, parts: [] })
}

async function sendRest(client: Client, upload: UploadFile, begun: BegunUpload): Promise<Run> {
  const { integrationId: id, format, signal, onUpload } = upload
  const opened = { path: { id, uploadId: begun.uploadId } }
  try {
    const parts = await sendParts(client, upload, begun)
    const params = { ...opened, query: format === undefined ? {} : { format } }
    const options = { params, body: { parts }, ...(signal && { signal }) }
    return await unwrap(client.POST('/v1/integrations/{id}/imports/uploads/{uploadId}/complete', options))
  } catch (error) {
    // After a refusal it would have to be sent again, which is simpler than to keep it.
    if (!onUpload || !mayPass(error))
      await client.DELETE('/v1/integrations/{id}/imports/uploads/{uploadId}', { params: opened }).catch(() => undefined)
    throw error
  }
}

async function sendWhole(client: Client, { integrationId, file, format, signal, onProgress }: UploadFile) {
  const query = format === undefined ? '' : `?format=${encodeURIComponent(format)}`
  const headers = { 'content-type': await typeOf(file) }
  const init = { method: 'POST', headers, body: file, ...(signal && { signal }) }
  const run = await answerOf<Run>(await client.send(`/v1/integrations/${integrationId}/imports${query}`, init))
  onProgress?.(file.size)
  return run
}

async function sendParts(client: Client, upload: UploadFile, begun: BegunUpload): Promise<Part[]> {
  const { integrationId, file, signal, onProgress, onUpload } = upload
  const { uploadId, partBytes } = begun
  const type = await typeOf(file)
  const count = Math.ceil(file.size / partBytes)
  const sent = new Map(begun.parts.map((part) => [part.part, part] as const))
  const tell = () => {
    const parts = [...sent.values()]
    onUpload?.({ uploadId, partBytes, parts })
    onProgress?.(parts.reduce((bytes, { part }) => bytes + Math.min(partBytes, file.size - (part - 1) * partBytes), 0))
  }
  const send = async (n: number) => {
    if (sent.has(n)) return
    const body = file.slice((n - 1) * partBytes, n * partBytes)
    const path = `/v1/integrations/${integrationId}/imports/uploads/${uploadId}/parts/${n}`
    const init = { method: 'PUT', headers: { 'content-type': type }, body, ...(signal && { signal }) }
    sent.set(n, await answerOf<Part>(await client.send(path, init)))
    tell()
  }
  tell()
  // A file that is no table is refused by its first part, before the others are sent.
  await send(1)
  let next = 2
  const lane = async () => {
    try {
      while (next <= count) await send(next++)
    } catch (error) {
      // The others send no further parts of an upload that is given up.
      next = count + 1
      throw error
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, lane))
  const failed = lanes.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return [...sent.values()]
}

export interface PreviewFile {
  readonly integrationId: string
  readonly file: Blob
  /** The name of a saved format, or one that is tried and not saved. */
  readonly format?: string | Format
  readonly signal?: AbortSignal
}

/** The API reads a megabyte of a table. A little more tells it that the file goes on. */
const PREVIEW_BYTES = 1_100_000

/** What an import would do. Of a table only the beginning is sent. Throws ProblemError. */
export async function previewFile(client: Client, preview: PreviewFile): Promise<ImportPreview> {
  const { integrationId, file, format, signal } = preview
  const type = await typeOf(file)
  const head = type === XLSX ? file : file.slice(0, PREVIEW_BYTES, type)
  const query = typeof format === 'string' ? `?format=${encodeURIComponent(format)}` : ''
  const init: RequestInit = { method: 'POST', ...(signal && { signal }) }
  if (typeof format === 'object') {
    init.body = new FormData()
    init.body.append('format', JSON.stringify(format))
    init.body.append('file', new Blob([head], { type }), type === XLSX ? 'sales.xlsx' : 'sales.csv')
  } else {
    init.body = head
    init.headers = { 'content-type': type }
  }
  return answerOf<ImportPreview>(await client.send(`/v1/integrations/${integrationId}/imports/preview${query}`, init))
}

/** By its first bytes: systems disagree on the type of a table. */
async function typeOf(file: Blob): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  return first === 0x50 && second === 0x4b ? XLSX : 'text/csv'
}

async function answerOf<Data>(response: Response): Promise<Data> {
  if (!response.ok) throw await refusalOf(response)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API's own
  return (await response.json()) as Data
}
