import { waitUntil } from 'cloudflare:workers'
import { insufficient } from '#api/auth/insufficient.ts'
import { CLOSED, sessionPrincipal } from '#api/auth/session-principal.ts'
import { createTokenVerifier, may, type Principal, TokenError } from '#api/auth/verify-token.ts'
import type { Route } from '#api/route.ts'
import { isSessionToken } from '#connect-sessions/token.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'

/** What decides who may call. */
export type Called = Pick<Route, 'method' | 'path' | 'scope'>
export type Authenticate = (context: Context, authorization: string | null, route: Called) => Promise<Principal>
type Verify = ReturnType<typeof createTokenVerifier>

const NOBODY: Principal = {
  ...{ subject: '', businessId: null, scopes: new Set(), isAdmin: false, expiresAt: 0, session: null },
}

/**
 * Throws Problem `unauthenticated`, `token_expired`, `session_ended`, `insufficient_scope`, or `unavailable` without
 * the keys.
 */
export function createAuthenticate(): Authenticate {
  let cached: { readonly config: Context['config']; readonly verify: Verify } | undefined
  return async (context, authorization, route) => {
    const { scope } = route
    if (scope === null) return NOBODY
    const [scheme, token, ...rest] = (authorization ?? '').trim().split(/\s+/)
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) throw unauthenticated('missing')
    const { config, fetch } = context
    if (cached?.config !== config) cached = { config, verify: createVerifier(config, fetch) }
    const principal = isSessionToken(token)
      ? await sessionPrincipal(context, token, route)
      : await verified(cached.verify, token)
    if (principal === null) throw insufficient(CLOSED)
    const isAllowed = scope === 'any' || may(principal, scope)
    if (!isAllowed) throw insufficient({ en: `This needs the scope ${scope}.`, ru: `Для этого нужно право ${scope}.` })
    if (principal.businessId === null && !principal.isAdmin)
      throw insufficient({ en: 'The token names no business_id.', ru: 'В токене нет business_id.' })
    return principal
  }
}

function createVerifier({ auth, environment }: Context['config'], fetch: Context['fetch']): Verify {
  const { issuer, audience, ...keys } = auth
  const days = environment === 'production' ? 1 : 400
  return createTokenVerifier({
    ...{ keys, issuer, audience, fetch, lifetimeSecondsMax: days * 86_400 },
    background: (work) => waitUntil(work),
  })
}

async function verified(verify: Verify, token: string): Promise<Principal> {
  try {
    return await verify(token)
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    if (error.code === 'keys_unavailable')
      throw new Problem('unavailable', { cause: error, headers: { 'retry-after': '5' } })
    throw unauthenticated(error.code)
  }
}

function unauthenticated(code: 'missing' | 'invalid' | 'expired'): Problem {
  const details = {
    missing: {
      en: 'Send an access token: Authorization: Bearer <token>.',
      ru: 'Передайте токен доступа: Authorization: Bearer <токен>.',
    },
    invalid: { en: 'The access token is not valid here.', ru: 'Этот токен доступа здесь не действует.' },
    expired: { en: 'Get a new access token.', ru: 'Получите новый токен доступа.' },
  }
  const challenge = code === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"'
  const headers = { 'www-authenticate': challenge }
  return new Problem(code === 'expired' ? 'token_expired' : 'unauthenticated', { detail: details[code], headers })
}
