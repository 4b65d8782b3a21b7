// A newcomer's first minutes with the page, from the address that a start prints: everything is found by its role and
// its visible text.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'

interface Started {
  readonly pageUrl: string
  /** What the start printed. */
  readonly output: string
}

/** What is printed below the address to be entered, by the labels of the page. */
function entriesIn(output: string): ReadonlyMap<string, string> {
  const [, block = ''] = /to connect this CRM yourself: .*\n((?: {2}[^:\n]+: .*\n)+)/.exec(output) ?? []
  const lines = block.trim().split('\n')
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

/** Connects the printed CRM, and ends on the screen that shows what is connected. */
export async function connectFromStart(browser: Browser, { pageUrl, output }: Started): Promise<void> {
  const page = await browser.newPage({ locale: 'en-GB' })
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text())
  })
  try {
    await page.goto(pageUrl)
    await page.getByRole('heading', { level: 1, name: 'Where are the sales kept?' }).waitFor()
    expect(page.url()).not.toContain('token')
    await page.getByRole('link', { name: /^YCLIENTS/ }).click()
    await page.getByText('With keys of your own').click()
    await page.getByText('More settings').click()
    for (const [label, value] of entriesIn(output)) {
      await page.getByRole(roleOf(label), { name: new RegExp(`^${label}(?: \\(optional\\))?$`) }).fill(value)
    }
    await page.getByRole('button', { name: 'Test the connection' }).click()
    await page.getByText('Everything works').first().waitFor()
    expect(await rowsOf(page)).toEqual(
      expect.arrayContaining(['Access Works', 'Visits Works', 'Payments and sales Works']),
    )
    await page.getByRole('button', { name: 'Switch on' }).dblclick()
    await page.getByText('Connected. The first sync has begun.').first().waitFor()
    expect(complaints).toEqual([])
  } finally {
    await page.close()
  }
}

function roleOf(label: string): 'spinbutton' | 'textbox' {
  return label === 'Days of history' ? 'spinbutton' : 'textbox'
}

async function rowsOf(page: Page): Promise<string[]> {
  const titles = page.getByRole('list', { name: 'What was checked' }).getByRole('listitem').locator('p:first-child')
  // The rows come one by one.
  while ((await titles.allInnerTexts()).some((text) => text.includes('Being checked'))) await sleep(50)
  return (await titles.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))
}
