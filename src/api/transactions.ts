import * as z from 'zod'
import { TRANSACTION_KINDS, TRANSACTION_STATUSES } from '#crm/contract.ts'
import { Problem } from '#lib/errors.ts'
import { normalizePhone } from '#lib/phone.ts'
import { textStream } from '#lib/text-stream.ts'
import { timezoneOf } from '#integrations/timezone.ts'
import { exportTransactions } from '#transactions/export.ts'
import { listHistory, TransactionChange } from '#transactions/history.ts'
import { listChanges, listTransactions } from '#transactions/list.ts'
import { Transaction } from '#transactions/schema.ts'
import { route } from '#api/route.ts'
import { attachment, orNotFound, instant, limit, listOf, Paging } from '#api/shared.ts'

const tag = 'Transactions'
const scope = 'transactions:read'
const path = '/v1/integrations/{id}'

const ListQuery = Paging.extend({
  from: instant.optional().meta({ description: '`occurredAt` at or after this.' }),
  to: instant.optional().meta({ description: '`occurredAt` before this.' }),
  status: z.enum(TRANSACTION_STATUSES).optional(),
  kind: z.enum(TRANSACTION_KINDS).optional(),
  customerPhone: z.string().max(40).optional().meta({ description: 'In any usual spelling.' }),
  externalId: z.string().max(200).optional(),
})

const list = route({
  method: 'get',
  path: `${path}/transactions`,
  tag,
  summary: 'Transactions, newest first',
  scope,
  query: ListQuery,
  answers: { 200: { description: 'A page', schema: listOf(Transaction, 'TransactionList') } },
  handle: async ({ context, tenant, params, query }) => {
    const { from = null, to = null, status = null, kind = null, externalId = null, cursor = null } = query
    const filter = { from, to, status, kind, externalId, customerPhone: phoneOf(query.customerPhone), cursor }
    const wanted = { ...filter, integrationId: params.id, tenant, limit: query.limit }
    return { status: 200, body: orNotFound(await listTransactions(context, wanted)) }
  },
})

/** A `+` in a query string arrives as a space unless it was encoded. */
function phoneOf(text: string | undefined): string | null {
  if (text === undefined) return null
  const phone = normalizePhone(/^ \d/.test(text) ? `+${text.trim()}` : text)
  if (!phone)
    throw new Problem('invalid_request', {
      errors: [{ path: 'query.customerPhone', message: 'is not a phone number' }],
    })
  return phone
}

const ChangesQuery = z.strictObject({
  after: z.coerce.number('expected a number').int('expected a whole number').min(0).default(0),
  limit,
})

const Changes = z
  .strictObject({ items: z.array(Transaction), nextAfter: z.int().nonnegative() })
  .meta({ id: 'Changes', description: 'Keep `nextAfter` and send it as `after`: nothing is missed, ever.' })

const changes = route({
  method: 'get',
  path: `${path}/changes`,
  tag,
  summary: 'The change feed',
  description: 'Transactions with `changeSeq` above `after`, in rising order, each in its latest state.',
  scope,
  query: ChangesQuery,
  answers: { 200: { description: 'The next changes', schema: Changes } },
  handle: async ({ context, tenant, params, query }) => {
    const page = await listChanges(context, { integrationId: params.id, tenant, ...query })
    return { status: 200, body: orNotFound(page) }
  },
})

const history = route({
  method: 'get',
  path: `${path}/transactions/{transactionId}/history`,
  tag,
  summary: 'What became of a transaction, newest change first',
  description: 'Each change with the state before and after it, what set it off, its run and its time.',
  scope,
  query: Paging,
  answers: { 200: { description: 'A page', schema: listOf(TransactionChange, 'TransactionChangeList') } },
  handle: async ({ context, tenant, params, query: { limit: most, cursor = null } }) => {
    const { id: integrationId, transactionId } = params
    const page = await listHistory(context, { integrationId, transactionId, tenant, limit: most, cursor })
    return { status: 200, body: orNotFound(page) }
  },
})

const ExportQuery = ListQuery.omit({ limit: true, cursor: true }).extend({
  format: z
    .enum(['csv', 'ndjson'])
    .default('csv')
    .meta({ description: '`csv` opens in Excel and can be imported again.' }),
})

const toFile = route({
  method: 'get',
  path: `${path}/transactions/export`,
  tag,
  summary: 'All transactions as a file',
  description: 'Newest first. Times in the CSV are those of the integration’s time zone, sums have a decimal comma.',
  scope,
  query: ExportQuery,
  answers: {
    200: {
      description: 'The file; with `format=ndjson` one transaction a line',
      contentTypes: ['text/csv', 'application/x-ndjson'],
    },
  },
  handle: async ({ context, tenant, params, query }) => {
    const { from = null, to = null, status = null, kind = null, externalId = null, format } = query
    const filter = { from, to, status, kind, externalId, customerPhone: phoneOf(query.customerPhone) }
    const integrationId = params.id
    const timezone = orNotFound(await timezoneOf(context, integrationId, tenant))
    const wanted = { ...filter, integrationId, tenant, format, timezone }
    const parts = orNotFound(await exportTransactions(context, wanted))
    const contentType = format === 'csv' ? 'text/csv' : 'application/x-ndjson'
    return { status: 200, contentType, content: textStream(parts), headers: attachment(`transactions.${format}`) }
  },
})

export const transactionRoutes = [list, toFile, changes, history]
