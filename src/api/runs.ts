import * as z from 'zod'
import { cancelRun } from '#sync/cancel-run.ts'
import { listQuarantine, QuarantinedRecord } from '#sync/quarantine.ts'
import { Run } from '#sync/run-schema.ts'
import { getRun, listRuns } from '#sync/runs.ts'
import { startRun } from '#sync/start-run.ts'
import { route } from '#api/route.ts'
import { found, listOf, Paging } from '#api/shared.ts'

const tag = 'Runs'
const path = '/v1/integrations/{id}'

const start = route({
  method: 'post',
  path: `${path}/sync`,
  tag,
  summary: 'Sync now',
  description: 'Starts a run, or answers with the live run that is active already.',
  scope: 'integrations:write',
  answers: { 202: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params }) =>
    Response.json(found(await startRun(context, { integrationId: params['id'] ?? '', tenant })), { status: 202 }),
})

const list = route({
  method: 'get',
  path: `${path}/runs`,
  tag,
  summary: 'Runs, newest first',
  scope: 'integrations:read',
  query: Paging,
  answers: { 200: { description: 'A page', schema: listOf(Run, 'RunList') } },
  handle: async ({ context, tenant, params, query: { limit, cursor = null } }) =>
    Response.json(found(await listRuns(context, { integrationId: params['id'] ?? '', tenant, limit, cursor }))),
})

const get = route({
  method: 'get',
  path: `${path}/runs/{runId}`,
  tag,
  summary: 'One run, with live counters',
  scope: 'integrations:read',
  query: z.strictObject({}),
  answers: { 200: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params }) =>
    Response.json(
      found(await getRun(context, { integrationId: params['id'] ?? '', runId: params['runId'] ?? '', tenant })),
    ),
})

const cancel = route({
  method: 'post',
  path: `${path}/runs/{runId}/cancel`,
  tag,
  summary: 'Stop a run at its next page border',
  description: 'What it has committed stays. A run that is over stays as it is.',
  scope: 'integrations:write',
  answers: { 202: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params }) => {
    const run = await cancelRun(context, { integrationId: params['id'] ?? '', runId: params['runId'] ?? '', tenant })
    return Response.json(found(run), { status: 202 })
  },
})

const quarantine = route({
  method: 'get',
  path: `${path}/quarantine`,
  tag,
  summary: 'Records that could not be mapped, with the reason',
  description: 'Personal data is masked. A record leaves quarantine when a later sync can map it.',
  scope: 'integrations:read',
  query: Paging,
  answers: { 200: { description: 'A page', schema: listOf(QuarantinedRecord, 'QuarantineList') } },
  handle: async ({ context, tenant, params, query: { limit, cursor = null } }) =>
    Response.json(found(await listQuarantine(context, { integrationId: params['id'] ?? '', tenant, limit, cursor }))),
})

export const runRoutes = [start, list, get, cancel, quarantine]
