// What goes wrong while a person uses the page: it is said, with what to do, and nothing is shown that is not so.
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest'
import type { Browser, Route } from 'playwright-core'
import { openBrowser } from '#dev/chromium.ts'
import { type Answer, example, playPage } from './page-stage.ts'
import { visitIn } from './page-visit.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser.close())

const OPERATOR = { name: 'Till', logoUrl: null, support: 'help@till.example' }
const OF = '/v1/integrations/6c3d2a94-1f7b-4a55-8e0d-94b1c7e5f201'
const SALES = {
  [`GET ${OF}/transactions`]: example('TransactionList'),
  [`GET ${OF}/transactions/summary`]: example('TransactionSummary'),
}

/** Opens the page with what the API says of one integration. */
async function open(test: TestContext, { integration = {}, session = {}, answers = {} }: Record<string, Answer>) {
  const stage = await playPage({
    session: { permissions: ['connect', 'view', 'import'], crmTypes: null, language: 'en', ...session },
    page: { operator: OPERATOR, isConnected: true },
    answers: {
      'GET /v1/integrations': { items: [{ ...example('Integration'), ...integration }], nextCursor: null },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each is an answer
      ...(answers as Readonly<Record<string, Answer>>),
    },
  })
  test.onTestFinished(stage.close)
  const [page] = await visitIn(browser, test, stage.url)
  const go = async (screen: string) =>
    page.getByRole('navigation').getByRole('link', { name: screen, exact: true }).click()
  return { page, go, sent: stage.sent }
}

const [SALE = {}] = Object.values(SALES).flatMap((answer) => (Array.isArray(answer['items']) ? answer['items'] : []))
const saleOf = (name: string, at: string): Answer => ({
  ...{ ...SALE, id: crypto.randomUUID(), externalId: name, occurredAt: at },
  customer: { externalId: null, name, phone: null, email: null, card: null },
})

it('shows the sales of the filter that is chosen, also when more of those before come late', async (test) => {
  const { page, go } = await open(test, { answers: SALES })
  let late: Route | undefined
  await page.route(/\/transactions\?/, async (route) => {
    const query = new URL(route.request().url()).searchParams
    if (query.has('cursor')) {
      late = route
      return
    }
    const isRefunds = query.get('kind') === 'refund'
    const [name, at] = isRefunds
      ? ['Of the refunds', '2026-03-02T10:00:00.000Z']
      : ['Of all', '2026-03-01T10:00:00.000Z']
    const items = [saleOf(name, at)]
    await route.fulfill({ json: { items, nextCursor: isRefunds ? null : 'further' } })
  })
  await go('Sales')
  await page.getByText('Of all').waitFor()
  const asked = page.waitForRequest(/cursor=further/)
  await page.getByRole('button', { name: 'Show more' }).click()
  await asked
  await page.getByLabel('Kind').selectOption('refund')
  await page.getByText('Of the refunds').waitFor()
  // The page may have given it up by now.
  await late
    ?.fulfill({ json: { items: [saleOf('Too late', '2026-02-01T10:00:00.000Z')], nextCursor: null } })
    .catch(() => {})
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
  expect(await page.locator('.sales-row-who').allInnerTexts()).toEqual(['Of the refunds'])
})

it('leads back to the screen before once the details of a sale are closed', async (test) => {
  const { page, go } = await open(test, { answers: SALES })
  await go('Sales')
  await page.locator('button[aria-haspopup=dialog]').first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.goBack()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
})

it('says that a file could not be downloaded', async (test) => {
  const files = { crmType: 'csv', apiUrl: null, syncEnabled: false }
  const failed = { status: 500, code: 'internal_error', type: 'a', detail: 'It failed here.', requestId: 'of-this' }
  const answers = { [`GET ${OF}/imports/sample.csv`]: failed, [`GET ${OF}/formats`]: { items: [], nextCursor: null } }
  const { page, go } = await open(test, { integration: files, answers })
  await go('Files')
  await page.getByRole('button', { name: 'Download an example' }).click()
  await page.getByRole('alert').filter({ hasText: 'It failed here.' }).getByText('of-this').waitFor()
})

it('keeps the focus on what follows while a file goes through its steps', async (test) => {
  const files = { crmType: 'csv', apiUrl: null, syncEnabled: false }
  const answers = {
    [`GET ${OF}/formats`]: { items: [], nextCursor: null },
    [`POST ${OF}/imports/preview`]: example('ImportPreview'),
  }
  const { page, go } = await open(test, { integration: files, answers })
  await go('Files')
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Choose a file/ }).press('Enter')
  await (await choosing).setFiles({ name: 'till.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b') })
  await page.getByRole('heading', { name: 'What would be stored' }).waitFor()
  await page.locator('.focus-place:focus').getByRole('button', { name: 'Import', exact: true }).waitFor()
  await page.locator('[aria-live]').filter({ hasText: 'What would be stored' }).waitFor({ state: 'attached' })
})

it('keeps the stored keys where only a setting is entered anew', async (test) => {
  const words = { en: 'Branch', ru: 'Филиал' }
  const key = { name: 'apiKey', required: true, isSecret: true, label: { en: 'Key', ru: 'Ключ' }, help: words }
  const type = {
    ...{ crmType: 'yclients', title: 'YCLIENTS', minutes: 3, ways: [], guide: { en: [], ru: [] } },
    apiUrl: { required: false, default: null, label: words, help: words },
    ...{ credentials: [key], additionalConfigSchema: { properties: { branch: { type: 'string' } } } },
    settings: [{ name: 'branch', title: words, help: null, isMain: true, options: [] }],
    ...{ capabilityTitles: [], capabilities: {} },
  }
  const untested = { syncEnabled: false, hasCredentials: true, additionalConfig: {} }
  const answers = {
    'GET /v1/crm-types': { items: [type], nextCursor: null },
    [`PATCH ${OF}`]: example('Integration'),
  }
  const { page, sent } = await open(test, { integration: untested, answers })
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  await page.evaluate('location.hash = "#/connect/yclients"')
  await page.getByText('The keys are stored already.').waitFor()
  await page.getByLabel('Branch', { exact: true }).first().fill('54')
  await page.getByRole('button', { name: 'Test the connection' }).click()
  await page.getByRole('heading', { name: 'Test of the connection' }).waitFor()
  expect(sent(`PATCH ${OF}`)).toEqual({ apiUrl: expect.anything(), additionalConfig: { branch: '54' } })
})

it('says what to do where a screen fails, and leaves the others', async (test) => {
  const business = { id: crypto.randomUUID(), name: 'Salon', timezone: 'Nowhere/At_all', currency: 'RUB' }
  const { page, go } = await open(test, {
    session: { business },
    answers: { [`GET ${OF}/issues`]: { items: [], nextCursor: null } },
  })
  const failed = page.getByRole('alert').filter({ hasText: 'This part of the page does not work' })
  await failed.getByRole('link', { name: OPERATOR.support }).waitFor()
  await failed.getByRole('button', { name: 'Load the page again' }).waitFor()
  await go('Settings')
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
})

it('puts the focus on a setting that was refused, also where it is folded', async (test) => {
  const words = { en: 'Days of history', ru: 'Дней истории' }
  const type = {
    ...{ crmType: 'yclients', title: 'YCLIENTS', minutes: 3, ways: [], guide: { en: [], ru: [] }, credentials: [] },
    apiUrl: { required: false, default: null, label: words, help: words },
    additionalConfigSchema: { properties: { initialDays: { type: 'integer' }, other: { type: 'string' } } },
    settings: [
      { name: 'other', title: { en: 'Other', ru: 'Другое' }, help: null, isMain: true, options: [] },
      { name: 'initialDays', title: words, help: null, isMain: false, options: [] },
    ],
    ...{ capabilityTitles: [], capabilities: {} },
  }
  const errors = [{ path: 'additionalConfig.initialDays', code: 'x', message: 'at most 365' }]
  const answers = {
    'GET /v1/crm-types': { items: [type], nextCursor: null },
    [`GET ${OF}`]: example('Integration'),
    [`PATCH ${OF}`]: { status: 400, code: 'invalid_request', detail: '', requestId: '', errors },
  }
  const { page, go } = await open(test, { answers })
  await go('Settings')
  await page.getByLabel('Other').waitFor()
  await page.getByRole('button', { name: 'Save' }).last().click()
  const field = page.getByLabel('Days of history')
  await field.and(page.locator(':focus')).waitFor()
  await page.getByText('At most 365').waitFor()
})

it('names whom to ask where a link does not allow what has to be done', async (test) => {
  const issue = {
    ...{ id: 'a', businessId: null, integrationId: null, endpointId: null, code: 'brake', severity: 'error' },
    ...{ title: 'A sync would change too many sales', detail: 'Look into the CRM.', whoseTurn: 'owner', count: 1 },
    ...{ since: '2026-03-01T10:00:00.000Z', lastSeenAt: '2026-03-01T10:00:00.000Z', resolvedAt: null },
  }
  const answers = { ...SALES, [`GET ${OF}/issues`]: { items: [issue], nextCursor: null } }
  const { page } = await open(test, { answers })
  const card = page.getByRole('listitem').filter({ hasText: 'Look into the CRM.' })
  await card.getByRole('link', { name: OPERATOR.support }).waitFor()
})
