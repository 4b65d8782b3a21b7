// OpenAPI 3.1 made from the routes' own schemas: what is documented is what is checked.
import * as z from 'zod'
import type { Answer } from '#api/reply.ts'
import type { Route } from '#api/route.ts'
import { TAGS } from '#api/openapi/tags.ts'
import { ProblemDocument } from '#api/shared.ts'

type Json = Readonly<Record<string, unknown>>

const INTRODUCTION = [
  'Connects a business to its CRM and keeps that CRM’s sales, exactly.',
  'Errors are RFC 9457 problem documents with a `code` from a closed list. Money is in integer minor units, times are RFC 3339 in UTC.',
  'Each subject has 600 reads and 120 writes a minute for a business, approximately; `RateLimit-Policy` says which of them a call is. Beyond that the answer is 429 with `Retry-After`.',
  'Another tenant’s resource answers 404, like one that does not exist.',
].join('\n\n')

/** Made once per isolate; the document depends on nothing but the code. */
export function createOpenApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = (paths[route.path] ??= {})
    path[route.method] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'crm-integrations', version: '1', description: INTRODUCTION },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: reference, io: 'input', unrepresentable: 'any' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

function bare({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema
}

function reference(id: string): string {
  return `#/components/schemas/${id}`
}

function operation(route: Route): Json {
  const responses = Object.entries(route.answers).map(([status, answer]) => [status, response(answer)])
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description && { description: route.description }),
    operationId: route.operationId,
    parameters: [...pathParameters(route), ...parameters('query', route.query), ...parameters('header', route.headers)],
    ...(route.rawBody !== null && {
      requestBody: {
        required: true,
        content: Object.fromEntries(Object.entries(route.rawBody).map(([type, schema]) => [type, { schema }])),
      },
    }),
    ...(route.body && { requestBody: { required: true, content: content(route.body, 'application/json') } }),
    responses: { ...Object.fromEntries(responses), ...(isLimited(route) && { 429: limited }), default: problem },
    security: route.scope === null ? [] : [{ accessToken: route.scope === 'any' ? [] : [route.scope] }],
  }
}

function isLimited({ scope, quota }: Route): boolean {
  return scope !== null || quota !== undefined
}

const problem = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: reference('Problem') } } },
}
const limited = {
  ...problem,
  description: 'Too many calls in a minute, `too_many_requests`; `RateLimit-Policy` of every answer has the limit',
  headers: { 'Retry-After': { description: 'Seconds to wait', required: true, schema: { type: 'integer' } } },
}
// The component is in the registry because the schema is made; this names the dependency.
void ProblemDocument

function response({ description, schema, contentTypes }: Answer): Json {
  const contents = contentTypes?.map((type) => [type, { schema: { type: 'string' } }] as const)
  return {
    description,
    ...(schema && { content: content(schema, 'application/json') }),
    ...(contents && { content: Object.fromEntries(contents) }),
  }
}

function content(schema: z.ZodType, contentType: string): Json {
  const id = schema.meta()?.id
  return { [contentType]: { schema: id ? { $ref: reference(id) } : bare(z.toJSONSchema(schema, { io: 'input' })) } }
}

function pathParameters({ path, isVendorCallback, params }: Route): Json[] {
  const own = parameters('path', params)
  return [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name]) =>
      own.find((parameter) => parameter['name'] === name) ?? {
        name,
        in: 'path',
        required: true,
        schema: { type: 'string', ...(!isVendorCallback && { format: 'uuid' }) },
      },
  )
}

function parameters(place: 'path' | 'query' | 'header', schema: z.ZodObject | null): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }))
}
