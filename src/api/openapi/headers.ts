// The headers of answers, as the document has them. A route names those of its answers; every answer has COMMON.
import type { Json } from '#api/openapi/schemas.ts'

export const HEADERS = {
  'content-disposition': {
    description: 'The name under which a browser saves the file.',
    schema: { type: 'string', examples: ['attachment; filename="transactions.csv"'] },
  },
  'content-security-policy': {
    description: 'What the page may load: nothing but its own inline style.',
    schema: { type: 'string', examples: ["default-src 'none'; style-src 'unsafe-inline'"] },
  },
  etag: {
    description:
      'The version of the resource in two parts, what a PATCH can change and all of it: `If-Match` compares the first alone.',
    schema: { type: 'string', examples: ['"3-1-5.5f2b0c9aGh1x"'] },
  },
  'idempotency-replayed': {
    required: false,
    description: 'Present when this is the answer of an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string', enum: ['true'] },
  },
  location: {
    description: 'Where to go on: the path of the resource, or the page for a browser.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  'ratelimit-policy': {
    description: 'Which quota the call counts against: calls (`q`) in so many seconds (`w`).',
    schema: { type: 'string', examples: ['"reads";q=600;w=60'] },
  },
  'retry-after': {
    description: 'How many seconds to wait before the next try.',
    schema: { type: 'integer', minimum: 0, examples: [60] },
  },
  'www-authenticate': {
    description: 'How to authenticate, and what is wrong with the token that was sent (RFC 6750).',
    schema: { type: 'string', examples: ['Bearer error="invalid_token"'] },
  },
  'x-request-id': {
    description: 'The id of this request. Support finds it in the log.',
    schema: { type: 'string', examples: ['8f2c1d0a9b3e4f56-FRA'] },
  },
} as const satisfies Readonly<Record<string, Json>>

export type HeaderName = keyof typeof HEADERS

const COMMON: readonly HeaderName[] = ['x-request-id', 'ratelimit-policy']
const SPELLINGS: Readonly<Record<string, string>> = {
  ...{ etag: 'ETag', 'ratelimit-policy': 'RateLimit-Policy', 'www-authenticate': 'WWW-Authenticate' },
}

/** `x-request-id` → `X-Request-Id`. */
export function spelled(name: string): string {
  return SPELLINGS[name] ?? name.replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

/** `always`: every answer of this kind has them. `sometimes`: some of them do. */
export function headersOf(always: readonly HeaderName[], sometimes: readonly HeaderName[] = []): Json {
  const referring = (name: HeaderName): [string, Json] => [
    spelled(name),
    { $ref: `#/components/headers/${spelled(name)}` },
  ]
  const optional = (name: HeaderName): [string, Json] =>
    'required' in HEADERS[name] ? referring(name) : [spelled(name), HEADERS[name]]
  return Object.fromEntries([...[...COMMON, ...always].map(referring), ...sometimes.map(optional)])
}

export function headerComponents(): Json {
  return Object.fromEntries(
    Object.entries(HEADERS).map(([name, header]) => [spelled(name), { required: true, ...header }]),
  )
}
