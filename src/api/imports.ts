import * as z from 'zod'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { textStream } from '#lib/text-stream.ts'
import {
  abortUpload,
  CompleteUpload,
  completeUpload,
  OpenedUpload,
  openUpload,
  putPart,
  UploadedPart,
} from '#imports/parts.ts'
import { ImportPreview, previewImport } from '#imports/preview.ts'
import { RejectedRows, rejectedRows } from '#imports/rejected-rows.ts'
import { chunksOf, findTarget, type Target } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'
import { importFile, limitOf } from '#imports/upload.ts'
import { presentRun, Run, type RunRow } from '#runs/schema.ts'
import { may } from '#api/auth/verify-token.ts'
import type { JsonReply, ReplyOf } from '#api/reply.ts'
import { route } from '#api/route.ts'
import { attachment, orNotFound } from '#api/shared.ts'

const tag = 'Imports'
const path = '/v1/integrations/{id}/imports'

/** Content types that programs give to tables; the content itself decides. */
const FILE_TYPES: ReadonlySet<string> = new Set([
  ...['', 'text/csv', 'text/plain', 'text/tab-separated-values', 'application/csv', 'application/octet-stream'],
  ...['application/vnd.ms-excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
])

const ImportQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: '`true`: only a preview of the import, nothing is stored.' }),
  upload: z.string().max(2000).optional().meta({ description: '`new`, or the token of an upload in parts.' }),
  part: z.coerce.number('expected a number').int().min(1).max(10_000).optional(),
})
type ImportQuery = z.infer<typeof ImportQuery>

const ImportAnswer = z.union([ImportPreview, UploadedPart]).meta({ id: 'ImportAnswer' })

const answers = {
  200: {
    description:
      'With `dryRun=true`: the preview, without `rows`, `examples` and `raw` where `transactions:read` is missing. With `part`: the part',
    schema: ImportAnswer,
  },
  201: { description: 'With `upload=new`: where the parts go', schema: OpenedUpload },
  202: { description: 'The run', schema: Run },
} as const

const send = route({
  method: 'post',
  path,
  tag,
  summary: 'Import a CSV file',
  description: [
    'The body is the file. It is refused with `unreadable_file` when its first 64 KB are not a table of sales. The run has',
    'the outcome, and `errors.csv` the rejected rows with the reasons.',
    '\n\nA file that is too large for one request is sent in parts: `?upload=new` answers 201 with a token; `?upload={token}&part={n}`',
    'takes each part, from 1, all but the last of `partBytes`; `?upload={token}` with `{"parts": [{"part", "etag"}]}` as JSON',
    'completes the upload and answers 202 with the run. 20 may be open at once.',
  ].join(' '),
  scope: 'integrations:write',
  query: ImportQuery,
  rawBody: 'text/csv',
  answers,
  handle: async ({ context, tenant, principal, params, query, request, readJson, language }) => {
    const target = orNotFound(await findTarget(context, { integrationId: params.id, tenant, language }))
    return receive(context, target, query, { request, readJson, showsSales: may(principal, 'transactions:read') })
  },
})

interface Sent {
  readonly request: Request
  readonly readJson: (schema: typeof CompleteUpload) => Promise<z.infer<typeof CompleteUpload>>
  readonly showsSales: boolean
}

async function receive(
  context: Context,
  target: Target,
  query: ImportQuery,
  { request, readJson, showsSales }: Sent,
): Promise<ReplyOf<typeof answers>> {
  const { dryRun, upload, part } = query
  if (upload === undefined && part !== undefined) throw wrong('part', 'belongs to an upload: send `upload` with it')
  if (upload !== undefined && dryRun === 'true') throw wrong('dryRun', 'is for a file in one request')
  if (upload === 'new') return { status: 201, body: await openUpload(context, target) }
  if (upload !== undefined && part === undefined) {
    const { parts } = await readJson(CompleteUpload)
    return accepted(await completeUpload(context, target, upload, parts), target)
  }
  checkType(request)
  // A file that announces its length is refused before it is read; any other is counted as it comes.
  const { bytesMax, refuse } = limitOf(context)
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw refuse()
  const chunks = chunksOf(request.body)
  try {
    if (upload !== undefined) {
      return { status: 200, body: await putPart(context, target, upload, { part: part ?? 1, chunks }) }
    }
    if (dryRun === 'true') return { status: 200, body: await previewImport(context, target, chunks, showsSales) }
    return accepted(await importFile(context, target, chunks), target)
  } finally {
    await drainBody(chunks)
  }
}

/** The platform's limit for one request. */
const DRAINED_BYTES_MAX = 100_000_000

/** A client that is cut off while it sends may never read the answer, so the rest is read and dropped. */
async function drainBody(chunks: Chunks): Promise<void> {
  try {
    for (let bytes = 0; bytes < DRAINED_BYTES_MAX;) {
      const next = await chunks.next()
      if (next.done === true) return
      bytes += next.value.byteLength
    }
    await chunks.return?.()
  } catch {
    // The client has disconnected.
  }
}

function wrong(name: string, message: string): Problem {
  return new Problem('invalid_request', { errors: [{ path: `query.${name}`, message }] })
}

function checkType(request: Request): void {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!FILE_TYPES.has(type)) {
    throw new Problem('unsupported_media_type', { detail: 'Send the file itself as the body, as text/csv.' })
  }
}

function accepted(run: RunRow, { language }: Target): JsonReply<202, Run> {
  return { status: 202, body: presentRun(run, language) }
}

const abort = route({
  method: 'delete',
  path,
  tag,
  summary: 'Abort an upload in parts',
  description:
    'The parts that were sent are deleted. An upload that is not completed within a day is aborted at night.',
  scope: 'integrations:write',
  query: z.strictObject({ upload: z.string().max(2000).optional() }),
  answers: { 204: { description: 'Aborted' } },
  handle: async ({ context, tenant, params, query, language }) => {
    const target = orNotFound(await findTarget(context, { integrationId: params.id, tenant, language }))
    if (query.upload === undefined) throw wrong('upload', 'is required')
    await abortUpload(context, target, query.upload)
    return { status: 204 }
  },
})

const errors = route({
  method: 'get',
  path: `${path}/{runId}/errors.csv`,
  tag,
  summary: 'The rows of a file that were rejected',
  description:
    'With the line in the file, the column, the reason in the language of `Accept-Language`, and the row’s text (empty without `transactions:read`).',
  scope: 'integrations:read',
  query: RejectedRows,
  answers: { 200: { description: 'The rows', contentTypes: ['text/csv'] } },
  handle: async ({ context, tenant, principal, params, query, language }) => {
    const showsRaw = may(principal, 'transactions:read')
    const request = { ...query, integrationId: params.id, runId: params.runId, tenant, language, showsRaw }
    const parts = orNotFound(await rejectedRows(context, request))
    return { status: 200, contentType: 'text/csv', content: textStream(parts), headers: attachment('errors.csv') }
  },
})

export const importRoutes = [send, abort, errors]
