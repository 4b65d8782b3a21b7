// A page of the service that needs no session, as axe and a phone see it.
import type { Browser } from 'playwright-core'
import { barriersOf } from '#chaos/page/look.ts'

/** What axe finds on a page, with all that can be opened open; errors of the page, and calls to other hosts. */
export async function findBarriers(browser: Browser, url: string): Promise<string[]> {
  const found: string[] = []
  const page = await browser.newPage()
  page.on('pageerror', (error) => found.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) found.push(`another host: ${request.url()}`)
  })
  await page.goto(url)
  await page.evaluate(`document.querySelectorAll('details').forEach((part) => { part.open = true })`)
  found.push(...(await barriersOf(page, new URL(url).pathname, 'at one width')))
  await page.close()
  return found
}
