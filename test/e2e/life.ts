// The whole life of an integration in a page of another origin, through the client alone. Bundled for the browser.
import { type Client, createClient, followChanges, iterate, previewFile, ProblemError, unwrap } from '#client/index.ts'
import { type Run, uploadFile, watchRun } from '#client/index.ts'

export interface Given {
  readonly baseUrl: string
  readonly token: string
  readonly businessId: string
  readonly vendor: {
    readonly crmType: 'yclients'
    readonly apiUrl: string
    readonly credentials: { readonly apiKey: string; readonly apiSecret: string }
    readonly additionalConfig: Record<string, unknown>
  }
}

export type Lived = Awaited<ReturnType<typeof live>>

const DAY_MS = 24 * 60 * 60_000
const FILE = 'Номер;Дата;Сумма;Статус\n1;02.03.2026 10:00;100,50;Оплачено\n2;02.03.2026 11:00;200;Ушло коту\n'

export async function live({ baseUrl, token, businessId, vendor }: Given) {
  const client = createClient({ baseUrl, token, language: 'ru' })
  const business = { name: 'Салон', timezone: 'Europe/Moscow', currency: 'RUB' }
  await unwrap(client.PUT('/v1/businesses/{id}', { params: { path: { id: businessId } }, body: business }))
  const { id } = await unwrap(client.POST('/v1/integrations', { body: { businessId, ...vendor } }))
  const synced = await sync(client, id)
  const read = await readAll(client, id)
  const removed = await client.DELETE('/v1/integrations/{id}', { params: { path: { id } } })
  const gone = await client.GET('/v1/integrations/{id}', { params: { path: { id } } })
  const imported = await importFile(client, businessId)
  const closed = await client.DELETE('/v1/businesses/{id}', { params: { path: { id: businessId } } })
  return {
    ...{ synced, read, imported, removed: [removed.response.status, gone.error?.code] },
    closed: closed.response.status,
    name: business.name,
  }
}

async function sync(client: Client, id: string) {
  const params = { path: { id } }
  const { ok } = await unwrap(client.POST('/v1/integrations/{id}/test', { params }))
  await unwrap(client.PATCH('/v1/integrations/{id}', { params, body: { syncEnabled: true } }))
  const run = await unwrap(client.POST('/v1/integrations/{id}/sync', { params }))
  return { ok, run: await watched(client, run) }
}

/** The states of a run that were seen, and how it ended. */
async function watched(client: Client, { integrationId, id }: Run) {
  const states: string[] = []
  let inserted = 0
  for await (const { status, counters } of watchRun(client, { integrationId, runId: id })) {
    states.push(status)
    ;({ inserted } = counters)
  }
  return { states, inserted }
}

async function readAll(client: Client, id: string) {
  const path = { id }
  const sales: string[] = []
  const list = (cursor?: string) => ({ path, query: { limit: 100, ...(cursor !== undefined && { cursor }) } })
  for await (const { externalId } of iterate((cursor) =>
    client.GET('/v1/integrations/{id}/transactions', { params: list(cursor) }),
  )) {
    sales.push(externalId)
  }
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const query = { from: dayOf(Date.now() - 100 * DAY_MS), to: dayOf(Date.now() + DAY_MS), groupBy: 'month' } as const
  const { items } = await unwrap(client.GET('/v1/integrations/{id}/transactions/summary', { params: { path, query } }))
  const { value } = await followChanges(client, { integrationId: id, after: 0 }).next()
  const quarantine = await unwrap(client.GET('/v1/integrations/{id}/quarantine', { params: { path } }))
  return {
    ...{ sales: sales.length, distinct: new Set(sales).size, changes: value?.items.length ?? 0 },
    summed: items.reduce((all, { count }) => all + count, 0),
    quarantined: quarantine.items.length,
  }
}

async function importFile(client: Client, businessId: string) {
  const body = { businessId, crmType: 'csv', credentials: {} } as const
  const { id: integrationId } = await unwrap(client.POST('/v1/integrations', { body }))
  const file = new Blob([FILE], { type: 'text/csv' })
  const { doubts, totals } = await previewFile(client, { integrationId, file })
  const refused = await uploadFile(client, { integrationId, file }).catch((error: unknown) => error)
  const choice = doubts[0]?.choices.find(({ id }) => id.endsWith(':ignore') || id.endsWith(':unpaid'))
  const params = { path: { id: integrationId, name: 'касса' } }
  const format = { answers: choice ? [choice.id] : [] }
  await unwrap(client.PUT('/v1/integrations/{id}/formats/{name}', { params, body: format }))
  const run = await uploadFile(client, { integrationId, file, format: 'касса' })
  const refusal = refused instanceof ProblemError ? refused.problem.code : null
  return { doubt: doubts[0]?.message, sales: totals.sales, refusal, ...(await watched(client, run)) }
}

Object.assign(globalThis, { live })
