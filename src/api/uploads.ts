import * as z from 'zod'
import {
  abortUpload,
  CompleteUpload,
  completeUpload,
  OpenedUpload,
  openUpload,
  putPart,
  UploadedPart,
} from '#imports/parts.ts'
import { Run } from '#runs/schema.ts'
import { accepted } from '#api/accepted.ts'
import { FILE, takeBody, targetOf } from '#api/files.ts'
import { FormatQuery } from '#api/imports.ts'
import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'
import { Problem } from '#lib/errors.ts'

const tag = 'Imports'
const path = '/v1/integrations/{id}/imports/uploads'
/** R2 takes so many. */
const PARTS_MAX = 10_000

const Part = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, `expected 1 to ${PARTS_MAX}`)
  .refine((text) => Number(text) <= PARTS_MAX, `expected 1 to ${PARTS_MAX}`)
  .meta({ description: 'The number of the part, from 1.' })

export const uploadRoutes = [
  route({
    operationId: 'createUpload',
    method: 'post',
    path,
    tag,
    summary: 'Open an upload in parts',
    description:
      'For a file that is too large for one request. 20 may be open at once; one that is not completed within a day is aborted at night.',
    scope: 'integrations:write',
    takesIdempotencyKey: true,
    answers: { 201: { description: 'Where the parts go', schema: OpenedUpload } },
    problems: ['too_many_runs'],
    handle: async (handled) => ({ status: 201, body: await openUpload(handled.context, await targetOf(handled)) }),
  }),
  route({
    operationId: 'sendUploadPart',
    method: 'put',
    path: `${path}/{uploadId}/parts/{n}`,
    tag,
    summary: 'Send a part of a file',
    description:
      'All parts but the last have `partBytes`; they may come in any order, and again. The first is refused with `unreadable_file` when it begins no table.',
    scope: 'integrations:write',
    params: z.object({ n: Part }),
    rawBody: FILE,
    answers: { 200: { description: 'The part, for completing the upload', schema: UploadedPart } },
    problems: ['unreadable_file'],
    handle: async (handled) => {
      const { context, params, request } = handled
      const target = await targetOf(handled)
      const send = { id: params.uploadId, part: Number(params.n) }
      const part = await takeBody(context, request, async (chunks) => putPart(context, target, { ...send, chunks }))
      return { status: 200, body: orNotFound(part) }
    },
  }),
  route({
    operationId: 'completeUpload',
    method: 'post',
    path: `${path}/{uploadId}/complete`,
    tag,
    summary: 'Complete an upload and import the file',
    description: [
      'A repeated call answers with the same run. After `mapping_unconfirmed` the file is kept until the upload is a day',
      'old: call again, with the format that answers the questions, or abort the upload.',
    ].join(' '),
    scope: 'integrations:write',
    takesIdempotencyKey: true,
    query: FormatQuery,
    body: CompleteUpload,
    answers: { 202: { description: 'The run', schema: Run, headers: ['location'] } },
    problems: ['too_many_runs', 'mapping_unconfirmed', 'unreadable_file'],
    handle: async (handled) => {
      const { context, params, query, body, language } = handled
      const completion = { id: params.uploadId, parts: body.parts, format: query.format }
      return accepted(await completeUpload(context, await targetOf(handled), completion), language)
    },
  }),
  route({
    operationId: 'abortUpload',
    method: 'delete',
    path: `${path}/{uploadId}`,
    tag,
    summary: 'Abort an upload in parts',
    description: 'What was sent is deleted.',
    scope: 'integrations:write',
    answers: { 204: { description: 'Aborted' } },
    problems: ['invalid_request'],
    handle: async (handled) => {
      const isAborted = await abortUpload(handled.context, await targetOf(handled), handled.params.uploadId)
      if (!isAborted) throw new Problem('not_found')
      return { status: 204 }
    },
  }),
]
