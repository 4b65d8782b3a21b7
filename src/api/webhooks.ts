import { ANY_TYPE } from '#api/reply.ts'
import { route, vendorCallback } from '#api/route.ts'
import { orNotFound, listOf } from '#api/shared.ts'
import { ListDeliveries, listDeliveries, WebhookDelivery } from '#webhooks/deliveries.ts'
import { receiveWebhook } from '#webhooks/receive.ts'
import { ReplayedRange, replayDelivery, ReplayRange, replayRange } from '#webhooks/replay.ts'

const tag = 'Webhooks'

const received = {
  path: '/webhooks/{crmType}/{token}',
  tag,
  summary: 'Where a CRM sends its webhooks',
  description: [
    'The address is an integration’s `webhookUrl`; the body has the CRM’s own form. 200 means that the delivery is',
    'stored and will be processed within seconds, 404 that the address is unknown, 429 and 503 that it must be sent again.',
  ].join(' '),
  scope: null,
  quota: 'webhooks',
  answers: {
    200: { description: 'Received; the body is what the CRM expects', contentTypes: [ANY_TYPE] },
    400: { description: 'Unreadable, for a CRM that wants to know', contentTypes: [ANY_TYPE] },
    401: { description: 'Not signed by the CRM', contentTypes: [ANY_TYPE] },
    413: { description: 'Too large', contentTypes: [ANY_TYPE] },
  },
  problems: ['not_found', 'too_many_requests'],
} as const

const post = vendorCallback({
  operationId: 'receiveWebhook',
  ...received,
  method: 'post',
  handle: async ({ context, params, request }) => receiveWebhook(context, { ...params, request }),
})

const get = vendorCallback({
  operationId: 'receiveWebhookByGet',
  ...received,
  method: 'get',
  summary: 'The same, for CRMs that call by GET',
  handle: async ({ context, params, request }) => receiveWebhook(context, { ...params, request }),
})

const path = '/v1/integrations/{id}/webhook-deliveries'

const list = route({
  operationId: 'listWebhookDeliveries',
  method: 'get',
  path,
  tag,
  summary: 'Deliveries of the CRM, newest first',
  description: 'Deliveries without effect (`ignored`, `rejected`) are kept up to a cap; `repeats` keeps counting.',
  scope: 'integrations:read',
  query: ListDeliveries,
  answers: { 200: { description: 'A page', schema: listOf(WebhookDelivery, 'WebhookDeliveryList') } },
  handle: async ({ context, tenant, params, query, language }) => {
    const request = { ...query, integrationId: params.id, tenant, language }
    return { status: 200, body: orNotFound(await listDeliveries(context, request)) }
  },
})

const replay = route({
  operationId: 'replayWebhookDelivery',
  method: 'post',
  path: `${path}/{deliveryId}/replay`,
  tag,
  summary: 'Process a delivery again',
  description: 'What it points at is read from the CRM again, so a repeat does no harm.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  answers: { 202: { description: 'The delivery, waiting again', schema: WebhookDelivery } },
  problems: ['not_replayable'],
  handle: async ({ context, tenant, params: { id, deliveryId }, language }) => {
    const delivery = await replayDelivery(context, { integrationId: id, tenant, deliveryId, language })
    return { status: 202, body: orNotFound(delivery) }
  },
})

const range = route({
  operationId: 'replayWebhookDeliveries',
  method: 'post',
  path: `${path}/replay`,
  tag,
  summary: 'Process the deliveries of a period again',
  description: 'The oldest 2,000 of them; `nextFrom` says where the next request starts.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: ReplayRange,
  answers: { 202: { description: 'How many wait again', schema: ReplayedRange } },
  handle: async ({ context, tenant, params, body }) => {
    const request = { ...body, integrationId: params.id, tenant }
    return { status: 202, body: orNotFound(await replayRange(context, request)) }
  },
})

export const webhookRoutes = [post, get, list, replay, range]
