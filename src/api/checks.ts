import { listDays, ListDays } from '#checks/list-days.ts'
import { DayParams, differencesCsv, ListDifferences, listDifferences } from '#checks/list-differences.ts'
import { CheckedDay, Difference } from '#checks/schema.ts'
import { startRepair } from '#checks/start-repair.ts'
import { CheckedPeriod, startCheck } from '#checks/start-check.ts'
import { Run } from '#runs/schema.ts'
import { accepted } from '#api/accepted.ts'
import { route } from '#api/route.ts'
import { listOf, orNotFound } from '#api/shared.ts'

const tag = 'Checks'
const path = '/v1/integrations/{id}'

const check = route({
  operationId: 'startCheck',
  method: 'post',
  path: `${path}/checks`,
  tag,
  summary: 'Compare some days with the CRM',
  description: [
    'Reads the days again as a backfill does, changes no sale, and compares: `listDays` then says what each day has here',
    'and in the CRM. Live syncs go first, and what they bring meanwhile is no difference. The run waits in line; two checks',
    'may be in it at once. 422 `check_not_possible`: the sales come from files.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: CheckedPeriod,
  answers: { 202: { description: 'The run', schema: Run, headers: ['location'] } },
  problems: ['check_not_possible', 'range_too_large', 'too_many_runs'],
  handle: async ({ context, tenant, params, body, language }) =>
    accepted(await startCheck(context, { ...body, integrationId: params.id, tenant }), language),
})

const repair = route({
  operationId: 'startRepair',
  method: 'post',
  path: `${path}/repairs`,
  tag,
  summary: 'Load some days again, and check them',
  description: [
    'Answers with the backfill of these days; a check of them waits in line behind it and begins when it is over. Sales that a',
    'check has found here and not in the CRM become `cancelled` when the backfill does not find them either.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: CheckedPeriod,
  answers: { 202: { description: 'The backfill', schema: Run, headers: ['location'] } },
  problems: ['check_not_possible', 'range_too_large', 'too_many_runs'],
  handle: async ({ context, tenant, params, body, language }) =>
    accepted(await startRepair(context, { ...body, integrationId: params.id, tenant }), language),
})

const days = route({
  operationId: 'listDays',
  method: 'get',
  path: `${path}/days`,
  tag,
  summary: 'Day by day: what is here, and what the CRM has',
  description: [
    'By day and location, as the last check of each day has found it. Days without sales are left out; those that were never',
    'checked are `unchecked`. All of them are in one answer.',
  ].join(' '),
  scope: 'integrations:read',
  query: ListDays,
  answers: { 200: { description: 'The days, the oldest first', schema: listOf(CheckedDay, 'CheckedDayList') } },
  problems: ['range_too_large'],
  handle: async ({ context, tenant, params, query }) => {
    const items = orNotFound(await listDays(context, { ...query, integrationId: params.id, tenant }))
    return { status: 200, body: { items, nextCursor: null } }
  },
})

const differences = route({
  operationId: 'listDifferences',
  method: 'get',
  path: `${path}/days/{day}/differences`,
  tag,
  summary: 'The sales of a day that differ',
  description: [
    'As the last check of the day has found them, 1,000 at most, in one answer. A sale that the CRM has moved to another day',
    'stands at both. With `format=csv` or `Accept: text/csv` as a file.',
  ].join(' '),
  scope: 'integrations:read',
  params: DayParams,
  query: ListDifferences,
  answers: {
    200: { description: 'The sales', schema: listOf(Difference, 'DifferenceList'), contentTypes: ['text/csv'] },
  },
  handle: async ({ context, tenant, params: { id, day }, query: { format, locationId }, request }) => {
    const items = orNotFound(await listDifferences(context, { integrationId: id, day, locationId, tenant }))
    const isCsv = format === undefined ? prefersCsv(request) : format === 'csv'
    if (isCsv) return { status: 200, contentType: 'text/csv', content: differencesCsv(items) }
    return { status: 200, body: { items, nextCursor: null } }
  },
})

function prefersCsv({ headers }: Request): boolean {
  return headers.get('accept')?.trim().toLowerCase().startsWith('text/csv') === true
}

export const checkRoutes = [check, repair, days, differences]
