// Transport only: request id, security headers, who calls, what was sent, and problem+json for everything that goes
// wrong. It knows routes as data and no product.
import { Hono } from 'hono/tiny'
import { addDocs } from '#api/docs.ts'
import type { Context } from '#context.ts'
import { createTokenVerifier, type Principal, TokenError } from '#api/auth/verify-token.ts'
import { readJson } from '#api/body.ts'
import { corsHeaders, SECURITY_HEADERS } from '#api/headers.ts'
import { fieldErrors, problemResponse, toProblem } from '#api/problem.ts'
import type { Language, Route } from '#api/route.ts'
import { Problem, PROBLEMS } from '#lib/errors.ts'
import { isId } from '#lib/id.ts'
import { createLog } from '#lib/log.ts'

interface HonoEnv {
  Bindings: Env
}
type Verify = ReturnType<typeof createTokenVerifier>

const NOBODY: Principal = { subject: '', businessId: null, scopes: new Set(), isAdmin: false }

/** `contextOf` may throw ConfigError: then every request is answered `misconfigured`. */
export function createApp(routes: readonly Route[], contextOf: (env: Env) => Context): Hono<HonoEnv> {
  // Its router takes a slash at the end for none, so a webhook's address that was typed with one works.
  const app = new Hono<HonoEnv>()
  let verifier: { readonly context: Context; readonly verify: Verify } | undefined
  const verifyOf = (context: Context): Verify => {
    if (verifier?.context !== context) verifier = { context, verify: createVerifier(context) }
    return verifier.verify
  }
  const serve = async (request: Request, env: Env, route: Route, params: Readonly<Record<string, string>>) =>
    observed(
      request,
      () => contextOf(env),
      route.path,
      params,
      async (context, log) => {
        const principal = await authenticate(request, route, async (token) => verifyOf(context)(token))
        return invoke({ ...context, log }, principal, request, route, params)
      },
    )
  for (const route of routes) {
    app.on(route.method.toUpperCase(), honoPath(route.path), async (c) => serve(c.req.raw, c.env, route, c.req.param()))
  }
  addDocs(app, routes)
  const allowed = Map.groupBy(routes, ({ path }) => path)
  for (const [path, same] of allowed) {
    const methods = [...same.map(({ method }) => method.toUpperCase()), 'OPTIONS'].join(', ')
    app.all(honoPath(path), async (c) =>
      observed(
        c.req.raw,
        () => contextOf(c.env),
        path,
        {},
        async (context) => notAllowed(c.req.raw, context, methods),
      ),
    )
  }
  app.notFound(async (c) =>
    observed(
      c.req.raw,
      () => contextOf(c.env),
      null,
      {},
      async () => {
        throw new Problem('not_found', { detail: 'There is nothing at this address. /docs shows what there is.' })
      },
    ),
  )
  return app
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function createVerifier({ config, fetch }: Context): Verify {
  const { issuer, audience, ...keys } = config.auth
  return createTokenVerifier({ keys, issuer, audience, fetch })
}

/** Runs one request: its id, its log line, its headers, and an answer whatever happens. */
async function observed(
  request: Request,
  contextOf: () => Context,
  path: string | null,
  params: Readonly<Record<string, string>>,
  answer: (context: Context, log: Context['log']) => Promise<Response>,
): Promise<Response> {
  const startedAt = Date.now()
  const requestId = request.headers.get('cf-ray') ?? crypto.randomUUID()
  let context: Context | undefined
  let response: Response
  let failure: Problem | null = null
  try {
    context = contextOf()
    response = await answer(context, context.log.child({ requestId }))
  } catch (error) {
    failure = toProblem(error)
    response = problemResponse(failure, requestId)
  }
  const ms = Date.now() - startedAt
  const { status } = response
  const about = () => ({ requestId, method: request.method, path, ...idsOf(path, params), status, ms })
  if (failure && PROBLEMS[failure.code].status >= 500) {
    // A configuration that does not parse leaves no context; its message names variables, never values.
    const log = context?.log ?? createLog()
    log.error('request_failed', { ...about(), code: failure.code, error: failure.cause ?? failure })
  } else if (failure || !path?.startsWith('/webhooks/')) {
    // A CRM calls all day, and what is answered well stands in the inbox: a line more would only cost.
    context?.log.info('request', { ...about(), ...(failure && { code: failure.code }) })
  }
  return withHeaders(response, {
    ...SECURITY_HEADERS,
    ...(context && corsHeaders(request, context.config.corsOrigins)),
    'x-request-id': requestId,
    'server-timing': `total;dur=${ms}`,
  })
}

/** The ids of a path under the names that all other log lines have for them. A webhook's token is a secret and none. */
function idsOf(
  path: string | null,
  { id, token: _token, ...others }: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (id === undefined) return others
  return path?.startsWith('/v1/businesses/') ? { businessId: id, ...others } : { integrationId: id, ...others }
}

/** A route's own header wins over the common one. Routes make their responses themselves, so the headers may be set. */
function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const { headers: set } = response
  for (const [name, value] of Object.entries(headers)) {
    if (!set.has(name)) set.set(name, value)
  }
  return response
}

async function authenticate(request: Request, { scope }: Route, verify: Verify): Promise<Principal> {
  if (scope === null) return NOBODY
  const [scheme, token, ...rest] = (request.headers.get('authorization') ?? '').trim().split(/\s+/)
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) throw unauthenticated('missing')
  let principal: Principal
  try {
    principal = await verify(token)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    if (error.code === 'keys_unavailable')
      throw new Problem('unavailable', { cause: error, headers: { 'retry-after': '5' } })
    throw unauthenticated(error.code)
  }
  const isAllowed = scope === 'any' || principal.isAdmin || principal.scopes.has(scope)
  if (!isAllowed) throw insufficient(`This needs the scope ${scope}.`)
  if (principal.businessId === null && !principal.isAdmin) throw insufficient('The token names no business_id.')
  return principal
}

function unauthenticated(code: 'missing' | 'invalid' | 'expired'): Problem {
  const details = {
    missing: 'Send an access token: Authorization: Bearer <token>.',
    invalid: 'The access token is not one of ours.',
    expired: 'Get a new access token.',
  }
  const challenge = code === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  const headers = { 'www-authenticate': challenge }
  return new Problem(code === 'expired' ? 'token_expired' : 'unauthenticated', { detail: details[code], headers })
}

function insufficient(detail: string): Problem {
  return new Problem('insufficient_scope', {
    detail,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' },
  })
}

async function invoke(
  context: Context,
  principal: Principal,
  request: Request,
  route: Route,
  params: Readonly<Record<string, string>>,
): Promise<Response> {
  const { query, body } = route.isVendorCallback ? {} : await parseInput(request, route, params)
  return route.handle({
    context,
    principal,
    tenant: principal.isAdmin ? null : principal.businessId,
    params,
    query,
    body,
    request,
    language: languageOf(request),
  })
}

async function parseInput(request: Request, route: Route, params: Readonly<Record<string, string>>) {
  // An id that cannot exist is an id that does not exist.
  if (Object.values(params).some((value) => !isId(value))) throw new Problem('not_found')
  const mark = request.url.indexOf('?')
  const search = mark < 0 ? {} : Object.fromEntries(new URLSearchParams(request.url.slice(mark)))
  const query = route.query?.safeParse(search)
  if (query?.success === false) throw new Problem('invalid_request', { errors: fieldErrors(query.error, 'query') })
  return { query: query?.data, body: await parseBody(request, route) }
}

/** Routes without a body still refuse one that says something: its sender would believe it was heard. */
async function parseBody(request: Request, { body, rawBody, method }: Route): Promise<unknown> {
  if (method === 'get' || method === 'delete' || rawBody !== null) return undefined
  const json = await readJson(request)
  if (!body) {
    const isEmpty = json === undefined || (typeof json === 'object' && json !== null && Object.keys(json).length === 0)
    if (isEmpty) return undefined
    const keys = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.keys(json) : ['body']
    throw new Problem('invalid_request', { errors: keys.map((path) => ({ path, message: 'is not a known field' })) })
  }
  const parsed = body.safeParse(json ?? {})
  if (!parsed.success) throw new Problem('invalid_request', { errors: fieldErrors(parsed.error) })
  return parsed.data
}

function languageOf(request: Request): Language {
  const accepted = request.headers.get('accept-language')?.toLowerCase() ?? ''
  const first = accepted
    .split(',')
    .map((part) => part.trim().slice(0, 2))
    .find((part) => part === 'ru' || part === 'en')
  return first === 'ru' ? 'ru' : 'en'
}

function notAllowed(request: Request, context: Context, methods: string): Response {
  if (request.method === 'OPTIONS') {
    const cors = corsHeaders(request, context.config.corsOrigins)
    return new Response(null, {
      status: 204,
      headers: {
        allow: methods,
        ...cors,
        ...(cors['access-control-allow-origin'] && { 'access-control-allow-methods': methods }),
      },
    })
  }
  throw new Problem('method_not_allowed', { detail: `Allowed here: ${methods}.`, headers: { allow: methods } })
}
