import * as z from 'zod'
import { undoImport, UndoPreview, previewUndo } from '#imports/undo.ts'
import { Run } from '#runs/schema.ts'
import { accepted } from '#api/accepted.ts'
import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'

const undo = route({
  operationId: 'undoImport',
  method: 'post',
  path: '/v1/integrations/{id}/imports/{runId}/undo',
  tag: 'Imports',
  summary: 'Take back what an import brought',
  description: [
    'Sales that the import added become `cancelled`, those that it changed get their former state, each with a new',
    '`changeSeq`. What something else has changed since stays as it is. Importing the file again makes its sales paid again.',
    '\n\nThe run waits in line like an import. One that is active for this import is answered instead. 409 `not_undoable`:',
    'the run imported no file, is not over yet, is more than 90 days old, or has been taken back already.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  query: z.strictObject({
    dryRun: z
      .enum(['true', 'false'])
      .default('false')
      .meta({ description: '`true`: only what it would do, nothing is changed.' }),
  }),
  answers: {
    200: { description: 'With `dryRun=true`: what it would do', schema: UndoPreview },
    202: { description: 'The run', schema: Run, headers: ['location'] },
  },
  problems: ['too_many_runs', 'not_undoable'],
  handle: async ({ context, tenant, params, query, language }) => {
    const request = { integrationId: params.id, runId: params.runId, tenant, language }
    if (query.dryRun === 'true') return { status: 200, body: orNotFound(await previewUndo(context, request)) }
    return accepted(await undoImport(context, request), language)
  },
})

export const importUndoRoutes = [undo]
