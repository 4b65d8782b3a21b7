// The page in a frame of the product's: consent is given in a window of its own, the frame goes on by itself, and the
// product, whose origin the session names, is told. Another origin may not frame it at all.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { BUSINESS, call, type Service } from './consent.ts'

/** A page of the product's that keeps what it is told. */
async function serveProduct() {
  const script =
    'window.told = []; window.addEventListener("message", ({ origin, data }) => told.push({ origin, ...data }))'
  const server = createServer((request, response) => {
    const framed = new URL(request.url ?? '/', 'http://product').searchParams.get('framed') ?? ''
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      `<!doctype html><title>Product</title><script>${script}</script><iframe src="${framed}" width="1200" height="900"></iframe>`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Two names of one machine are two origins.
  return { origin: `http://127.0.0.1:${port}`, stranger: `http://localhost:${port}`, close: () => server.close() }
}

export async function connectInFrame(browser: Browser, service: Service): Promise<void> {
  const product = await serveProduct()
  const context = await browser.newContext({ locale: 'ru-RU' })
  try {
    const businessId = crypto.randomUUID()
    await call(service, 'PUT', `/v1/businesses/${businessId}`, BUSINESS)
    const request = { businessId, crmTypes: ['amo_crm'], origin: product.origin }
    const { url } = await call(service, 'POST', '/v1/connect-sessions', request)
    const framed = `?framed=${encodeURIComponent(url)}`
    const stranger = await context.newPage()
    await stranger.goto(`${product.stranger}/${framed}`)
    expect(stranger.frames()[1]?.url()).toMatch(/^chrome-error:/)
    const page = await context.newPage()
    await page.goto(`${product.origin}/${framed}`)
    const frame = page.frameLocator('iframe')
    await frame.getByRole('link', { name: /^amoCRM/ }).click()
    const [consent] = await Promise.all([
      page.waitForEvent('popup'),
      frame.getByRole('button', { name: 'Перейти в amoCRM' }).click(),
    ])
    await consent.locator('button[value=allow]').click()
    await frame.getByText('Всё работает: Кофейня').first().waitFor()
    await frame.getByRole('button', { name: 'Включить' }).click()
    await frame.getByText('Подключено. Первая синхронизация началась.').first().waitFor()
    const { items } = await call(service, 'GET', `/v1/integrations?businessId=${businessId}`)
    expect(items).toMatchObject([{ crmType: 'amo_crm', syncEnabled: true }])
    // A message may come after what is seen in the frame.
    await page.waitForFunction('window.told.length > 0')
    const told = await page.evaluate<unknown>('window.told')
    expect(told).toEqual([{ origin: service.url, type: 'crm.connected', integrationId: items[0].id }])
    if (!consent.isClosed()) await consent.waitForEvent('close')
  } finally {
    product.close()
    await context.close()
  }
}
