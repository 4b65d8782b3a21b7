// Access tokens (RFC 7519). Either the keys of a JWKS document, with asymmetric algorithms only, or one shared secret
// with HS256 only: a token can never choose between them, so a public key is never mistaken for a secret.
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose'
import type { CrmType } from '#lib/crm-types.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { isId } from '#lib/id.ts'
import { type Scope, SCOPES } from '#lib/scopes.ts'
import { isStorable } from '#lib/storable.ts'
import type { Fetch } from '#lib/fetch.ts'

export interface Principal {
  readonly subject: string
  /** Null only for admins. */
  readonly businessId: string | null
  readonly scopes: ReadonlySet<Scope>
  readonly isAdmin: boolean
  /** When the token ends, in milliseconds. */
  readonly expiresAt: number
  /** Null: a caller with an access token. */
  readonly session: SessionLimits | null
}

/** What a connect session may not do, although its scopes and its routes allow it. */
export interface SessionLimits {
  readonly id: string
  /** Set: it may only give new credentials to the stored account of this integration. */
  readonly integrationId: string | null
  /** Null: every CRM. */
  readonly crmTypes: readonly CrmType[] | null
  /** It sees samples with their customers masked. */
  readonly masksCustomers: boolean
}

/** An admin may do all. */
export function may({ isAdmin, scopes }: Principal, scope: Scope): boolean {
  return isAdmin || scopes.has(scope)
}

/** How a connection test may show its caller what it found. */
export function samplesFor(principal: Principal): { readonly showsSales: boolean; readonly masksCustomers: boolean } {
  const masksCustomers = principal.session?.masksCustomers === true
  return { showsSales: masksCustomers || may(principal, 'transactions:read'), masksCustomers }
}

export type TokenErrorCode = 'missing' | 'invalid' | 'expired' | 'keys_unavailable'

export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode, options?: ErrorOptions) {
    super(`the access token is ${code}`, options)
    this.code = code
  }
}

export interface TokenVerifierOptions {
  readonly keys: { readonly jwksUrl: string } | { readonly secret: Uint8Array }
  readonly issuer: string
  readonly audience: string
  readonly fetch: Fetch
  /** How far ahead a token may end: one that leaks must not be good for years. */
  readonly lifetimeSecondsMax: number
  /** Lets work go on after the answer. */
  readonly background: (work: Promise<unknown>) => void
  readonly now?: () => Date
}

const TOKEN_CHARACTERS_MAX = 8192
const CLOCK_TOLERANCE_SECONDS = 5
/** Issuers' clocks run ahead of ours. */
const IAT_TOLERANCE_SECONDS = 60
const VERIFIED_MS = 60_000
const VERIFIED_TOKENS_MAX = 1000
/** Keys are reloaded when they are older than this; while that fails the last good ones count, for a day. */
const KEYS_FRESH_MS = 10 * 60_000
const KEYS_USABLE_MS = 24 * 3_600_000
const RELOAD_PAUSE_MS = 60_000

/**
 * One an isolate: it caches the keys, refetches a JWKS document for an unknown key at most every 30 seconds, and
 * remembers a token that it accepted for a minute at most, since a client sends the same one with every request.
 */
export function createTokenVerifier(options: TokenVerifierOptions): (token: string) => Promise<Principal> {
  const verify = verification(options)
  const now = options.now ?? (() => new Date())
  const verifiedCache = createBoundedCache<string, { readonly principal: Principal; readonly until: number }>(
    VERIFIED_TOKENS_MAX,
  )
  return async (token) => {
    if (token.length > TOKEN_CHARACTERS_MAX) throw new TokenError('invalid')
    const known = verifiedCache.get(token)
    if (known && known.until > now().getTime()) return known.principal
    verifiedCache.delete(token)
    try {
      const payload = await verify(token)
      checkTimes(payload, now().getTime() / 1000, options.lifetimeSecondsMax)
      const principal = toPrincipal(payload)
      const until = Math.min(now().getTime() + VERIFIED_MS, (payload.exp ?? 0) * 1000)
      verifiedCache.set(token, { principal, until })
      return principal
    } catch (error) {
      throw error instanceof TokenError ? error : classify(error)
    }
  }
}

function verification(options: TokenVerifierOptions): (token: string) => Promise<JWTPayload> {
  const { keys, issuer, audience, now } = options
  const claims = (algorithms: string[]): JWTVerifyOptions => ({
    issuer,
    audience,
    algorithms,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(now && { currentDate: now() }),
  })
  if ('jwksUrl' in keys) {
    const keySet = remoteKeys(keys.jwksUrl, options)
    return async (token) => (await jwtVerify(token, keySet, claims(['RS256', 'ES256', 'EdDSA']))).payload
  }
  const secret = new Uint8Array(keys.secret)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = crypto.subtle.importKey('raw', secret, algorithm, false, ['verify'])
  return async (token) => (await jwtVerify(token, await key, claims(['HS256']))).payload
}

/** Old keys are reloaded behind the request that finds them old: an issuer that is down locks nobody out. */
function remoteKeys(jwksUrl: string, { fetch, background }: TokenVerifierOptions): JWTVerifyGetKey {
  const keySet = createRemoteJWKSet(new URL(jwksUrl), { [customFetch]: fetch, cacheMaxAge: KEYS_USABLE_MS })
  let dueAt = 0
  return async (header, token) => {
    const isLoaded = keySet.jwks() !== undefined
    const now = Date.now()
    if (isLoaded && now >= dueAt) {
      dueAt = now + RELOAD_PAUSE_MS
      background(
        keySet.reload().then(
          () => (dueAt = Date.now() + KEYS_FRESH_MS),
          () => undefined,
        ),
      )
    }
    const key = await keySet(header, token)
    if (!isLoaded) dueAt = Date.now() + KEYS_FRESH_MS
    return key
  }
}

function checkTimes({ exp = 0, iat }: JWTPayload, nowSeconds: number, lifetimeSecondsMax: number): void {
  const isLong = exp > nowSeconds + lifetimeSecondsMax + IAT_TOLERANCE_SECONDS
  const isFromFuture = iat !== undefined && !(iat <= nowSeconds + IAT_TOLERANCE_SECONDS)
  if (isLong || isFromFuture) throw new TokenError('invalid')
}

function classify(error: unknown): TokenError {
  if (error instanceof errors.JWTExpired) return new TokenError('expired', { cause: error })
  // Everything else that jose says about a token is one of its own errors; the key document's failures are not.
  const isAboutToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)
  const isAboutKeys = error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'
  return new TokenError(isAboutToken && !isAboutKeys ? 'invalid' : 'keys_unavailable', { cause: error })
}

function toPrincipal(payload: JWTPayload): Principal {
  const { sub, scope, business_id: businessId, exp = 0 } = payload
  const words = new Set(typeof scope === 'string' ? scope.split(' ') : [])
  const scopes = new Set(SCOPES.filter((known) => words.has(known)))
  const isAdmin = scopes.has('admin')
  const isTenant = typeof businessId === 'string' && isId(businessId)
  if (typeof sub !== 'string' || sub === '' || !isStorable(sub)) throw new TokenError('invalid')
  if (scope !== undefined && typeof scope !== 'string') throw new TokenError('invalid')
  if (businessId !== undefined && businessId !== null && !isTenant) throw new TokenError('invalid')
  const expiresAt = exp * 1000
  const businessIdOrNull = isTenant ? businessId.toLowerCase() : null
  return { subject: sub, businessId: businessIdOrNull, scopes, isAdmin, expiresAt, session: null }
}
