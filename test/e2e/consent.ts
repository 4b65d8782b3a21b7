// amoCRM is connected in a real browser, from the link of a connect session through the CRM's consent page to synced
// sales; and what another browser gets that has the same links.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { expect, type TestContext } from 'vitest'
import * as z from 'zod'
import { serveVendor } from '#chaos/page/vendors.ts'
import { freePort } from '#dev/free-port.ts'
import { type AmoSandbox, createAmoSandbox } from '#sandbox/amo_crm.ts'
import type { Part } from './product-page.ts'

export interface Service {
  readonly url: string
  readonly adminToken: string
}

export const BUSINESS = { name: 'Кофейня у дома', timezone: 'Europe/Moscow', currency: 'RUB' }

/** A page of the product at an origin of its own. */
async function serveProduct({ url }: Service) {
  const bundle = { bundle: true, write: false, platform: 'browser', define: { BASE_URL: JSON.stringify(url) } } as const
  const { outputFiles } = await build({ entryPoints: [join(import.meta.dirname, 'product-page.ts')], ...bundle })
  const parts = ['business', 'account', 'state'].map((id) => `<p id="${id}"></p>`).join('')
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><title>Product</title>${parts}<a id="go"></a><script>${outputFiles[0]?.text ?? ''}</script>`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() }
}

export async function call(service: Service, method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/json' }
  const answer = await fetch(service.url + path, {
    ...{ method, headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return JSON.parse(await answer.text())
}

/** A business, and a link for the person who connects it. */
async function invite(service: Service, origin: string) {
  const businessId = crypto.randomUUID()
  await call(service, 'PUT', `/v1/businesses/${businessId}`, BUSINESS)
  const request = { businessId, crmTypes: ['amo_crm'], origin, returnUrl: `${origin}/`, language: 'ru' }
  const { id, token, url } = await call(service, 'POST', '/v1/connect-sessions', request)
  return { businessId, ours: String(url), product: `${origin}/?s=${id}#token=${token}`, token: String(token) }
}

const textOf = async (page: Page, id: Part) => {
  await page.waitForFunction(`document.querySelector('#${id}').textContent !== ''`)
  return page.textContent(`#${id}`)
}

/** An amoCRM that the environment is registered with, and the variables that say so. */
export async function registerAmo({ onTestFinished }: TestContext) {
  const port = String(await freePort())
  const redirectUri = `http://127.0.0.1:${port}/v1/oauth/amo_crm/callback`
  const sandbox = createAmoSandbox({ demo: true, redirectUri })
  const { vendor, close } = await serveVendor(sandbox)
  const { url } = vendor
  onTestFinished(close)
  const { clientId, clientSecret } = sandbox.consent.app
  const app = { AMO_CRM_CLIENT_ID: clientId, AMO_CRM_CLIENT_SECRET: clientSecret, AMO_CRM_REDIRECT_URI: redirectUri }
  const variables = { ...app, AMO_CRM_CONSENT_URL: `${url}/oauth`, EGRESS_ALLOW_ORIGINS: url, PORT: port }
  return { sandbox, vendor, variables }
}

/** The person's browser ends with an integration whose sales are those of the account. */
export async function connectByConsent(browser: Browser, service: Service, { account }: AmoSandbox): Promise<void> {
  const product = await serveProduct(service)
  const [own, other] = [await browser.newContext(), await browser.newContext()]
  try {
    const { ours, product: link, token } = await invite(service, product.origin)
    const page = await own.newPage()
    const requested: string[] = []
    page.on('request', (request) => requested.push(request.url()))
    // The link opens in one page; here that is the product's own.
    await page.goto(ours.split('#')[0] ?? '')
    await page.getByText(BUSINESS.name).first().waitFor()
    await page.goto(link)
    expect(await textOf(page, 'business')).toBe(BUSINESS.name)
    const stranger = await other.newPage()
    await stranger.goto(link)
    expect(await textOf(stranger, 'state')).toBe('refused: session_ended')
    await textOf(page, 'go')
    await page.click('#go')
    await page.click('button[value=allow]')
    expect(await textOf(page, 'account')).toBe('Кофейня: true')
    const state = await textOf(page, 'state')
    expect(requested.join('\n')).not.toContain(token)
    await forwarded({ own: page, other: stranger }, service, product.origin)
    const integrationId = /^connected (\S+)$/.exec(state ?? '')?.[1] ?? `not connected: ${state}`
    expect(await storedIds(service, integrationId, account.ledger().length)).toEqual(
      account
        .ledger()
        .map(({ externalId }) => externalId)
        .toSorted(),
    )
  } finally {
    product.close()
    await Promise.all([own.close(), other.close()])
  }
}

const SYNCED_MS = 180_000

/** The sales once so many are there, which the schedule brings. */
async function storedIds(service: Service, integrationId: string, count: number): Promise<string[]> {
  const deadline = Date.now() + SYNCED_MS
  for (;;) {
    const ids: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/v1/integrations/${integrationId}/transactions?limit=200${cursor && `&cursor=${cursor}`}`
      const page: z.infer<typeof Sales> = Sales.parse(await call(service, 'GET', path))
      ids.push(...page.items.map(({ externalId }) => externalId))
      cursor = page.nextCursor
    }
    if (ids.length >= count || Date.now() > deadline) return ids.toSorted()
    await sleep(200)
  }
}

const Sales = z.object({ items: z.array(z.object({ externalId: z.string() })), nextCursor: z.string().nullable() })

interface Pages {
  readonly own: Page
  readonly other: Page
}

/** The consent link of one browser is followed in another, whose person allows the access. */
async function forwarded({ own, other }: Pages, service: Service, origin: string): Promise<void> {
  const { businessId, product } = await invite(service, origin)
  await own.goto(product)
  await textOf(own, 'go')
  const consentLink = (await own.getAttribute('#go', 'href')) ?? ''
  await other.goto(consentLink)
  await other.click('button[value=allow]')
  expect(await textOf(other, 'state')).toMatch(/^refused: /)
  const { items } = await call(service, 'GET', `/v1/integrations?businessId=${businessId}`)
  expect(items).toEqual([])
}
