// What a route may refuse with: what its description implies, and the codes that it names.
import { openingOf } from '#api/auth/session-routes.ts'
import { TYPE_BASE } from '#api/problem.ts'
import { type Route, takesJson } from '#api/route.ts'
import { type HeaderName, headersOf } from '#api/openapi/headers.ts'
import { type Json, nameOf, reference } from '#api/openapi/schemas.ts'
import { ProblemDocument } from '#api/shared.ts'
import { PROBLEMS, type ProblemCode } from '#lib/errors.ts'

const FAILURES: readonly ProblemCode[] = ['internal', 'misconfigured', 'wrong_keys', 'other_deployment', 'unavailable']
const REPEATED: { readonly sometimes: HeaderName[] } = { sometimes: ['idempotency-replayed'] }
const HEADERS: Readonly<Record<number, { readonly always?: HeaderName[]; readonly sometimes?: HeaderName[] }>> = {
  401: { always: ['www-authenticate'] },
  403: { always: ['www-authenticate'] },
  400: REPEATED,
  404: REPEATED,
  409: { sometimes: ['idempotency-replayed', 'retry-after'] },
  412: { always: ['etag'] },
  413: REPEATED,
  415: REPEATED,
  422: REPEATED,
  429: { always: ['retry-after'] },
  503: { sometimes: ['retry-after'] },
}

/** In the order of the closed list. */
function problemsOf(route: Route): readonly ProblemCode[] {
  const codes = new Set<ProblemCode>([...FAILURES, ...implied(route), ...(route.problems ?? [])])
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- keys of a const object
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => codes.has(code))
}

const OF_TOKEN = ['unauthenticated', 'token_expired', 'insufficient_scope', 'too_many_requests'] as const
const OF_KEY = ['invalid_request', 'request_in_progress', 'idempotent_answer_lost', 'idempotency_key_reused'] as const
const OF_BODY = ['body_too_large', 'unsupported_media_type'] as const

function implied(route: Route): readonly ProblemCode[] {
  const { scope, path, isVendorCallback, params, query, headers, rawBody } = route
  const codes: ProblemCode[] = scope === null ? [] : [...OF_TOKEN]
  if (openingOf(route) !== null) codes.push('session_ended')
  if (route.takesIdempotencyKey) codes.push(...OF_KEY)
  if (isVendorCallback) return codes
  if (path.includes('{')) codes.push('not_found')
  if (params ?? query ?? headers) codes.push('invalid_request')
  if (rawBody !== null) codes.push(...OF_BODY)
  return takesJson(route) ? [...codes, ...OF_BODY, 'malformed_json', 'invalid_request'] : codes
}

/** By status. */
export function problemResponses(route: Route): ReadonlyMap<number, readonly ProblemCode[]> {
  return Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)
}

/** `InsufficientScope`, `TokenExpiredOrUnauthenticated`. */
export function nameOfProblems(codes: readonly ProblemCode[]): string {
  const pascal = (code: string) => code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return codes.map(pascal).join('Or')
}

/** An answer in the form of the document. */
export interface Documented {
  readonly description: string
  readonly headers: Json
  readonly content?: Json
}

/** Answers of one status. */
export function problemComponent(codes: readonly ProblemCode[]): Documented {
  const [first = 'internal'] = codes
  const { always = [], sometimes = [] } = HEADERS[PROBLEMS[first].status] ?? {}
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.en}`).join('; '),
    headers: headersOf(always, sometimes),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: reference(nameOf(ProblemDocument)) },
            { properties: { code: { type: 'string', enum: codes } } },
          ],
        },
        example: exampleOf(first),
      },
    },
  }
}

function exampleOf(code: ProblemCode): Json {
  const { status, title } = PROBLEMS[code]
  return {
    ...{ type: `${TYPE_BASE}${code}`, title: title.en, status, detail: title.en, code },
    requestId: '8f2c1d0a9b3e4f56-FRA',
  }
}
