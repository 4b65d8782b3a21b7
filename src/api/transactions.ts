import { textStream } from '#lib/text-stream.ts'
import { timezoneOf } from '#integrations/timezone.ts'
import { ExportTransactions, exportTransactions } from '#transactions/export.ts'
import { ListHistory, listHistory, TransactionChange } from '#transactions/history.ts'
import {
  Changes,
  listBusinessTransactions,
  ListChanges,
  listChanges,
  ListTransactions,
  listTransactions,
} from '#transactions/list.ts'
import {
  RANGE_DAYS_MAX,
  SummarizeTransactions,
  summarizeTransactions,
  TransactionSummary,
} from '#transactions/summary.ts'
import { Transaction } from '#transactions/schema.ts'
import { route } from '#api/route.ts'
import { attachment, orNotFound, listOf } from '#api/shared.ts'

const tag = 'Transactions'
const scope = 'transactions:read'
const path = '/v1/integrations/{id}'

const list = route({
  operationId: 'listTransactions',
  method: 'get',
  path: `${path}/transactions`,
  tag,
  summary: 'Transactions, newest first',
  description: 'By `occurredAt`. To keep a copy up to date, read the change feed instead.',
  scope,
  query: ListTransactions,
  answers: { 200: { description: 'A page', schema: listOf(Transaction, 'TransactionList') } },
  handle: async ({ context, tenant, params, query }) => {
    const page = await listTransactions(context, { ...query, integrationId: params.id, tenant })
    return { status: 200, body: orNotFound(page) }
  },
})

const ofBusiness = route({
  operationId: 'listBusinessTransactions',
  method: 'get',
  path: '/v1/businesses/{id}/transactions',
  tag,
  summary: 'All transactions of a business, newest first',
  description: [
    'Of its integration and of former ones that were deleted with `keep=transactions`; `integrationId` says which. The',
    'change feed stays one for each integration.',
  ].join(' '),
  scope,
  query: ListTransactions,
  answers: { 200: { description: 'A page', schema: listOf(Transaction, 'TransactionList') } },
  handle: async ({ context, tenant, params, query }) => {
    const page = await listBusinessTransactions(context, { ...query, businessId: params.id, tenant })
    return { status: 200, body: orNotFound(page) }
  },
})

const summary = route({
  method: 'get',
  path: `${path}/transactions/summary`,
  operationId: 'summarizeTransactions',
  tag,
  summary: 'Sales by day, week or month',
  description: [
    'Numbers and sums by period, location, kind, status and currency, on the calendar of the business’s time zone.',
    `Periods without sales are left out. A range of more than ${RANGE_DAYS_MAX} days is refused with \`range_too_large\`.`,
  ].join(' '),
  scope,
  query: SummarizeTransactions,
  answers: { 200: { description: 'The sums, oldest period first', schema: TransactionSummary } },
  problems: ['range_too_large'],
  handle: async ({ context, tenant, params, query }) => {
    const found = await summarizeTransactions(context, { ...query, integrationId: params.id, tenant })
    return { status: 200, body: orNotFound(found) }
  },
})

const changes = route({
  operationId: 'listChanges',
  method: 'get',
  path: `${path}/changes`,
  tag,
  summary: 'The change feed',
  description: 'Transactions with `changeSeq` above `after`, in rising order, each in its latest state.',
  scope,
  query: ListChanges,
  answers: { 200: { description: 'The next changes', schema: Changes } },
  handle: async ({ context, tenant, params, query }) => {
    const page = await listChanges(context, { ...query, integrationId: params.id, tenant })
    return { status: 200, body: orNotFound(page) }
  },
})

const history = route({
  operationId: 'listTransactionHistory',
  method: 'get',
  path: `${path}/transactions/{transactionId}/history`,
  tag,
  summary: 'The changes of a transaction, newest first',
  description: 'Each change with the state before and after it, its cause, its run and its time.',
  scope,
  query: ListHistory,
  answers: { 200: { description: 'A page', schema: listOf(TransactionChange, 'TransactionChangeList') } },
  handle: async ({ context, tenant, params: { id, transactionId }, query }) => {
    const page = await listHistory(context, { ...query, integrationId: id, transactionId, tenant })
    return { status: 200, body: orNotFound(page) }
  },
})

const toFile = route({
  operationId: 'exportTransactions',
  method: 'get',
  path: `${path}/transactions/export`,
  tag,
  summary: 'All transactions as a file',
  description: 'Newest first. Times in the CSV are those of the integration’s time zone, sums have a decimal comma.',
  scope,
  query: ExportTransactions,
  answers: {
    200: {
      description: 'The file; with `format=ndjson` one transaction a line',
      contentTypes: ['text/csv', 'application/x-ndjson'],
      items: Transaction,
      headers: ['content-disposition'],
    },
  },
  handle: async ({ context, tenant, params, query }) => {
    const scope = { integrationId: params.id, tenant }
    const timezone = orNotFound(await timezoneOf(context, params.id, tenant))
    const parts = orNotFound(await exportTransactions(context, { ...query, ...scope, timezone }))
    const contentType = query.format === 'csv' ? 'text/csv' : 'application/x-ndjson'
    return { status: 200, contentType, content: textStream(parts), headers: attachment(`transactions.${query.format}`) }
  },
})

export const transactionRoutes = [list, summary, toFile, changes, history, ofBusiness]
