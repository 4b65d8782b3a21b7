// A real Chromium from npm: nothing has to be installed on the machine.
import { AxeBuilder } from '@axe-core/playwright'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as browsers, type Page } from 'playwright-core'

export async function openBrowser(): Promise<Browser> {
  // One process for all ends with its first context.
  const args = chromium.args.filter((arg) => arg !== '--single-process')
  return browsers.launch({ executablePath: await chromium.executablePath(), args, headless: true })
}

/** What axe finds on a page, as `rule: element`; on a phone, in light and in dark, with all that can be opened open. */
export async function findBarriers(browser: Browser, url: string): Promise<string[]> {
  const found: string[] = []
  const page = await browser.newPage({ viewport: { width: 375, height: 812 } })
  page.on('pageerror', (error) => found.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) found.push(`another host: ${request.url()}`)
  })
  await page.goto(url)
  await openAll(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Otherwise it opens a second page for its last step.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${colorScheme}, ${id}: ${html}`)))
    if (await isWide(page)) found.push(`${colorScheme}: it scrolls sideways`)
  }
  return found
}

async function openAll(page: Page): Promise<void> {
  await page.evaluate(`document.querySelectorAll('details').forEach((part) => { part.open = true })`)
}

async function isWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}
