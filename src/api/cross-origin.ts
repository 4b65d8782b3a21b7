import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { HonoEnv } from '#api/hono-env.ts'

/** Only for origins that are named in CORS_ORIGINS; tokens travel in a header, so no credentials mode. */
function policy(allowMethods: string[]): MiddlewareHandler<HonoEnv> {
  return cors({
    origin: (origin, c: Parameters<MiddlewareHandler<HonoEnv>>[0]) =>
      c.get('context').config.corsOrigins.includes(origin) ? origin : null,
    allowMethods,
    allowHeaders: ['authorization', 'content-type', 'if-match', 'if-none-match', 'last-event-id'],
    exposeHeaders: ['etag', 'x-request-id', 'server-timing', 'retry-after'],
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
