import * as z from 'zod'
import { cancelRun } from '#runs/cancel-run.ts'
import { confirmRun } from '#runs/confirm-run.ts'
import { ListQuarantine, listQuarantine, QuarantinedRecord } from '#quarantine/list.ts'
import { presentRun, Run } from '#runs/schema.ts'
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
import { requireImport } from '#api/auth/session-principal.ts'
import { may } from '#api/auth/verify-token.ts'
import { type ParamsOf, route } from '#api/route.ts'
import { accepted } from '#api/accepted.ts'
import { awaitRun, WAIT_SECONDS_MAX } from '#api/await-run.ts'
import { streamRun, whileOpen } from '#api/run-events.ts'
import { orNotFound, listOf } from '#api/shared.ts'

const tag = 'Runs'
const path = '/v1/integrations/{id}'

const start = route({
  operationId: 'startSync',
  method: 'post',
  path: `${path}/sync`,
  tag,
  summary: 'Sync now',
  description: [
    'Starts a run, or answers with the live run that is active already. Of one subject ten requests may wait at once;',
    'any further one is answered without waiting.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  query: z.strictObject({
    wait: z.coerce.number().int().min(1).max(WAIT_SECONDS_MAX).optional().meta({
      description: 'Answer when the run has ended, or after so many seconds.',
    }),
  }),
  answers: {
    200: { description: 'With `wait`: the run has ended', schema: Run },
    202: { description: 'The run', schema: Run, headers: ['location'] },
  },
  handle: async ({ context, tenant, principal, params, query: { wait }, language, request: { signal } }) => {
    const scope = { integrationId: params.id, tenant }
    const run = orNotFound(await startRun(context, scope))
    if (wait === undefined) return accepted(run, language)
    const seen = await whileOpen(context, principal, run, async (touch) =>
      awaitRun(context, { ...scope, runId: run.id }, run, { seconds: wait, signal, onPoll: touch }),
    )
    const isOver = seen !== null && seen.finished_at !== null
    return isOver ? { status: 200, body: presentRun(seen, language) } : accepted(seen, language)
  },
})

const backfill = route({
  operationId: 'startBackfill',
  method: 'post',
  path: `${path}/backfill`,
  tag,
  summary: 'Pull a past period',
  description: 'Waits in line behind live syncs and at most four other backfills and imports, and can be cancelled.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  query: BackfillDryRun,
  body: Backfill,
  answers: {
    200: { description: 'With `dryRun=true`: what it would take', schema: BackfillEstimate },
    202: { description: 'The run', schema: Run, headers: ['location'] },
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
  answers: { 202: { description: 'The run', schema: Run, headers: ['location'] } },
  handle: async ({ context, tenant, principal, params, language }) => {
    if (principal.session) requireImport(orNotFound(await getRun(context, runOf(params, tenant))))
    return accepted(await cancelRun(context, runOf(params, tenant)), language)
  },
})

const confirm = route({
  operationId: 'confirmRun',
  method: 'post',
  path: `${path}/runs/{runId}/confirm`,
  tag,
  summary: 'Allow, once, the changes that a run stopped before',
  description: 'For runs with `needsConfirmation`. Answers with the run that goes on from there.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  answers: { 202: { description: 'The new run', schema: Run, headers: ['location'] } },
  problems: ['nothing_to_confirm', 'too_many_runs'],
  handle: async ({ context, tenant, principal, params, language }) => {
    if (principal.session) requireImport(orNotFound(await getRun(context, runOf(params, tenant))))
    return accepted(await confirmRun(context, runOf(params, tenant)), language)
  },
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
  handle: async ({ context, tenant, principal, params, query, language }) => {
    const showsRaw = may(principal, 'transactions:read')
    const page = await listQuarantine(context, { ...query, integrationId: params.id, tenant, showsRaw, language })
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
  takesIdempotencyKey: true,
  answers: { 202: { description: 'The run, or the one that is active already', schema: Run, headers: ['location'] } },
  problems: ['too_many_runs'],
  handle: async ({ context, tenant, params, language }) =>
    accepted(await retryQuarantine(context, { integrationId: params.id, tenant }), language),
})

export const runRoutes = [start, backfill, list, get, events, cancel, confirm, quarantine, retry]
