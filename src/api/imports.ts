import * as z from 'zod'
import type { Context } from '#context.ts'
import { textStream } from '#lib/text-stream.ts'
import { readForm } from '#imports/form.ts'
import { FormatName, toFormat } from '#imports/formats.ts'
import { ImportPreview, previewImport } from '#imports/preview.ts'
import { RejectedRows, rejectedRows } from '#imports/rejected-rows.ts'
import { type Target, unbroken } from '#imports/target.ts'
import { importFile } from '#imports/upload.ts'
import { Problem } from '#lib/errors.ts'
import type { Chunks } from '#lib/read-body.ts'
import { Run } from '#runs/schema.ts'
import { may } from '#api/auth/verify-token.ts'
import { accepted } from '#api/accepted.ts'
import { FILE, takeBody, targetOf, typeOf } from '#api/files.ts'
import { parser } from '#api/validation.ts'
import { route } from '#api/route.ts'
import { attachment, orNotFound } from '#api/shared.ts'

const tag = 'Imports'
const path = '/v1/integrations/{id}/imports'

export const FormatQuery = z.strictObject({
  format: FormatName.optional().meta({
    description: 'A saved format to read the file with. Left out: the one whose `header` the file has.',
  }),
})

const FORM_TYPE = 'multipart/form-data'
const FORM = {
  [FORM_TYPE]: {
    type: 'object',
    required: ['file'],
    properties: {
      format: { $ref: '#/components/schemas/PutFormat' },
      file: { type: 'string', format: 'binary' },
    },
    description: '`format` is JSON, is tried and not saved, and should stand in front of the file.',
  },
} as const

const PREVIEW = 'The preview, without `rows`, `examples` and `raw` where `transactions:read` is missing'

interface Sent {
  readonly request: Request
  readonly format: string | undefined
  readonly showsSales: boolean
}

async function preview(context: Context, target: Target, { request, format, showsSales }: Sent) {
  const show = async (chunks: Chunks) => {
    if (typeOf(request) !== FORM_TYPE) {
      return previewImport(context, target, { chunks, chosen: { name: format }, showsSales })
    }
    const contentType = request.headers.get('content-type') ?? ''
    const form = await readForm(contentType, unbroken(chunks), target.imports.headBytes)
    const trial = form.format === null ? null : toFormat('', parse(target, form.format))
    if (trial && format !== undefined) {
      throw new Problem('invalid_request', { errors: [{ path: 'query.format', code: 'not_allowed', message: TWICE }] })
    }
    return previewImport(context, target, { chunks: form.file, chosen: { name: format, trial }, showsSales })
  }
  return takeBody(context, request, show, [FORM_TYPE])
}

function parse({ imports }: Target, text: string) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Problem('invalid_request', { errors: [{ path: 'format', code: 'wrong_form', message: NOT_JSON }] })
  }
  return parser('format', imports.format)(value)
}

const TWICE = {
  en: 'is either saved or sent with the file, not both',
  ru: 'формат либо сохранён, либо отправлен вместе с файлом, но не то и другое',
}
const NOT_JSON = { en: 'is not valid JSON', ru: 'это не JSON' }

const send = route({
  operationId: 'startImport',
  method: 'post',
  path,
  tag,
  summary: 'Import a file of sales',
  description: [
    'The body is the file: CSV, or an Excel workbook (xlsx). It is refused with `unreadable_file` when its beginning is',
    'not a table of sales, and with `mapping_unconfirmed` and `doubts` while a question about it is open: save the answers',
    'as a format. Nothing is stored then. The run has the outcome, and `errors.csv` the rejected rows with the reasons.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  query: FormatQuery.extend({
    dryRun: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: '`true`: the same as `POST …/imports/preview`.' }),
  }),
  rawBody: { ...FILE, ...FORM },
  answers: {
    200: { description: `With \`dryRun=true\`. ${PREVIEW}`, schema: ImportPreview },
    202: { description: 'The run', schema: Run, headers: ['location'] },
  },
  problems: ['too_many_runs', 'mapping_unconfirmed', 'unreadable_file'],
  handle: async (handled) => {
    const { context, principal, query, request, language } = handled
    const { dryRun, format } = query
    const target = await targetOf(handled)
    if (dryRun === 'true') {
      const sent = { request, format, showsSales: may(principal, 'transactions:read') }
      return { status: 200, body: await preview(context, target, sent) }
    }
    const run = await takeBody(context, request, async (chunks) => importFile(context, target, { chunks, format }))
    return accepted(run, language)
  },
})

const look = route({
  operationId: 'previewImport',
  method: 'post',
  path: `${path}/preview`,
  tag,
  summary: 'Show what an import of a file would do',
  description: [
    'Nothing is stored. `doubts` are questions that have to be answered before the file can be imported, each with what',
    'its choices would store. A format that is tried out can stand in a form beside the file.',
  ].join(' '),
  scope: 'integrations:write',
  query: FormatQuery,
  rawBody: { ...FILE, ...FORM },
  answers: { 200: { description: PREVIEW, schema: ImportPreview } },
  problems: ['unreadable_file'],
  handle: async (handled) => {
    const { context, principal, query, request } = handled
    const sent = { request, format: query.format, showsSales: may(principal, 'transactions:read') }
    return { status: 200, body: await preview(context, await targetOf(handled), sent) }
  },
})

const errors = route({
  operationId: 'downloadRejectedRows',
  method: 'get',
  path: `${path}/{runId}/errors.csv`,
  tag,
  summary: 'The rows of a file that were rejected',
  description: [
    'With the line in the file, the column, the reason in the language of `Accept-Language`, and the row as it stands in',
    'the file (empty without `transactions:read`). Mend the rows in `raw` and import this file as it is.',
  ].join(' '),
  scope: 'integrations:read',
  query: RejectedRows,
  answers: { 200: { description: 'The rows', contentTypes: ['text/csv'], headers: ['content-disposition'] } },
  handle: async ({ context, tenant, principal, params, query, language }) => {
    const showsRaw = may(principal, 'transactions:read')
    const request = { ...query, integrationId: params.id, runId: params.runId, tenant, language, showsRaw }
    const parts = orNotFound(await rejectedRows(context, request))
    return { status: 200, contentType: 'text/csv', content: textStream(parts), headers: attachment('errors.csv') }
  },
})

const sample = route({
  operationId: 'downloadSampleFile',
  method: 'get',
  path: `${path}/sample.csv`,
  tag,
  summary: 'A small file to copy from',
  description: 'Its columns are those that help most. It can be imported as it is.',
  scope: 'integrations:read',
  query: z.strictObject({
    language: z
      .enum(['ru', 'en'])
      .optional()
      .meta({ description: '`ru` opens in Excel in Russia. Left out: as `Accept-Language` has it.' }),
  }),
  answers: { 200: { description: 'The file', contentTypes: ['text/csv'], headers: ['content-disposition'] } },
  handle: async (handled) => {
    const { imports } = await targetOf(handled)
    const content = imports.sample[handled.query.language ?? handled.language]
    return { status: 200, contentType: 'text/csv', content, headers: attachment('sample.csv') }
  },
})

export const importRoutes = [send, look, errors, sample]
