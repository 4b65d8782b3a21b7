import * as z from 'zod'
import { Delivery, ListDeliveries, listDeliveries, resendDelivery } from '#events/deliveries.ts'
import {
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  ListEndpoints,
  listEndpoints,
  rotateSecret,
  updateEndpoint,
} from '#events/endpoints.ts'
import { CreateEndpoint, Endpoint, EndpointWithSecret, presentEndpoint, UpdateEndpoint } from '#events/schema.ts'
import { testEndpoint } from '#events/test-endpoint.ts'
import { route } from '#api/route.ts'
import { listOf, orNotFound } from '#api/shared.ts'
import { Problem } from '#lib/errors.ts'

const tag = 'Events'
const path = '/v1/webhook-endpoints'

const create = route({
  operationId: 'createEndpoint',
  method: 'post',
  path,
  tag,
  summary: 'Have events sent to an address',
  description: [
    'Events are signed by Standard Webhooks with the `secret` of this answer. They come at least once and in no order: decide',
    'by `webhook-id` what came before. A business has 10 endpoints at most.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: CreateEndpoint,
  answers: { 201: { description: 'Created', schema: EndpointWithSecret, headers: ['location'] } },
  problems: ['not_found', 'too_many_endpoints'],
  handle: async ({ context, tenant, body }) => {
    const businessId = body.businessId?.toLowerCase() ?? tenant
    if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
    const { row, secret } = await createEndpoint(context, businessId, body)
    const endpoint = presentEndpoint(row, context.clock.now())
    return { status: 201, body: { ...endpoint, secret }, headers: { location: `${path}/${row.id}` } }
  },
})

const list = route({
  operationId: 'listEndpoints',
  method: 'get',
  path,
  tag,
  summary: 'Endpoints for events, newest first',
  description: 'A tenant sees its own; an admin sees all.',
  scope: 'integrations:read',
  query: ListEndpoints,
  answers: { 200: { description: 'A page', schema: listOf(Endpoint, 'EndpointList') } },
  handle: async ({ context, tenant, query }) => {
    const { items, nextCursor } = await listEndpoints(context, { ...query, tenant })
    return { status: 200, body: { items: items.map((row) => presentEndpoint(row, context.clock.now())), nextCursor } }
  },
})

const get = route({
  operationId: 'getEndpoint',
  method: 'get',
  path: `${path}/{id}`,
  tag,
  summary: 'One endpoint',
  description: 'Without its secret, which is shown once.',
  scope: 'integrations:read',
  query: z.strictObject({}),
  answers: { 200: { description: 'The endpoint', schema: Endpoint } },
  handle: async ({ context, tenant, params }) => {
    const row = orNotFound(await getEndpoint(context, { endpointId: params.id, tenant }))
    return { status: 200, body: presentEndpoint(row, context.clock.now()) }
  },
})

const update = route({
  operationId: 'updateEndpoint',
  method: 'patch',
  path: `${path}/{id}`,
  tag,
  summary: 'Change an endpoint, or switch it on or off',
  description: 'What waited while it was off is sent when it is on again, as long as it is kept.',
  scope: 'integrations:write',
  body: UpdateEndpoint,
  answers: { 200: { description: 'The endpoint', schema: Endpoint } },
  handle: async ({ context, tenant, params, body }) => {
    const row = orNotFound(await updateEndpoint(context, { ...body, endpointId: params.id, tenant }))
    return { status: 200, body: presentEndpoint(row, context.clock.now()) }
  },
})

const remove = route({
  operationId: 'deleteEndpoint',
  method: 'delete',
  path: `${path}/{id}`,
  tag,
  summary: 'Remove an endpoint',
  description: 'What waits for it is not sent any more.',
  scope: 'integrations:write',
  query: z.strictObject({}),
  answers: { 204: { description: 'Removed' } },
  handle: async ({ context, tenant, params }) => {
    if (!(await deleteEndpoint(context, { endpointId: params.id, tenant }))) throw new Problem('not_found')
    return { status: 204 }
  },
})

const rotate = route({
  operationId: 'rotateEndpointSecret',
  method: 'post',
  path: `${path}/{id}/rotate`,
  tag,
  summary: 'A new secret for an endpoint',
  description: 'For 24 hours the former secret signs as well: each event has both signatures.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  answers: { 200: { description: 'The endpoint with its new secret', schema: EndpointWithSecret } },
  handle: async ({ context, tenant, params }) => {
    const { row, secret } = orNotFound(await rotateSecret(context, { endpointId: params.id, tenant }))
    return { status: 200, body: { ...presentEndpoint(row, context.clock.now()), secret } }
  },
})

const test = route({
  operationId: 'testEndpoint',
  method: 'post',
  path: `${path}/{id}/test`,
  tag,
  summary: 'Send a test event now',
  description: [
    'Answers with what the endpoint answered to an `endpoint.test`, within 15 s, whether it is on or off. If it was not taken,',
    'it is sent again like any event.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  answers: { 200: { description: 'What became of it', schema: Delivery } },
  handle: async ({ context, tenant, params }) => {
    return { status: 200, body: orNotFound(await testEndpoint(context, { endpointId: params.id, tenant })) }
  },
})

const deliveries = route({
  operationId: 'listDeliveries',
  method: 'get',
  path: `${path}/{id}/deliveries`,
  tag,
  summary: 'Events for an endpoint, newest first',
  description: 'With what was last answered: its beginning, people masked.',
  scope: 'integrations:read',
  query: ListDeliveries,
  answers: { 200: { description: 'A page', schema: listOf(Delivery, 'DeliveryList') } },
  handle: async ({ context, tenant, params, query }) => {
    const page = orNotFound(await listDeliveries(context, { ...query, endpointId: params.id, tenant }))
    return { status: 200, body: page }
  },
})

const resend = route({
  operationId: 'resendDelivery',
  method: 'post',
  path: `${path}/{id}/deliveries/{deliveryId}/resend`,
  tag,
  summary: 'Send an event again',
  description: 'Within seconds, with the same `webhook-id`, and with all attempts anew.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  answers: { 202: { description: 'The delivery, waiting again', schema: Delivery } },
  handle: async ({ context, tenant, params: { id, deliveryId } }) => {
    return { status: 202, body: orNotFound(await resendDelivery(context, { endpointId: id, tenant, deliveryId })) }
  },
})

export const endpointRoutes = [create, list, get, update, remove, rotate, test, deliveries, resend]
