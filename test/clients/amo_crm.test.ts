// Clients that others wrote for amoCRM talk to our sandbox as they do to the vendor, so what we test against is not
// only our own idea of it. They insist on https and on the vendor's hosts; only the way to the socket is another one.
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { Amo, type OAuthCode } from '@shevernitskiy/amo'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '#dev/free-port.ts'
import { WON } from '#sandbox/amo_crm/account.ts'
import { type AmoSandbox, createAmoSandbox } from '#sandbox/amo_crm.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'

const HOST = 'coffee1.amocrm.ru'
const REDIRECT = 'https://app.example.com/callback'

let sandbox: AmoSandbox
let port: number
let close: () => Promise<void>
const plainFetch = globalThis.fetch

beforeAll(async () => {
  sandbox = createAmoSandbox({ demo: true, redirectUri: REDIRECT })
  port = await freePort()
  ;({ close } = await serveSandbox(sandbox, port))
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    return plainFetch(url.host === HOST ? `http://127.0.0.1:${port}${url.pathname}${url.search}` : url, init)
  }
})

afterAll(async () => {
  globalThis.fetch = plainFetch
  await close()
})

/** What the person's browser does on the consent page. */
async function consent(): Promise<string> {
  const body = new URLSearchParams({ client_id: sandbox.consent.app.clientId, state: 'a state', decision: 'allow' })
  const answer = await plainFetch(`http://127.0.0.1:${port}/oauth/decide`, { method: 'POST', body, redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? '')
  expect(`${back.origin}${back.pathname}`).toBe(REDIRECT)
  expect(back.searchParams.get('state')).toBe('a state')
  return back.searchParams.get('code') ?? ''
}

const app = () => ({
  ...{ client_id: sandbox.consent.app.clientId, client_secret: sandbox.consent.app.clientSecret },
  redirect_uri: REDIRECT,
})

const tokenCalls = () => sandbox.consent.tokens.calls.length

describe('@shevernitskiy/amo', () => {
  it('exchanges a code, reads deals, contacts and events, and refreshes', async () => {
    const auth: OAuthCode = { ...app(), grant_type: 'authorization_code', code: await consent() }
    const before = tokenCalls()
    const amo = new Amo(HOST, auth, { request_delay: 1 })
    expect(await amo.account.getAccount({ with: ['datetime_settings'] })).toMatchObject({
      ...{ id: sandbox.accountId, currency: 'RUB' },
      _embedded: { datetime_settings: { timezone: 'Europe/Moscow' } },
    })
    const { _embedded: list } = await amo.lead.getLeads({
      limit: 250,
      with: ['contacts'],
      order: { param: 'updated_at', type: 'asc' },
    })
    expect(list.leads).toHaveLength(250)
    const won = list.leads.find((lead) => lead.status_id === WON && (lead._embedded.contacts ?? []).length > 0)
    expect(won).toMatchObject({ closed_at: expect.any(Number), pipeline_id: expect.any(Number) })
    const [link] = won?._embedded.contacts ?? []
    expect(await amo.contact.getContactById(link?.id ?? 0)).toMatchObject({ id: link?.id, name: expect.any(String) })
    expect(tokenCalls() - before).toBe(1)
    const { token } = amo
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 })
    // Its own clock says that a day has passed.
    const later = new Amo(HOST, { ...app(), ...token, expires_at: 1, grant_type: 'refresh_token' } as never, {
      request_delay: 1,
    })
    expect(await later.account.getAccount()).toMatchObject({ id: sandbox.accountId })
    expect(later.token?.refresh_token).not.toBe(token?.refresh_token)
    expect(tokenCalls() - before).toBe(2)
  })

  it('enters a webhook, which tells of the next deal, and takes it out again', async () => {
    const auth: OAuthCode = { ...app(), grant_type: 'authorization_code', code: await consent() }
    const amo = new Amo(HOST, auth, { request_delay: 1 })
    const destination = 'https://hooks.example.com/of-another-client'
    const entered = await amo.webhook.addWebhook({ destination, settings: ['status_lead', 'add_lead'], sort: 10 })
    expect(entered).toMatchObject({ destination, settings: ['status_lead', 'add_lead'], disabled: false })
    const { _embedded: list } = await amo.webhook.getWebhooks()
    expect(list.webhooks.map((hook) => hook.destination)).toContain(destination)
    sandbox.hooks.sent.length = 0
    const deal = sandbox.account.addDeal({ statusId: WON, kopecks: 99_000 })
    // Its own reader of hooks expects JSON, which the vendor does not send; so only the way of entering one is
    // compared.
    const hook = sandbox.hooks.sent.find(({ url }) => url === destination)
    expect(new URLSearchParams(hook?.body).getAll(`leads[add][${deal.id % 3 === 0 ? 2 : 0}][id]`)).toEqual([
      String(deal.id),
    ])
    // It takes 204, no other is there, for an error.
    await amo.webhook.deleteWebhook({ destination })
    await expect(amo.webhook.getWebhooks()).rejects.toThrow('204')
  })

  it('is told 204 for nothing, and the vendor’s own problem for a wrong code', async () => {
    const auth: OAuthCode = { ...app(), grant_type: 'authorization_code', code: await consent() }
    const amo = new Amo(HOST, auth, { request_delay: 1 })
    await expect(amo.lead.getLeadById(1)).rejects.toThrow('204')
    const again = new Amo(HOST, auth, { request_delay: 1 })
    await expect(again.account.getAccount()).rejects.toMatchObject({
      response: { status: 401, hint: 'Authorization code has been revoked' },
    })
  })
})

describe('amocrm-js', () => {
  interface Client {
    readonly token: {
      getValue(): { access_token: string; refresh_token: string } | undefined
      refresh(): Promise<unknown>
    }
    readonly auth: { getUrl(mode?: string): string }
    readonly request: {
      get(url: string, data?: unknown): Promise<{ data: { _embedded?: { leads: { id: number }[] } } }>
    }
    readonly leads: {
      get(query?: unknown): Promise<{ getData(): readonly { id?: number }[] }>
      getById(id: number): Promise<{ price?: number } | null>
    }
  }

  it('exchanges a code, refreshes, and reads deals', async () => {
    const require = createRequire(import.meta.url)
    const https: { globalAgent: unknown } = require('node:https')
    const { globalAgent } = https
    // Plain sockets to the sandbox under an https client.
    https.globalAgent = Object.assign(new Agent(), { createConnection: () => connect(port, '127.0.0.1') })
    try {
      const AmoClient: { new (options: unknown): Client } = require('amocrm-js').Client
      const client = new AmoClient({ domain: HOST, auth: { ...app(), code: await consent(), state: 'a state' } })
      expect(new URL(client.auth.getUrl('popup')).searchParams.get('client_id')).toBe(app().client_id)
      const answer = await client.request.get('/api/v4/leads', { limit: 5, with: 'contacts' })
      expect(answer.data._embedded?.leads).toHaveLength(5)
      const before = client.token.getValue()
      await client.token.refresh()
      const after = client.token.getValue()
      expect(after?.refresh_token).not.toBe(before?.refresh_token)
      const deal = sandbox.account.addDeal({ statusId: WON, kopecks: 123_400 })
      expect(await client.leads.getById(deal.id)).toMatchObject({ price: 1234 })
      const page = await client.leads.get({ limit: 10 })
      expect(page.getData()).toHaveLength(10)
    } finally {
      https.globalAgent = globalAgent
    }
  })
})
