// The token of iiko's cloud: it lasts about an hour, and all work of an integration shares it through the session's
// cache.
import type { Session } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Secret } from '#lib/secret.ts'
import { READABLE, tokenRefusal } from '#crm/iiko/refusal.ts'
import { Token } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** Tokens are renewed this long before their end. */
const EARLY_MS = 5 * 60_000
/** The assumed lifetime of a token that does not name its end. */
const LIFE_MS = 55 * 60_000
/** What a token says beyond this may be no time at all. */
const LIFE_MAX_MS = 24 * 3_600_000

/** The app: the integration's own, else the service's. Without one only the old token call is possible. */
function appOf({ settings, apiSecret, app }: Session<Settings>): { id: string; secret: Secret } | null {
  return settings.appId !== undefined && apiSecret ? { id: settings.appId, secret: apiSecret } : app
}

/** Fetches a new token and caches it. Throws CrmError. */
export async function fetchToken(session: Session<Settings>): Promise<Secret> {
  const { apiKey, apiUrl } = session
  if (!apiKey) throw new CrmError('auth', { reason: 'credentials_missing' })
  const app = appOf(session)
  const response = await session.http.request({
    method: 'POST',
    url: app ? `${apiUrl}/api/v2/access_token` : `${apiUrl}/api/1/access_token`,
    headers: { 'content-type': 'application/json' },
    body: () =>
      JSON.stringify(
        app
          ? { apiKey: apiKey.reveal(), appId: app.id, clientSecret: app.secret.reveal() }
          : { apiLogin: apiKey.reveal() },
      ),
    expect: READABLE,
  })
  if (response.status >= 400) throw tokenRefusal(response, app !== null)
  const parsed = Token.safeParse(response.json())
  if (!parsed.success) throw new CrmError('unavailable', { reason: 'unexpected_shape', params: { area: 'token' } })
  const token = new Secret(parsed.data.token)
  await session.tokenCache.write(token, new Date(endOf(parsed.data.token, session.clock.now()) - EARLY_MS))
  return token
}

/** The end of a JWT (`exp`, RFC 7519, 4.1.4), in milliseconds. */
function endOf(token: string, now: Date): number {
  try {
    const payload = Uint8Array.fromBase64(token.split('.')[1] ?? '', { alphabet: 'base64url' })
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
    const isToken = typeof claims === 'object' && claims !== null && 'exp' in claims
    if (isToken && typeof claims.exp === 'number') {
      return Math.min(Math.max(claims.exp * 1000, now.getTime()), now.getTime() + LIFE_MAX_MS)
    }
  } catch {
    // Not a JWT.
  }
  return now.getTime() + LIFE_MS
}
