// What every request has, however it ends: an id, its time, one log line, and headers that keep its answer private.
import type { MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import type { Context } from '#context.ts'
import type { Principal } from '#api/auth/verify-token.ts'
import type { HonoEnv } from '#api/hono-env.ts'
import { toProblem } from '#api/problem.ts'
import { policyOf, quotaOfMethod } from '#lib/quotas.ts'
import { PROBLEMS } from '#lib/errors.ts'
import { createLog } from '#lib/log.ts'

/** The id that Cloudflare's own logs have. One that the caller sends is not trusted, so its header is not read. */
export const identify: MiddlewareHandler = requestId({
  headerName: '',
  generator: (c) => c.req.header('cf-ray') ?? crypto.randomUUID(),
})

const POLICY = 'content-security-policy'
const NO_SOURCES = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const SECURITY_HEADERS = Object.entries({
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

/** A page's own policy stays. Hono's own middleware for these costs 16 µs of a read's 250. */
export const secure: MiddlewareHandler = async (c, next) => {
  await next()
  const { headers } = c.res
  if (!headers.has(POLICY)) headers.set(POLICY, NO_SOURCES)
  for (const [name, value] of SECURITY_HEADERS) headers.set(name, value)
}

export const observe: MiddlewareHandler<HonoEnv> = async (c, next) => {
  const startedAt = Date.now()
  await next()
  const ms = Date.now() - startedAt
  const { headers } = c.res
  headers.set('x-request-id', c.get('requestId'))
  headers.set('ratelimit-policy', policyOfCall(c))
  headers.set('server-timing', `total;dur=${ms}`)
  if (!headers.has('cache-control')) headers.set('cache-control', 'private, no-store')
  logRequest(c, ms)
}

function policyOfCall(c: Parameters<typeof observe>[0]): string {
  // A configuration that does not parse leaves no context.
  const context: Context | undefined = c.get('context')
  return policyOf(c.get('quota') ?? quotaOfMethod(c.req.method), context?.config.rateLimitScale ?? 1)
}

function logRequest(c: Parameters<typeof observe>[0], ms: number): void {
  const failure = c.error ? toProblem(c.error) : null
  const path = c.get('path') ?? null
  const context: Context | undefined = c.get('context')
  const about = () => ({
    ...{ method: c.req.method, path, ...idsOf(path, c.req.param()) },
    ...subjectOf(c.get('principal')),
    ...{ status: c.res.status, ms },
  })
  if (failure && PROBLEMS[failure.code].status >= 500) {
    // A configuration that does not parse leaves no context; its message names variables, never values.
    const log = context?.log ?? createLog({ requestId: c.get('requestId') })
    log.error('request_failed', { ...about(), code: failure.code, error: failure.cause ?? failure })
  } else if (failure || !path?.startsWith('/webhooks/')) {
    // CRMs call all day, and what was answered well is in the inbox, so a line for it would only cost.
    context?.log.info('request', { ...about(), ...(failure && { code: failure.code }) })
  }
}

/** Unset when the request was refused before its token was verified; empty where a route takes none. */
function subjectOf(principal: Principal | undefined): { readonly subject?: string } {
  return principal === undefined || principal.subject === '' ? {} : { subject: principal.subject }
}

/** The ids in a path, under the names that other log lines use. A webhook's token is a secret and stays out. */
function idsOf(
  path: string | null,
  { id, token: _token, ...others }: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (id === undefined) return others
  if (path?.startsWith('/v1/businesses/')) return { businessId: id, ...others }
  if (path?.startsWith('/v1/connect-sessions/')) return { sessionId: id, ...others }
  return { integrationId: id, ...others }
}
