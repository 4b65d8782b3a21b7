import * as z from 'zod'
import { cancelRun } from '#runs/cancel-run.ts'
import { confirmRun } from '#runs/confirm-run.ts'
import { ListQuarantine, listQuarantine, QuarantinedRecord } from '#quarantine/list.ts'
import { presentRun, Run, type RunRow } from '#runs/schema.ts'
import { getRun, ListRuns, listRuns } from '#runs/list.ts'
import {
  Backfill,
  BackfillDryRun,
  BackfillEstimate,
  estimateBackfill,
  retryQuarantine,
  startBackfill,
} from '#runs/start-backfill.ts'
import { startRun } from '#runs/start-run.ts'
import { may } from '#api/auth/verify-token.ts'
import type { JsonReply } from '#api/reply.ts'
import type { Language } from '#lib/localized.ts'
import { type ParamsOf, route } from '#api/route.ts'
import { streamRun } from '#api/run-events.ts'
import { orNotFound, listOf } from '#api/shared.ts'

const tag = 'Runs'
const path = '/v1/integrations/{id}'

const start = route({
  operationId: 'startSync',
  method: 'post',
  path: `${path}/sync`,
  tag,
  summary: 'Sync now',
  description: 'Starts a run, or answers with the live run that is active already.',
  scope: 'integrations:write',
  answers: { 202: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params, language }) =>
    accepted(await startRun(context, { integrationId: params.id, tenant }), language),
})

function accepted(run: RunRow | null, language: Language): JsonReply<202, Run> {
  return { status: 202, body: presentRun(orNotFound(run), language) }
}

const backfill = route({
  operationId: 'startBackfill',
  method: 'post',
  path: `${path}/backfill`,
  tag,
  summary: 'Pull a past period',
  description: 'Waits in line behind live syncs and at most four other backfills and imports, and can be cancelled.',
  scope: 'integrations:write',
  query: BackfillDryRun,
  body: Backfill,
  answers: {
    200: { description: 'With `dryRun=true`: what it would take', schema: BackfillEstimate },
    202: { description: 'The run', schema: Run },
  },
  problems: ['too_many_runs'],
  handle: async ({ context, tenant, params, query, body, language }) => {
    const request = { ...body, integrationId: params.id, tenant }
    if (query.dryRun === 'true') return { status: 200, body: orNotFound(await estimateBackfill(context, request)) }
    return accepted(await startBackfill(context, request), language)
  },
})

const list = route({
  operationId: 'listRuns',
  method: 'get',
  path: `${path}/runs`,
  tag,
  summary: 'Runs, newest first',
  description: 'Syncs, backfills, imports and undos, those under way included.',
  scope: 'integrations:read',
  query: ListRuns,
  answers: { 200: { description: 'A page', schema: listOf(Run, 'RunList') } },
  handle: async ({ context, tenant, params, query, language }) => {
    const page = orNotFound(await listRuns(context, { ...query, integrationId: params.id, tenant }))
    return { status: 200, body: { ...page, items: page.items.map((row) => presentRun(row, language)) } }
  },
})

const get = route({
  operationId: 'getRun',
  method: 'get',
  path: `${path}/runs/{runId}`,
  tag,
  summary: 'One run, with live counters',
  description: 'To follow it, `watchRun` is cheaper than asking again.',
  scope: 'integrations:read',
  query: z.strictObject({}),
  answers: { 200: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params, language }) => {
    const run = orNotFound(await getRun(context, runOf(params, tenant)))
    return { status: 200, body: presentRun(run, language) }
  },
})

function runOf({ id, runId }: ParamsOf<'/v1/integrations/{id}/runs/{runId}'>, tenant: string | null) {
  return { integrationId: id, runId, tenant }
}

const events = route({
  operationId: 'watchRun',
  method: 'get',
  path: `${path}/runs/{runId}/events`,
  tag,
  summary: 'The progress of a run, as server-sent events',
  description: [
    'An event `run` with the whole run whenever it has changed, a comment every 15 s at least, the end of the stream with the',
    'end of the run or of the access token. Ten may be open at once. Reconnect with `Last-Event-ID`: what was sent is not',
    'sent again, and 204 says that nothing will follow.',
  ].join(' '),
  scope: 'integrations:read',
  query: z.strictObject({}),
  headers: z.object({
    'last-event-id': z.string().optional().meta({ description: 'The id of the last event that was received.' }),
  }),
  answers: {
    200: { description: 'The stream', contentTypes: ['text/event-stream'], items: Run },
    204: { description: 'The run is over, and its end was sent already' },
  },
  handle: async ({ context, tenant, principal, params, headers, language, request: { signal } }) => {
    const { 'last-event-id': lastEventId = null } = headers
    const run = orNotFound(await getRun(context, runOf(params, tenant)))
    const reader = { run, lastEventId, language, principal, signal }
    const content = streamRun(context, runOf(params, tenant), reader)
    return content === null ? { status: 204 } : { status: 200, contentType: 'text/event-stream', content }
  },
})

const cancel = route({
  operationId: 'cancelRun',
  method: 'post',
  path: `${path}/runs/{runId}/cancel`,
  tag,
  summary: 'Stop a run at its next page border',
  description: 'What it has committed stays. A run that is over stays as it is.',
  scope: 'integrations:write',
  answers: { 202: { description: 'The run', schema: Run } },
  handle: async ({ context, tenant, params, language }) =>
    accepted(await cancelRun(context, runOf(params, tenant)), language),
})

const confirm = route({
  operationId: 'confirmRun',
  method: 'post',
  path: `${path}/runs/{runId}/confirm`,
  tag,
  summary: 'Allow, once, the changes that a run stopped before',
  description: 'For runs with `needsConfirmation`. Answers with the run that goes on from there.',
  scope: 'integrations:write',
  answers: { 202: { description: 'The new run', schema: Run } },
  problems: ['nothing_to_confirm', 'too_many_runs'],
  handle: async ({ context, tenant, params, language }) =>
    accepted(await confirmRun(context, runOf(params, tenant)), language),
})

const quarantine = route({
  operationId: 'listQuarantine',
  method: 'get',
  path: `${path}/quarantine`,
  tag,
  summary: 'Records that could not be mapped, with the reason',
  description:
    'Personal data is masked, and without `transactions:read` `raw` is null. A record leaves quarantine when a later sync can map it, and one without an id when its time is over.',
  scope: 'integrations:read',
  query: ListQuarantine,
  answers: { 200: { description: 'A page', schema: listOf(QuarantinedRecord, 'QuarantinedRecordList') } },
  handle: async ({ context, tenant, principal, params, query }) => {
    const showsRaw = may(principal, 'transactions:read')
    const page = await listQuarantine(context, { ...query, integrationId: params.id, tenant, showsRaw })
    return { status: 200, body: orNotFound(page) }
  },
})

const retry = route({
  operationId: 'retryQuarantine',
  method: 'post',
  path: `${path}/quarantine/retry`,
  tag,
  summary: 'Fetch the records in quarantine again',
  description: [
    'For records that were corrected in the CRM, or that a new version of the service can map. Each is fetched by its id; one',
    'without an id is read again by the next scan or backfill of its period.',
  ].join(' '),
  scope: 'integrations:write',
  answers: { 202: { description: 'The run, or the one that is active already', schema: Run } },
  problems: ['too_many_runs'],
  handle: async ({ context, tenant, params, language }) =>
    accepted(await retryQuarantine(context, { integrationId: params.id, tenant }), language),
})

export const runRoutes = [start, backfill, list, get, events, cancel, confirm, quarantine, retry]
