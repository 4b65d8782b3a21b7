// OpenAPI 3.1 made from the routes' own schemas: what is documented is what is checked.
import type { Route } from '#api/route.ts'
import { exampleComponents, exampleReference } from '#api/openapi/examples.ts'
import { headerComponents } from '#api/openapi/headers.ts'
import { operation } from '#api/openapi/operation.ts'
import { parameterComponents } from '#api/openapi/parameters.ts'
import { nameOfProblems, problemComponent, problemResponses } from '#api/openapi/problems.ts'
import { componentSchemas, type Json, nameOf, namesIn, reference } from '#api/openapi/schemas.ts'
import { TAGS } from '#api/openapi/tags.ts'
import { Event } from '#events/event.ts'

const INTRODUCTION = [
  'Connects a business to its CRM and keeps that CRM’s sales, exactly.',
  'Errors are RFC 9457 problem documents with a `code` from a closed list. Money is in integer minor units, times are RFC 3339 in UTC.',
  'Each subject has 600 reads and 120 writes a minute for a business, approximately; `RateLimit-Policy` says which of them a call is. Beyond that the answer is 429 with `Retry-After`.',
  'Another tenant’s resource answers 404, like one that does not exist.',
  'Version 1 only grows: ignore members of answers that you do not know, and treat a `code` that you do not know by its status.',
].join('\n\n')

const TOKEN = [
  'A JWT of the operator’s issuer with `business_id` and `scope`: `integrations:read`, `integrations:write`,',
  '`transactions:read`, `admin`. An admin may act for any business.',
].join(' ')

/** What endpoints get. */
const EVENT: Json = {
  ...{ tags: ['Events'], operationId: 'receiveEvent', summary: 'An event' },
  description: [
    'Sent to endpoints by POST, signed by Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`).',
    'Any 2xx within 15 s takes it; else it comes again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, with the same',
    '`webhook-id`. Events come at least once and in no order.',
  ].join(' '),
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { $ref: reference(nameOf(Event)) }, ...exampleReference(nameOf(Event)) } },
  },
  responses: { 200: { description: 'Taken' } },
  security: [],
}

/** Made once per isolate; the document depends on nothing but the code. */
export function createOpenApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = (paths[route.path] ??= {})
    path[route.method] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: 'crm-integrations', version: '1', description: INTRODUCTION },
      contact: { name: 'The operator of this service' },
      license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' },
    },
    servers: [{ url: '/', description: 'The service that this document comes from.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: { event: { post: EVENT } },
    components: {
      schemas: componentSchemas(routes.flatMap(sent)),
      responses: problemComponents(routes),
      parameters: parameterComponents(),
      headers: headerComponents(),
      examples: exampleComponents(new Set([...routes.flatMap(bodies), nameOf(Event)])),
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: TOKEN } },
    },
  }
}

/** The names of what callers send to a route. */
function sent({ body, rawBody }: Route): string[] {
  return [...(body ? [nameOf(body)] : []), ...namesIn(rawBody)]
}

/** The names of the bodies that a route takes and answers with. */
function bodies({ body, answers }: Route): string[] {
  const schemas = [body, ...Object.values(answers).map(({ schema }) => schema)]
  return schemas.flatMap((schema) => (schema ? [nameOf(schema)] : []))
}

function problemComponents(routes: readonly Route[]): Json {
  const all = routes.flatMap((route) =>
    [...problemResponses(route)].filter(([status]) => !(status in route.answers)).map(([, codes]) => codes),
  )
  return Object.fromEntries(all.map((codes) => [nameOfProblems(codes), problemComponent(codes)]))
}
