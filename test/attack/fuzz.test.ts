// Every route with inputs made of its own schemas, and junk in any place of them: no 5xx, and short refusals with a
// code. `FUZZ_RUNS=2000 FUZZ_SEED=7 npx vitest run test/attack/fuzz.test.ts` tries more for each route, and others.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROUTES } from '#api/routes.ts'
import type { Route } from '#api/route.ts'
import { PROBLEMS } from '#lib/errors.ts'
import { createFuzzWorld, type FuzzWorld } from '#test/fuzz-world.ts'
import { connectionOf, queryOf, schemaOf, spoiled, valueOf } from '#test/fuzz-values.ts'
import { junkHeaders, junkPart, rawBody } from '#test/junk.ts'
import { request } from '#test/tenants.ts'

const RUNS = Number(process.env['FUZZ_RUNS'])
const SEED = Number(process.env['FUZZ_SEED'])
const REFUSAL_BYTES_MAX = 64_000
const ERRORS_MAX = 50
const HOUR_MS = 3_600_000

interface Sent {
  readonly path: string
  readonly authorization: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

let world: FuzzWorld
let [sent, accepted] = [0, 0]

beforeAll(async () => {
  world = await createFuzzWorld()
})

/** What later routes need is replaced and removed last. */
function rank({ method, path }: Route): number {
  if (method === 'delete') return path.endsWith('{id}') ? 2 : 1
  return path.endsWith('/webhook-token') ? 1 : 0
}
const ORDERED = ROUTES.toSorted((a, b) => rank(a) - rank(b))

describe.each(ORDERED.map((route) => ({ name: `${route.method.toUpperCase()} ${route.path}`, route })))(
  '$name',
  ({ route }) => {
    it(
      'answers anything with a documented status below 500',
      async () => {
        const property = fc.asyncProperty(sentTo(route), async (one) => check(route, one))
        await fc.assert(property, { numRuns: RUNS, seed: SEED })
      },
      HOUR_MS,
    )
  },
)

it('sends what is accepted often enough, so that it reaches what lies behind the validation', () => {
  expect(accepted).toBeGreaterThanOrEqual(sent / 5)
})

function sentTo(route: Route): fc.Arbitrary<Sent> {
  const query = route.query ? queryOf(schemaOf(route.query), world) : fc.constantFrom('', 'a=%00', '%=%')
  return fc.record({
    path: fc.tuple(pathOf(route), query).map(([path, search]) => `${path}?${search}`),
    authorization: fc.constantFrom(...authorizationsOf(route)),
    headers: fc.oneof(
      { weight: 8, arbitrary: fc.constant({}) },
      { weight: 2, arbitrary: headersOf(route) },
      { weight: 1, arbitrary: junkHeaders },
    ),
    body: bodyOf(route),
  })
}

function authorizationsOf({ scope, isVendorCallback }: Route): readonly string[] {
  if (isVendorCallback) return world.hookSecrets
  return (scope === 'admin' ? [world.adminToken] : [world.token, world.adminToken]).map((token) => `Bearer ${token}`)
}

function pathOf({ path, isVendorCallback }: Route): fc.Arbitrary<string> {
  if (path.startsWith('/webhooks/')) {
    const junk = fc.tuple(junkPart, junkPart).map((parts) => `/webhooks/${parts.join('/')}`)
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...world.hookPaths) }, { weight: 1, arbitrary: junk })
  }
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined || isVendorCallback) return fc.constant(part)
    const own = name === 'id' ? idOf(path) : name
    const right = fc.constantFrom(...(world.params[own] ?? world.ids))
    return fc.oneof({ weight: 15, arbitrary: right }, { weight: 1, arbitrary: junkPart })
  })
  return fc.tuple(...parts).map((all) => all.join('/'))
}

function idOf(path: string): string {
  if (path.startsWith('/v1/businesses')) return 'businessId'
  return /\/(?:imports|formats)/.test(path) ? 'fileIntegrationId' : 'integrationId'
}

function headersOf({ headers }: Route): fc.Arbitrary<Record<string, string>> {
  const names = Object.keys(headers?.shape ?? {})
  return fc.record(Object.fromEntries(names.map((name) => [name, fc.string({ maxLength: 60 })])))
}

function bodyOf({ method, path, body, rawBody: contentTypes, isVendorCallback }: Route): fc.Arbitrary<Sent['body']> {
  if (method === 'get') return fc.constant(null)
  if (isVendorCallback) return oneOf(spoiled(fc.constantFrom(...world.hookBodies)))
  if (contentTypes !== null) return rawBody
  const schema = body ? schemaOf(body) : { type: 'object' }
  const isCreation = method === 'post' && path === '/v1/integrations'
  const value = isCreation ? connectionOf(schema, world) : valueOf(schema, world)
  return oneOf(value)
}

function oneOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Sent['body']> {
  const json = value.map((one) => JSON.stringify(one))
  return fc.oneof({ weight: 9, arbitrary: json }, { weight: 1, arbitrary: rawBody })
}

async function check(route: Route, { path, authorization, headers, body }: Sent): Promise<void> {
  const answer = await request(world.context, path, {
    method: route.method.toUpperCase(),
    headers: {
      authorization,
      ...(body !== null && { 'content-type': Object.keys(route.rawBody ?? {})[0] ?? 'application/json' }),
      ...headers,
    },
    ...(body !== null && { body }),
  })
  expect(answer.status, answer.text.slice(0, 500)).toBeLessThan(500)
  if (answer.status === 201) await world.removeCreated(route, answer)
  // What a vendor signs is never accepted from a stranger.
  if (!route.path.startsWith('/v1/marketplace/')) sent += 1
  if (answer.status < 400) accepted += 1
  if (answer.status < 400) return
  expect(answer.text.length).toBeLessThan(REFUSAL_BYTES_MAX)
  const type = answer.headers.get('content-type')
  // In the form of the vendor, or a page for a person.
  const isOwnForm = route.isVendorCallback || route.answers[answer.status]?.contentTypes !== undefined
  if (isOwnForm && type !== 'application/problem+json') return
  expect(type).toBe('application/problem+json')
  expect(Object.keys(PROBLEMS)).toContain(answer.json.code)
  expect(answer.json.errors?.length ?? 0).toBeLessThanOrEqual(ERRORS_MAX)
}
