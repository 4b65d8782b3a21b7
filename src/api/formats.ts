import * as z from 'zod'
import {
  deleteFormat,
  FormatName,
  getFormat,
  ListFormats,
  listFormats,
  PutFormat,
  putFormat,
  SavedFormat,
  toFormat,
} from '#imports/formats.ts'
import { Problem } from '#lib/errors.ts'
import { targetOf } from '#api/files.ts'
import { route } from '#api/route.ts'
import { listOf, orNotFound } from '#api/shared.ts'

const tag = 'Imports'
const path = '/v1/integrations/{id}/formats'
const params = z.object({ name: FormatName })

export const formatRoutes = [
  route({
    operationId: 'listFormats',
    method: 'get',
    path,
    tag,
    summary: 'The saved formats of files, the one changed last first',
    description: 'How files with certain columns are read.',
    scope: 'integrations:read',
    query: ListFormats,
    answers: { 200: { description: 'A page of formats', schema: listOf(SavedFormat, 'FormatList') } },
    handle: async (handled) => {
      const page = orNotFound(await listFormats(handled.context, await targetOf(handled), handled.query))
      return { status: 200, body: page }
    },
  }),
  route({
    operationId: 'getFormat',
    method: 'get',
    path: `${path}/{name}`,
    tag,
    summary: 'One saved format',
    description: 'With all of its settings, to be changed and saved again.',
    scope: 'integrations:read',
    params,
    answers: { 200: { description: 'The format', schema: SavedFormat } },
    handle: async (handled) => {
      const format = await getFormat(handled.context, await targetOf(handled), handled.params.name)
      return { status: 200, body: orNotFound(format) }
    },
  }),
  route({
    operationId: 'putFormat',
    method: 'put',
    path: `${path}/{name}`,
    tag,
    summary: 'Save a format',
    description: [
      'How files with certain columns are read: settings that are laid over those of the integration, and answers to',
      '`doubts`. A file whose columns are those of `header` is read by it; `?format={name}` of an import names one.',
      'Saving it tests nothing, switches nothing off and changes no stored sale. An integration may have 50.',
    ].join(' '),
    scope: 'integrations:write',
    params,
    body: PutFormat,
    answers: {
      200: { description: 'Replaced', schema: SavedFormat },
      201: { description: 'Saved', schema: SavedFormat },
    },
    problems: ['too_many_formats'],
    handle: async (handled) => {
      const { context, params, body } = handled
      const { format, isNew } = orNotFound(
        await putFormat(context, await targetOf(handled), toFormat(params.name, body)),
      )
      return { status: isNew ? 201 : 200, body: format }
    },
  }),
  route({
    operationId: 'deleteFormat',
    method: 'delete',
    path: `${path}/{name}`,
    tag,
    summary: 'Delete a format',
    description: 'What was imported by it stays.',
    scope: 'integrations:write',
    params,
    answers: { 204: { description: 'Deleted' } },
    handle: async (handled) => {
      const isDeleted = await deleteFormat(handled.context, await targetOf(handled), handled.params.name)
      if (!isDeleted) throw new Problem('not_found')
      return { status: 204 }
    },
  }),
]
