import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { HonoEnv } from '#api/hono-env.ts'
import { isProductOrigin } from '#config.ts'

const SENT = [
  ...['authorization', 'content-type', 'accept-language', 'idempotency-key'],
  ...['if-match', 'if-none-match', 'last-event-id', 'x-request-id'],
  // Of tracing in browsers: without these, a page that is traced could not call at all.
  ...['traceparent', 'tracestate', 'baggage', 'sentry-trace'],
]
const READ = [
  ...['location', 'etag', 'content-disposition', 'idempotency-replayed'],
  ...['retry-after', 'ratelimit-policy', 'x-request-id'],
]

/** Only for pages of the product; tokens travel in a header, so no credentials mode. */
function policy(allowMethods: string[]): MiddlewareHandler<HonoEnv> {
  return cors({
    origin: (origin, c: Parameters<MiddlewareHandler<HonoEnv>>[0]) =>
      isProductOrigin(c.get('context').config, origin) ? origin : null,
    allowMethods,
    allowHeaders: SENT,
    exposeHeaders: READ,
    maxAge: 7200,
  })
}

const answers = policy([])

/** Only browsers send an Origin. Without one the answer need not be copied, which is how Hono adds these headers. */
export const crossOrigin: MiddlewareHandler<HonoEnv> = async (c, next) => {
  const isFromPage = c.req.raw.headers.has('origin') && c.req.method !== 'OPTIONS'
  return isFromPage ? answers(c, next) : next()
}

/** The answer to OPTIONS, preflights included. */
export function options(methods: readonly string[]): MiddlewareHandler<HonoEnv> {
  const preflight = policy([...methods])
  return async (c, next) => {
    c.res.headers.set('allow', methods.join(', '))
    return preflight(c, next)
  }
}
