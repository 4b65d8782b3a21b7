// What only a browser shows of the page: what stays typed, where the focus is, and what windows tell each other.
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { openBrowser } from '#dev/chromium.ts'
import { type Answer, example, playOther, playPage } from './page-stage.ts'
import { visitIn } from './page-visit.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser.close())

/** A page of the product's that frames the link, and hears what it is told. */
async function frameOf(page: Page, url: string): Promise<FrameLocator> {
  await page.evaluate(`
    window.heard = []
    addEventListener('message', ({ data }) => heard.push(data))
    const frame = document.createElement('iframe')
    frame.src = ${JSON.stringify(url)}
    document.body.append(frame)`)
  return page.frameLocator('iframe')
}

/** What the page of the product has heard: a message may come after what is seen in the frame. */
const heardBy = (page: Page) => expect.poll(async () => page.evaluate<unknown[]>('heard'), { interval: 50 })

const PERMISSIONS = ['connect', 'view', 'import']
const NOTHING = { items: [], nextCursor: null }

function typeWith(part: Answer): Answer {
  const words = { en: 'Key', ru: 'Ключ' }
  return {
    ...{ crmType: 'amo_crm', title: 'amoCRM', minutes: 3, ways: [], guide: { en: ['Look'], ru: ['Смотрите'] } },
    apiUrl: { required: false, default: null, label: words, help: words },
    credentials: [{ name: 'apiKey', required: true, isSecret: true, label: words, help: words }],
    ...{ additionalConfigSchema: {}, settings: [], capabilityTitles: [], capabilities: {} },
    ...part,
  }
}

const visit = async (test: TestContext, url: string) => visitIn(browser, test, url)

it('keeps what was typed when the language changes', async (test) => {
  const { url, close } = await playPage({
    session: { permissions: PERMISSIONS, crmTypes: null, language: 'en' },
    answers: { 'GET /v1/integrations': NOTHING, 'GET /v1/crm-types': { items: [typeWith({})] } },
  })
  test.onTestFinished(close)
  const [page] = await visit(test, url)
  await page.getByRole('link', { name: /amoCRM/ }).click()
  await page.getByLabel('Key', { exact: true }).fill('half a key')
  await page.getByRole('button', { name: 'Русский' }).click()
  await page.getByRole('heading', { name: 'Подключить amoCRM' }).waitFor()
  expect(await page.getByLabel('Ключ', { exact: true }).inputValue()).toBe('half a key')
})

it('puts the focus on the first mistake, also on a group of boxes or a single one', async (test) => {
  const words = (en: string) => ({ en, ru: en })
  const setting = { help: null, isMain: true, options: [] }
  const type = typeWith({
    additionalConfigSchema: {
      properties: {
        kinds: { type: 'array', items: { type: 'string', enum: ['deals', 'invoices'] } },
        drafts: { type: 'boolean' },
      },
    },
    settings: [
      { ...setting, name: 'kinds', title: words('What counts') },
      { ...setting, name: 'drafts', title: words('Drafts too') },
    ],
  })
  const wrong = (path: string, message: string) => ({ path: `additionalConfig.${path}`, code: 'x', message })
  const errors = [wrong('drafts', 'not with deals'), wrong('kinds', 'choose one at least')]
  const problem = { status: 400, code: 'invalid_request', detail: '', requestId: '', errors }
  const { url, close } = await playPage({
    session: { permissions: PERMISSIONS, crmTypes: null, language: 'en' },
    answers: {
      ...{ 'GET /v1/integrations': NOTHING, 'GET /v1/crm-types': { items: [type] } },
      'POST /v1/integrations': problem,
    },
  })
  test.onTestFinished(close)
  const [page] = await visit(test, url)
  await page.getByRole('link', { name: /amoCRM/ }).click()
  await page.getByLabel('Key', { exact: true }).fill('a key')
  await page.getByRole('button', { name: 'Test the connection' }).click()
  const group = page.getByRole('group', { name: 'What counts', description: /Choose one at least/ })
  await group.waitFor()
  expect(await page.evaluate('document.activeElement.labels[0].textContent')).toBe('deals')
  await group.getByLabel('deals').check()
  await page.getByRole('checkbox', { name: 'Drafts too', description: /Not with deals/ }).waitFor()
})

const OF = '/v1/integrations/6c3d2a94-1f7b-4a55-8e0d-94b1c7e5f201'
const WITH_SALES = {
  session: { permissions: PERMISSIONS, language: 'en' },
  answers: {
    'GET /v1/integrations': example('IntegrationList'),
    [`GET ${OF}/transactions`]: example('TransactionList'),
    [`GET ${OF}/transactions/summary`]: example('TransactionSummary'),
  },
}

it('keeps a filter that is chosen while a search is typed', async (test) => {
  const { url, close } = await playPage(WITH_SALES)
  test.onTestFinished(close)
  const [page] = await visit(test, url)
  await page.getByRole('link', { name: 'Sales', exact: true }).click()
  await page.getByLabel('Customer', { exact: true }).fill('Anna')
  await page.getByRole('button', { name: 'Today' }).click()
  await page.waitForURL(/q=Anna/)
  expect(page.url()).toContain('period=today')
})

it('gives the focus back when the details of a sale are closed', async (test) => {
  const { url, close } = await playPage(WITH_SALES)
  test.onTestFinished(close)
  const [page] = await visit(test, url)
  await page.getByRole('link', { name: 'Sales', exact: true }).click()
  await page.locator('button[aria-haspopup=dialog]').first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.className')).toBe('sales-row')
})

it('asks the CRM why only when a person does, not when the network is back', async (test) => {
  const { url, close } = await playPage({
    ...WITH_SALES,
    answers: { ...WITH_SALES.answers, [`GET ${OF}/explanation`]: example('Explanation'), 'GET /healthz': {} },
  })
  test.onTestFinished(close)
  const [page, context] = await visit(test, url)
  let asked = 0
  let read = 0
  page.on('request', (request) => {
    if (request.url().includes('/explanation')) asked += 1
    if (request.url().endsWith('/v1/integrations?limit=1')) read += 1
  })
  await page.getByRole('link', { name: 'Sales', exact: true }).click()
  await page.evaluate('location.hash = "#/explain?id=record:88123401"')
  await page.getByRole('heading', { name: 'Why is it so?' }).waitFor()
  await page.getByText('визит отмечен').first().waitFor()
  const before = read
  await context.setOffline(true)
  await page.getByText('No connection').first().waitFor()
  await context.setOffline(false)
  await expect.poll(() => read).toBeGreaterThan(before)
  expect(asked).toBe(1)
  await page.getByRole('button', { name: 'Русский' }).click()
  await expect.poll(() => asked).toBe(2)
})

it('says that it could not be read, and tries again', async (test) => {
  const { url, close } = await playPage({ session: { permissions: PERMISSIONS, language: 'en' }, answers: {} })
  test.onTestFinished(close)
  const [page] = await visit(test, url)
  await page.getByRole('alert').waitFor()
  const asked = page.waitForRequest(/integrations/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await asked
})

it('opens in a second tab by the address, from which the token is gone', async (test) => {
  const { url, close } = await playPage({
    session: { permissions: PERMISSIONS, language: 'en' },
    answers: { 'GET /v1/integrations': NOTHING, 'GET /v1/crm-types': { items: [typeWith({})] } },
  })
  test.onTestFinished(close)
  const [page, context] = await visit(test, url)
  await page.getByRole('link', { name: /amoCRM/ }).waitFor()
  expect(page.url()).not.toContain('token')
  const second = await context.newPage()
  await second.goto(page.url())
  await second.getByRole('link', { name: /amoCRM/ }).waitFor()
})

it('takes a consent up in its frame, and says to the product alone what was connected', async (test) => {
  const product = await playOther('<!doctype html><title>Product</title>')
  const crm = await playOther('<!doctype html><title>CRM</title>')
  const ways = [{ name: 'consent', isAvailable: true }]
  const confirmed: Answer = { ...example('ConfirmedConsent'), syncEnabled: true }
  const { url, close } = await playPage({
    ...{ session: { permissions: PERMISSIONS, crmTypes: null, language: 'en' }, origin: product.url },
    answers: {
      ...{ 'GET /v1/integrations': NOTHING, 'GET /v1/crm-types': { items: [typeWith({ ways })] } },
      'GET /v1/oauth/amo_crm/authorize': { ...example('ConsentUrl'), url: crm.url },
      'POST /v1/oauth/amo_crm/confirm': confirmed,
    },
  })
  for (const end of [product.close, crm.close, close]) test.onTestFinished(end)
  const [page, context] = await visit(test, product.url)
  const frame = await frameOf(page, url)
  await frame.getByRole('link', { name: /amoCRM/ }).click()
  const opening = context.waitForEvent('page')
  await frame.getByRole('button', { name: 'Go on to amoCRM' }).click()
  const popup = await opening
  await popup.waitForURL(`${crm.url}/**`)
  const closed = popup.waitForEvent('close')
  // Not by `goto`: the window may close before it has loaded.
  await popup.evaluate(`location.href = ${JSON.stringify(url.replace(/#.*/, '#ticket=given'))}`)
  await closed
  await frame.getByRole('heading', { name: /Test|Check/ }).waitFor()
  await heardBy(page).toEqual([{ type: 'crm.connected', integrationId: confirmed['id'] }])
})

it('takes an installation from a marketplace up, whose ticket leaves the address at once', async (test) => {
  const installed: Answer = { ...example('Integration'), syncEnabled: true }
  const claim = 'POST /v1/marketplace/installs/claim'
  const stage = await playPage({
    session: { permissions: PERMISSIONS, crmTypes: null, language: 'en' },
    answers: {
      get 'GET /v1/integrations'() {
        return stage.sent(claim) === null ? NOTHING : { items: [installed], nextCursor: null }
      },
      [claim]: installed,
    },
  })
  test.onTestFinished(stage.close)
  const [page] = await visit(test, 'about:blank')
  await page.goto(`${stage.url}&install=of-the-marketplace`)
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  expect(stage.sent(claim)).toEqual({ ticket: 'of-the-marketplace' })
  expect(page.url()).not.toMatch(/install|token/)
})

it('leads back to the product out of its frame', async (test) => {
  const product = await playOther('<!doctype html><title>Product</title>')
  const returnUrl = `${product.url}/settings`
  const session = { ...WITH_SALES.session, returnUrl }
  const { url, end, close } = await playPage({ ...WITH_SALES, session, page: { returnUrl }, origin: product.url })
  for (const stop of [product.close, close]) test.onTestFinished(stop)
  const [page] = await visit(test, product.url)
  await (await frameOf(page, url)).getByRole('link', { name: 'Back to the product' }).click()
  await page.waitForURL(returnUrl)

  end()
  await page.goto(product.url)
  await (await frameOf(page, url)).getByRole('link', { name: 'Back to the product' }).click()
  await page.waitForURL(returnUrl)
})

it('tells the product that it failed only where nothing was connected', async (test) => {
  const product = await playOther('<!doctype html><title>Product</title>')
  const { url, end, close } = await playPage({ ...WITH_SALES, origin: product.url })
  for (const stop of [product.close, close]) test.onTestFinished(stop)
  const [page] = await visit(test, product.url)
  const frame = await frameOf(page, url)
  await frame.getByRole('link', { name: 'Sales', exact: true }).waitFor()
  end()
  // Not by a click: the page may have noticed by itself, and then there is no link.
  await frame.locator('body').evaluate('location.hash = "#/sales"')
  await frame.getByRole('heading', { name: 'This link is no longer good' }).waitFor()
  expect(await page.evaluate('heard')).toEqual([])

  const [other] = await visit(test, product.url)
  await (await frameOf(other, url)).getByRole('heading', { name: 'This link is no longer good' }).waitFor()
  await heardBy(other).toEqual([{ type: 'crm.failed', integrationId: null }])
})
