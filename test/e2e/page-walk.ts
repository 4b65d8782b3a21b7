// A newcomer's first walk through the page, from the address that a start prints: everything is found by its role and
// its visible text, and every screen that it adds is looked at for barriers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import * as z from 'zod'
import { asksWhy } from '#chaos/page/ask-why.ts'
import { testAndSwitchOn } from '#chaos/page/connect.ts'
import { importsFiles, openForFiles } from '#chaos/page/files.ts'
import { openOwner, type Owner } from '#chaos/page/owner.ts'
import type { Service } from '#chaos/page/service.ts'
import { editSandbox } from '#chaos/page/vendors.ts'
import { createLook, type Look, seesSaleArrive } from '#chaos/page/way.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'

interface Started extends Service {
  readonly pageUrl: string
  readonly sandboxUrl: string
  /** What the start printed. */
  readonly output: string
}

const SYNC_MS = 180_000

/** Connects the sandbox, sees a sale arrive, asks why another did not, connects again, and imports a file. */
export async function walkFromStart(browser: Browser, started: Started): Promise<void> {
  const { pageUrl, sandboxUrl, output } = started
  const barriers: string[] = []
  const look = createLook(barriers, 'at one width')
  const owner = await openOwner(browser, pageUrl, { language: 'en' })
  await connect(owner, output, look)
  const arrives = await seesSaleArrive(
    owner,
    async (rubles) => void (await editSandbox(sandboxUrl, { do: 'sell', rubles })),
  )
  expect(arrives).toBeNull()
  await asksWhy(owner, await unpaidRecord(sandboxUrl), look)
  await connectAgain(owner, sandboxUrl, look)
  await owner.close()
  const files = await openForFiles(browser, started, 'en')
  expect([...(await importsFiles(files, look)), ...owner.faults, ...files.faults]).toEqual([])
  await files.close()
  expect(barriers).toEqual([])
}

/** What is printed below the address to be entered, by the labels of the page. */
function entriesIn(output: string): ReadonlyMap<string, string> {
  const [, block = ''] = /to connect this CRM yourself: .*\n((?: {2}[^:\n]+: .*\n)+)/.exec(output) ?? []
  const lines = block.trim().split('\n')
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

async function connect(owner: Owner, output: string, look: Look): Promise<void> {
  const { page, heading, button, w } = owner
  await heading('choose').waitFor()
  expect(page.url()).not.toContain('token')
  await page.getByRole('link', { name: /^YCLIENTS/ }).click()
  await page.getByText(w('ownKeys')).click()
  await page.getByText(w('more')).click()
  for (const [label, value] of entriesIn(output)) {
    await page.getByRole(roleOf(label), { name: new RegExp(`^${label}(?: \\(optional\\))?$`) }).fill(value)
  }
  await look(owner, 'connect')
  await button('test').click()
  await page.getByText('Everything works').first().waitFor()
  expect(await rowsOf(owner)).toEqual(
    expect.arrayContaining(['Access Works', 'Visits Works', 'Payments and sales Works']),
  )
  await testAndSwitchOn(owner)
}

function roleOf(label: string): 'spinbutton' | 'textbox' {
  return label === 'Days of history' ? 'spinbutton' : 'textbox'
}

async function rowsOf({ page }: Owner): Promise<string[]> {
  const titles = page.getByRole('list', { name: 'What was checked' }).getByRole('listitem').locator('p:first-child')
  // The rows come one by one.
  while ((await titles.allInnerTexts()).some((text) => text.includes('Being checked'))) await sleep(50)
  return (await titles.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))
}

/** The token is revoked in the CRM: Home says so, and leads to where a new one is asked for. */
async function connectAgain(owner: Owner, sandboxUrl: string, look: Look): Promise<void> {
  const { page, go, button, link, state, w } = owner
  const { apiSecret } = z.object({ apiSecret: z.string() }).parse(await editSandbox(sandboxUrl, { do: 'revoke-token' }))
  await go('home')
  await button('syncNow').click()
  await state('refused').waitFor({ timeout: SYNC_MS })
  await link('again').first().click()
  await page.getByLabel('User token').fill(apiSecret)
  await look(owner, 'reconnect')
  await button('saveAccess').click()
  await page.getByText(w('connectedAgain'), { exact: true }).waitFor()
  await link('home').click()
  await state('well').waitFor({ timeout: SYNC_MS })
}

/** The id of a visit of the salon that nobody has paid. */
async function unpaidRecord(sandboxUrl: string): Promise<string> {
  const { credentials, additionalConfig } = createYclientsSandbox().connection
  const { apiKey, apiSecret } = credentials
  const headers = { authorization: `Bearer ${apiKey}, User ${apiSecret}`, accept: 'application/vnd.yclients.v2+json' }
  const path = `/api/v1/records/${String(additionalConfig['companyId'])}?count=200`
  const answer = await fetch(`${sandboxUrl}${path}`, { headers })
  const { data } = JSON.parse(await answer.text())
  const unpaid = data.find((visit: { attendance: number }) => visit.attendance !== 1)
  return `record:${unpaid.id}`
}
