// An owner with a browser of his own, who finds everything by its role and the text that he reads.
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { type Word, word } from '#chaos/page/words.ts'
import type { Language } from '#lib/localized.ts'

/** On a busy machine. */
const PATIENCE_MS = 60_000

export interface Owner {
  readonly page: Page
  readonly context: BrowserContext
  readonly language: Language
  /** What went wrong beside what is looked for: errors of the page, and hosts that it has no business with. */
  readonly faults: string[]
  readonly w: (name: Word) => string
  readonly heading: (name: Word) => Locator
  readonly button: (name: Word) => Locator
  readonly link: (name: Word) => Locator
  /** The word that Home begins with. */
  readonly state: (name: Word) => Locator
  /** Of the navigation. */
  readonly go: (name: Word) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openOwner(
  browser: Browser,
  url: string,
  { language, hosts = [] }: { readonly language: Language; readonly hosts?: readonly string[] },
): Promise<Owner> {
  const context = await browser.newContext({
    ...{ locale: language === 'ru' ? 'ru-RU' : 'en-GB', viewport: { width: 1280, height: 812 } },
    reducedMotion: 'reduce',
  })
  const owner = await openTab(context, url, { language, hosts, faults: [] })
  return { ...owner, close: async () => context.close() }
}

interface Tab {
  readonly language: Language
  readonly hosts: readonly string[]
  readonly faults: string[]
}

export async function openTab(context: BrowserContext, url: string, { language, hosts, faults }: Tab): Promise<Owner> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text())
  })
  const known = [new URL(url).origin, ...hosts, 'data:', 'blob:']
  page.on('request', (request) => {
    if (!known.some((host) => request.url().startsWith(host))) faults.push(`another host: ${request.url()}`)
  })
  const w = (name: Word) => word(name, language)
  const link = (name: Word) => page.getByRole('link', { name: w(name), exact: true })
  await page.goto(url)
  return {
    ...{ page, context, language, faults, w, link },
    state: (name) => page.getByRole('status').filter({ hasText: w(name) }),
    heading: (name) => page.getByRole('heading', { name: w(name), exact: true }),
    button: (name) => page.getByRole('button', { name: w(name), exact: true }),
    go: async (name) => {
      await page
        .getByRole('navigation')
        .getByRole('link', { name: w(name), exact: true })
        .click()
      await page.getByRole('heading', { name: w(name), level: 1 }).waitFor()
    },
    close: async () => page.close(),
  }
}
