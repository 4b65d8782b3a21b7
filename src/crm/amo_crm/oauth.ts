// amoCRM's consent and its single-use tokens. Texts of refusals are in the account's language, so only the status and
// `hint` count: a refusal with a hint is about the token or code, one without is about the app.
import * as z from 'zod'
import type { CallbackQuery, OAuthFlow, RegisteredApp, TokenSet } from '#crm/oauth.ts'
import { verifyHmac } from '#crypto/hmac.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Http, HttpResponse } from '#lib/egress.ts'
import { Secret } from '#lib/secret.ts'
import { ACCOUNT_ORIGIN, type BRANDS } from '#crm/amo_crm/brands.ts'
import { ownRefusal, READABLE, refusalOf, USER_AGENT } from '#crm/amo_crm/refusal.ts'
import { Claims, Subdomain, TokenAnswer } from '#crm/amo_crm/schema.ts'

/** Codes are about a thousand characters long. */
const PARAMETER_MAX = 4096
const parameter = (description: string) => z.string().max(PARAMETER_MAX).optional().meta({ description })

export const oauth: OAuthFlow = {
  brands: ['amocrm', 'kommo'] satisfies readonly [keyof typeof BRANDS, keyof typeof BRANDS],
  consentUrl: ({ id, oauth: places }, state) => {
    const url = new URL(places?.consentUrl ?? '')
    url.searchParams.set('client_id', id)
    url.searchParams.set('state', state)
    // The redirect happens in the same window.
    url.searchParams.set('mode', 'post_message')
    return url.href
  },
  queries: {
    callback: z.object({
      code: parameter('What the vendor gives tokens for.'),
      state: parameter('The consent under way, as `authorize` began it.'),
      referer: parameter('The host of the account.'),
      client_id: parameter('The app that consent was given to.'),
      error: parameter('Why consent was not given.'),
      from_widget: parameter('Present when a widget was installed.'),
    }),
    disconnect: z.object({
      account_id: parameter('The account.'),
      client_uuid: parameter('The app.'),
      signature: parameter('HMAC of both, by the secret of the app.'),
    }),
  },
  readCallback: (app, { client_id: clientId = app.id, ...query }, allowOrigins) => ({
    isWidget: query['from_widget'] !== undefined,
    state: query['state'] || null,
    isDenied: query['error'] !== undefined,
    code: query['code'] || null,
    apiUrl: clientId === app.id ? accountUrl(query['referer'] ?? '', allowOrigins) : null,
  }),
  exchange: async ({ app, http, apiUrl }, code) =>
    requestTokens({ app, http, apiUrl }, () => ({ grant_type: 'authorization_code', code })),
  refresh: async ({ app, http, apiUrl, allowOrigins, access }, refresh) => {
    const grant = () => ({ grant_type: 'refresh_token', refresh_token: refresh.reveal() })
    try {
      return await requestTokens({ app, http, apiUrl }, grant)
    } catch (error) {
      // Whoever says it: a renamed account's former address may answer anything.
      const isGone = error instanceof CrmError && (error.status === 401 || error.status === 404)
      const movedTo = isGone ? await findAccount(http, { allowOrigins, access, refresh }) : null
      if (movedTo === null || movedTo === apiUrl) throw error
      return requestTokens({ app, http, apiUrl: movedTo }, grant)
    }
  },
  disconnected,
}

function accountUrl(host: string, allowOrigins: readonly string[]): string | null {
  const name = host.toLowerCase()
  if (ACCOUNT_ORIGIN.test(`https://${name}`)) return `https://${name}`
  return allowOrigins.includes(`http://${name}`) ? `http://${name}` : null
}

interface TokenCall {
  readonly app: RegisteredApp
  readonly http: Http
  readonly apiUrl: string
}

async function requestTokens(
  { app, http, apiUrl }: TokenCall,
  grant: () => Readonly<Record<string, string>>,
): Promise<TokenSet> {
  const response = await http.request({
    method: 'POST',
    url: `${apiUrl}/oauth2/access_token`,
    headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': USER_AGENT },
    body: () =>
      JSON.stringify({
        client_id: app.id,
        client_secret: app.secret.reveal(),
        ...grant(),
        redirect_uri: app.oauth?.redirectUri ?? '',
      }),
    expect: READABLE,
  })
  if (response.status >= 400) throw tokenRefusal(response)
  const parsed = TokenAnswer.safeParse(response.json())
  if (!parsed.success) throw new CrmError('unavailable', { reason: 'unexpected_shape', params: PARAMS })
  const { access_token: access, refresh_token: refresh, expires_in: expiresInSeconds } = parsed.data
  const accountId = claimsOf(access).account_id ?? null
  return { access: new Secret(access), refresh: new Secret(refresh), expiresInSeconds, apiUrl, accountId }
}

function tokenRefusal(response: HttpResponse): CrmError {
  const { status } = response
  const refusal = ownRefusal(response)
  if (!refusal || (status !== 400 && status !== 401)) return refusalOf(response, PARAMS)
  if (refusal.hint) return new CrmError('auth', { reason: 'grant_dead', status })
  return new CrmError('rejected', { reason: 'app_rejected', status })
}

const PARAMS = { area: 'oauth2', brand: 'amoCRM' }

/**
 * The new address of a renamed account, from the host that its tokens name. Null: the tokens name none, or it is not
 * the vendor's. Throws CrmError: until the account is found, no token is known to be revoked.
 */
async function findAccount(
  http: Http,
  at: { readonly allowOrigins: readonly string[]; readonly access: Secret; readonly refresh: Secret },
): Promise<string | null> {
  const shared = accountUrl(claimsOf(at.access.reveal()).api_domain ?? '', at.allowOrigins)
  if (shared === null) return null
  const response = await http.request({
    url: `${shared}/oauth2/account/current/subdomain`,
    headers: { accept: 'application/json', 'user-agent': USER_AGENT, 'x-refresh-token': at.refresh },
    expect: READABLE,
  })
  if (response.status >= 400) {
    const isKnown = ownRefusal(response) !== null && (response.status === 401 || response.status === 404)
    if (isKnown) return null
    throw refusalOf(response, PARAMS)
  }
  const parsed = Subdomain.safeParse(response.json())
  return parsed.success ? accountUrl(parsed.data.domain, at.allowOrigins) : null
}

function claimsOf(token: string): Claims {
  try {
    const bytes = Uint8Array.fromBase64(token.split('.')[1] ?? '', { alphabet: 'base64url' })
    return Claims.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return {}
  }
}

async function disconnected(app: RegisteredApp, query: CallbackQuery): Promise<string | null> {
  const { account_id: accountId = '', client_uuid: clientId = '', signature = '' } = query
  if (!/^\d{1,20}$/.test(accountId) || clientId !== app.id || !/^[0-9a-f]{64}$/i.test(signature)) return null
  const bytes = (text: string) => Uint8Array.from(new TextEncoder().encode(text))
  const signed = new Uint8Array(32)
  signed.setFromHex(signature)
  return (await verifyHmac(bytes(app.secret.reveal()), signed, bytes(`${clientId}|${accountId}`))) ? accountId : null
}
