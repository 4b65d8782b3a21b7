// amoCRM's two addresses for apps: the page on which a person gives consent, and the token endpoint.
import type { Hono } from 'hono'
import * as z from 'zod'
import type { Tokens } from '#sandbox/amo_crm/tokens.ts'

export interface App {
  readonly clientId: string
  clientSecret: string
  redirectUri: string
}

export interface ConsentServer {
  readonly app: App
  readonly tokens: Tokens
  /** So long the token endpoint takes. */
  tokenDelayMs: () => number
  /** True: the tokens are issued, and the answer is lost on its way. */
  losesAnswer: () => boolean
  /** Awaited when tokens are requested, and again when they are issued and not yet sent. */
  beforeTokens: (() => Promise<void>) | null
  beforeAnswer: (() => Promise<void>) | null
  /** Where the account is now, should it have been renamed. */
  movedTo: string | null
  /** What its old address answers to tokens. */
  formerAnswer: 401 | 404
}

const TokenBody = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  grant_type: z.enum(['authorization_code', 'refresh_token']),
  code: z.string().optional(),
  refresh_token: z.string().optional(),
  redirect_uri: z.string(),
})

function problem(title: string, hint?: string): Response {
  const detail = hint ? 'В запросе отсутствует ряд параметров или параметры невалидны' : 'Авторизация клиента не прошла'
  const body = { ...(hint && { hint }), title, type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson' }
  return Response.json(
    { ...body, status: 401, detail },
    { status: 401, headers: { 'content-type': 'application/problem+json' } },
  )
}

export function addConsent(hono: Hono, server: ConsentServer): void {
  const { app, tokens } = server
  hono.get('/oauth', (c) => {
    const { client_id: clientId = '', state = '' } = c.req.query()
    if (clientId !== app.clientId) return c.html('<h1>Интеграция не найдена</h1>', 404)
    const field = (name: string, value: string) =>
      `<input type="hidden" name="${name}" value="${value.replaceAll(/[^\w.~-]/g, '')}">`
    return c.html(`<!doctype html><html lang="ru"><meta charset="utf-8"><title>Доступ к amoCRM</title>
<h1>Разрешить доступ к аккаунту «Кофейня»?</h1>
<form method="post" action="/oauth/decide">${field('client_id', clientId)}${field('state', state)}
<button name="decision" value="allow">Разрешить</button> <button name="decision" value="deny">Отказать</button></form>`)
  })
  hono.post('/oauth/decide', async (c) => {
    const form = await c.req.formData()
    const back = new URL(app.redirectUri)
    const state = form.get('state')
    if (typeof state === 'string' && state !== '') back.searchParams.set('state', state)
    back.searchParams.set('client_id', app.clientId)
    if (form.get('decision') === 'allow') {
      back.searchParams.set('code', tokens.newCode())
      back.searchParams.set('referer', c.req.header('host') ?? new URL(c.req.url).host)
      back.searchParams.set('platform', '1')
    } else back.searchParams.set('error', 'access_denied')
    return c.redirect(back.href)
  })
  hono.post('/oauth2/access_token', async (c) => {
    const body = TokenBody.safeParse(await c.req.json())
    await new Promise((settle) => setTimeout(settle, server.tokenDelayMs()))
    if (server.movedTo !== null && new URL(c.req.url).host !== server.movedTo) {
      return server.formerAnswer === 401 ? problem('Некорректный клиент') : c.html('<h1>404</h1>', 404)
    }
    await server.beforeTokens?.()
    return body.success ? answerToken(server, body.data) : problem('Некорректный запрос', 'Check the parameters')
  })
  hono.get('/oauth2/account/current/subdomain', (c) => {
    const pair = tokens.byRefresh.get(c.req.header('x-refresh-token') ?? '')
    if (!pair || pair.isRevoked) return problem('Некорректный запрос', 'Token has been revoked')
    const domain = server.movedTo ?? new URL(c.req.url).host
    return c.json({ subdomain: 'coffee2', domain, top_level_domain: 'ru' })
  })
}

async function answerToken(server: ConsentServer, body: z.infer<typeof TokenBody>): Promise<Response> {
  const { app, tokens } = server
  const isApp = body.client_id === app.clientId && body.client_secret === app.clientSecret
  if (!isApp || body.redirect_uri !== app.redirectUri) return problem('Некорректный клиент')
  const sent = body.code ?? body.refresh_token ?? ''
  const pair = body.grant_type === 'refresh_token' ? tokens.refresh(sent) : tokens.byCode(sent)
  const isIssued = typeof pair !== 'string'
  const isLost = isIssued && server.losesAnswer()
  tokens.calls.push({ sent, grantType: body.grant_type, isIssued, isDelivered: isIssued && !isLost })
  await server.beforeAnswer?.()
  if (!isIssued) return problem('Некорректный запрос', pair)
  const answer = JSON.stringify({
    ...{ token_type: 'Bearer', expires_in: tokens.accessSeconds, server_time: Math.floor(pair.issuedAt / 1000) },
    ...{ access_token: pair.access, refresh_token: pair.refresh },
  })
  return new Response(isLost ? answer.slice(0, 40) : answer, { headers: { 'content-type': 'application/json' } })
}

/** What the vendor calls when a person switches the app off. */
export async function disconnectQuery({ clientId, clientSecret }: App, accountId: number): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes(clientSecret), algorithm, false, ['sign'])
  const signed = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(`${clientId}|${accountId}`)))
  const signature = Array.from(signed, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return new URLSearchParams({ account_id: String(accountId), client_uuid: clientId, signature }).toString()
}
