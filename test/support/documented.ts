// Holds every answer that a test gets from the app to the API's document: its status, its headers, its content type and
// its body. Callers have to accept members that they do not know; here one that is not documented is a fault.
import { dereference, initialBaseURI, type Schema, validate } from '@cfworker/json-schema'
import { createOpenApi } from '#api/openapi/document.ts'
import { ANY_TYPE } from '#api/reply.ts'
import type { Route } from '#api/route.ts'
import { ROUTES } from '#api/routes.ts'

interface Media {
  readonly schema: Schema
}
interface Header {
  readonly required?: boolean
  readonly schema: Schema
}
interface Documented {
  readonly headers: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, Media>>
}

// oxlint-disable-next-line typescript/no-explicit-any -- a document is read by path
export const DOCUMENT: any = JSON.parse(JSON.stringify(createOpenApi(ROUTES)))

/** What each answer has, whatever it is about. */
const USUAL = new Set([
  ...['content-type', 'content-length', 'content-security-policy', 'cross-origin-resource-policy', 'referrer-policy'],
  ...['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'cache-control', 'server-timing'],
  ...['vary', 'access-control-allow-origin', 'access-control-expose-headers'],
])

const schemas = closed(DOCUMENT.components.schemas)
const lookup = dereference({ components: { schemas } })
const known = new WeakSet<object>()

/** What is wrong with a value; null when it fits. `schema` may refer to the document's components. */
export function flawOf(schema: Schema, value: unknown): string | null {
  if (!known.has(schema)) {
    dereference(schema, lookup, initialBaseURI, `/checked/${Object.keys(lookup).length}`)
    known.add(schema)
  }
  const { valid, errors } = validate(value, schema, '2020-12', lookup, false)
  return valid ? null : errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`).join('\n')
}

function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed)
  if (typeof part !== 'object' || part === null) return part
  const members = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]))
  return 'properties' in part ? { additionalProperties: false, ...members } : members
}

const PATTERNS = ROUTES.map((route) => {
  const path = route.path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')
  return { route, pattern: new RegExp(`^${path}/?$`) }
})

/** A path without parameters comes before one with them. */
export function routeOf({ method, url }: Request): Route | undefined {
  const { pathname } = new URL(url)
  const fits = PATTERNS.filter(({ route, pattern }) => route.method.toUpperCase() === method && pattern.test(pathname))
  return (fits.find(({ route }) => !route.path.includes('{')) ?? fits[0])?.route
}

/** Throws when the answer is not one that the document has. */
export async function expectDocumented(request: Request, response: Response): Promise<void> {
  const route = routeOf(request)
  const name = `${request.method} ${route?.path ?? new URL(request.url).pathname}: ${response.status}`
  const type = response.headers.get('content-type')?.split(';')[0] ?? null
  if (!route) {
    // The viewer, the document itself, and OPTIONS.
    if (type !== 'application/problem+json') return
    const flaw = flawOf({ $ref: '#/components/schemas/Problem' }, await response.clone().json())
    if (flaw) throw new Error(`${name} is not a Problem: ${flaw}`)
    return
  }
  const documented = responseOf(route, response.status)
  if (!documented) throw new Error(`${name} is not documented: ${await response.clone().text()}`)
  expectHeaders(name, documented, response.headers)
  await expectBody(name, documented, type, response)
}

function responseOf({ path, method }: Route, status: number): Documented | undefined {
  const response = DOCUMENT.paths[path][method].responses[status]
  return response?.$ref ? resolve(response.$ref) : response
}

function resolve(reference: string): never {
  return reference
    .split('/')
    .slice(1)
    .reduce((part, key) => part[key], DOCUMENT) as never
}

function expectHeaders(name: string, { headers: documented }: Documented, headers: Headers): void {
  const byName = new Map(
    Object.entries(documented).map(([header, one]) => {
      const whole: Header = '$ref' in one ? resolve(String(one['$ref'])) : one
      return [header.toLowerCase(), whole]
    }),
  )
  for (const [header, { required = false, schema }] of byName) {
    const value = headers.get(header)
    if (value === null && required) throw new Error(`${name} lacks its documented header ${header}`)
    const flaw = value === null ? null : flawOf(schema, schema.type === 'integer' ? Number(value) : value)
    if (flaw) throw new Error(`${name} has a wrong header ${header}: ${value}: ${flaw}`)
  }
  const others = [...headers.keys()].filter((header) => !byName.has(header) && !USUAL.has(header))
  if (others.length > 0) throw new Error(`${name} has headers that are not documented: ${others.join(', ')}`)
}

async function expectBody(name: string, { content }: Documented, type: string | null, response: Response) {
  if (!content) {
    if (type !== null) throw new Error(`${name} has a body that is not documented`)
    return
  }
  const media = content[type ?? ''] ?? content[ANY_TYPE]
  if (!media) throw new Error(`${name} is not documented as ${type}`)
  if (!type || !/[/+]json$/.test(type)) return
  const flaw = flawOf(media.schema, await response.clone().json())
  if (flaw) throw new Error(`${name} is not as documented: ${flaw}`)
}
