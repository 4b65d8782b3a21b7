// Transport only: mounts the routes, which are data, behind Hono's middleware. Knows nothing about the product.
import { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import { createAuthenticate, type Authenticate } from '#api/auth/authenticate.ts'
import type { Principal } from '#api/auth/verify-token.ts'
import { crossOrigin, options } from '#api/cross-origin.ts'
import { addDocs, DOCUMENTS } from '#api/docs.ts'
import type { HonoEnv } from '#api/hono-env.ts'
import { idempotency } from '#api/idempotency.ts'
import { identify, observe, secure } from '#api/observe.ts'
import { problemResponse, RETRY_AFTER_SECONDS, toProblem } from '#api/problem.ts'
import { countCall } from '#api/rate-limit.ts'
import { toResponse } from '#api/reply.ts'
import type { Route } from '#api/route.ts'
import { validators, type Validated } from '#api/validation.ts'
import type { Actor, Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { type Language, languageOf } from '#lib/localized.ts'
import { quotaOfMethod } from '#lib/quotas.ts'

/** What is wrong with the database or the keys that an isolate has started with. */
export type CheckStart = (context: Context) => Promise<'wrong_keys' | 'other_deployment' | null>

/** `contextOf` may throw ConfigError: then every request is answered `misconfigured`. */
export function createApp(
  routes: readonly Route[],
  contextOf: (env: Env) => Context,
  checkStart: CheckStart = async () => null,
): Hono<HonoEnv> {
  // Not strict: a webhook's address that was typed with a slash at its end works. This router needs no build before the
  // first request, and looks at few of the routes for each.
  const app = new Hono<HonoEnv>({ strict: false, router: new TrieRouter() })
  app.onError((error, c) => problemResponse(toProblem(error), c.get('requestId'), languageIn(c.req.raw)))
  app.use(identify, secure)
  addDocs(app, routes)
  app.use(observe, async (c, next) => {
    const context = contextOf(c.env)
    c.set('context', { ...context, log: context.log.child({ requestId: c.get('requestId') }) })
    await next()
  })
  app.use(crossOrigin)
  mount(app, routes, checkStart)
  for (const path of DOCUMENTS) app.all(path, refuse(['GET']))
  app.all('*', () => {
    throw new Problem('not_found', {
      detail: {
        en: 'There is nothing at this address. /docs shows what there is.',
        ru: 'По этому адресу ничего нет. Что есть, показывает /docs.',
      },
    })
  })
  return app
}

function mount(app: Hono<HonoEnv>, routes: readonly Route[], checkStart: CheckStart): void {
  const authenticate = createAuthenticate()
  for (const route of routes) {
    const handlers = [
      open(checkStart, route),
      admit(authenticate, route),
      ...idempotency(route),
      ...validators(route),
      handler(route),
    ]
    app.on(route.method.toUpperCase(), [honoPath(route.path)], ...handlers)
  }
  for (const [path, same] of Map.groupBy(routes, ({ path }) => path)) {
    const methods = [...same.map(({ method }) => method.toUpperCase()), 'OPTIONS']
    app.all(honoPath(path), async (c, next) => {
      c.set('path', path)
      await next()
    })
    app.options(honoPath(path), options(methods))
    app.all(honoPath(path), refuse(methods))
  }
}

/** What these methods have not answered. */
function refuse(methods: readonly string[]) {
  return () => {
    const allow = methods.join(', ')
    const detail = { en: `Allowed here: ${allow}.`, ru: `Здесь можно: ${allow}.` }
    throw new Problem('method_not_allowed', { detail, headers: { allow } })
  }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/**
 * Checks of health are answered whatever is wrong. All else waits until the database has said that it is this
 * deployment's: a webhook that is taken before might never be stored, and vendors repeat what is answered 503.
 */
function open(checkStart: CheckStart, { tag }: Route) {
  return async (c: Validated, next: () => Promise<void>): Promise<void> => {
    if (tag !== 'Health') {
      const problem = await checkStart(c.get('context'))
      if (problem !== null) throw new Problem(problem, { headers: { 'retry-after': RETRY_AFTER_SECONDS } })
    }
    await next()
  }
}

function admit(authenticate: Authenticate, route: Route) {
  const { method, path, scope, quota } = route
  const counted = quota ?? quotaOfMethod(method)
  return async (c: Validated, next: () => Promise<void>): Promise<void> => {
    c.set('path', path)
    c.set('quota', counted)
    const context = c.get('context')
    const principal = await authenticate(context, c.req.raw.headers.get('authorization'), route)
    // Without a token there is no subject: what such a route does is bounded where it does it.
    if (scope !== null) await countCall(context, counted, principal)
    c.set('principal', principal)
    c.set('context', { ...context, actor: actorOf(route, principal, c.get('requestId')) })
    await next()
  }
}

/** Whoever comes without a token acts by what the route itself checks, such as a ticket or a vendor's signature. */
function actorOf({ scope, isVendorCallback }: Route, principal: Principal, requestId: string): Actor {
  if (isVendorCallback) return { subject: 'vendor', scope: 'vendor', requestId }
  if (scope === null) return { subject: 'anonymous', scope: 'none', requestId }
  const { subject, isAdmin, session } = principal
  return { subject, scope: isAdmin ? 'admin' : session ? 'session' : scope, requestId }
}

function handler(route: Route) {
  return async (c: Validated): Promise<Response> => {
    const principal = c.get('principal')
    const reply = await route.handle({
      context: c.get('context'),
      principal,
      tenant: principal.isAdmin ? null : principal.businessId,
      params: c.req.param(),
      query: c.req.valid('query'),
      headers: c.req.valid('header'),
      body: c.req.valid('json'),
      request: c.req.raw,
      language: languageIn(c.req.raw),
    })
    return toResponse(reply)
  }
}

function languageIn({ headers }: Request): Language {
  return languageOf(headers.get('accept-language'))
}
