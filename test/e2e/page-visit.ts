// A person with a browser of his own, for one test.
import type { TestContext } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'

/** On a busy machine. */
const PATIENCE_MS = 30_000

export async function visitIn(
  browser: Browser,
  { onTestFinished }: TestContext,
  url: string,
): Promise<[Page, BrowserContext]> {
  const context = await browser.newContext({ locale: 'en' })
  onTestFinished(async () => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(url)
  return [page, context]
}
