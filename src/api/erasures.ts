import { EraseCustomer, eraseCustomer, Erasure } from '#erasure/erase-customer.ts'
import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'

export const erasureRoutes = [
  route({
    operationId: 'eraseCustomer',
    method: 'post',
    path: '/v1/businesses/{id}/erasures',
    tag: 'Businesses',
    summary: 'Erase one customer',
    description: [
      'Removes name, phone, e-mail address and card of one customer from sales (each with a new `changeSeq`), their',
      'history, quarantine, rejected rows, webhook bodies and uploads, kept sales included; sums and the id in the CRM',
      'stay. A keyed hash is remembered, so that no sync, webhook, import, backfill, retry or undo brings them back: a sale',
      'with that phone, address or id is stored without them from then on. Named by phone or address, the customer is also',
      'known by the ids that the CRM has for nobody else with them. Whoever has several phones takes a call for each.',
      '\n\nThe answer comes when everything is done. A call that broke off is repeated. Backups hold what was erased for',
      'as long as they are kept.',
    ].join(' '),
    // No Idempotency-Key: a hash of the request would be kept for a day, and a repeat does no harm.
    scope: 'admin',
    body: EraseCustomer,
    answers: { 200: { description: 'What was removed', schema: Erasure } },
    problems: ['not_found'],
    handle: async ({ context, params, body }) => {
      const erasure = await eraseCustomer(context, params.id.toLowerCase(), body)
      return { status: 200, body: orNotFound(erasure) }
    },
  }),
]
