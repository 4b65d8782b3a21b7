// How the key screens look, with data and a clock that never change; and that nothing moves while they load.
// `npm run snapshots` renews the pictures.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { settled } from '#chaos/page/way.ts'
import { openBrowser } from '#dev/chromium.ts'
import { SESSION, STATES } from './looks-answers.ts'
import { differenceOf } from './looks-compare.ts'
import { NOW } from './looks-sales.ts'
import { observeShifts, shiftsOf } from './looks-shifts.ts'
import { playPage } from './page-stage.ts'

const IS_RENEWED = process.env['SNAPSHOTS'] === 'renew'
/** Each answer is painted before the next one comes. */
const PAUSE_MS = 40
/** A tenth of what is called good. */
const SHIFT_MAX = 0.01
const SIZES = { desk: { width: 1024, height: 640 }, phone: { width: 375, height: 812 } } as const

interface Look {
  readonly screen: string
  readonly state: keyof typeof STATES
  readonly path: string
  readonly language: 'ru' | 'en'
  readonly theme: 'light' | 'dark'
  readonly size: keyof typeof SIZES
  /** What a person does there. */
  readonly act?: (page: Page) => Promise<void>
}

const FILE = { name: 'Касса на Лесной, февраль.csv', mimeType: 'text/csv', buffer: Buffer.from('a;b\n1;2\n') }

const LOOKS: readonly Look[] = [
  { screen: 'choose', state: 'nothing', path: '/choose', language: 'ru', theme: 'light', size: 'desk' },
  {
    ...{ screen: 'mistake', state: 'nothing', path: '/connect/1c', language: 'ru', theme: 'dark', size: 'phone' },
    act: async (page) => page.locator('button[type=submit]').click(),
  },
  { screen: 'test', state: 'connected', path: '/test', language: 'ru', theme: 'light', size: 'phone' },
  { screen: 'home', state: 'connected', path: '/', language: 'ru', theme: 'light', size: 'desk' },
  { screen: 'empty', state: 'new', path: '/', language: 'en', theme: 'dark', size: 'phone' },
  { screen: 'sales', state: 'connected', path: '/sales', language: 'ru', theme: 'dark', size: 'desk' },
  {
    ...{ screen: 'sale', state: 'connected', path: '/sales?sale=record:88123400' },
    ...{ language: 'en', theme: 'light', size: 'phone' },
  },
  {
    ...{ screen: 'doubts', state: 'files', path: '/import', language: 'ru', theme: 'light', size: 'phone' },
    act: async (page) => {
      await page.locator('input[type=file]').setInputFiles(FILE)
      await page.getByRole('radio').first().waitFor()
    },
  },
  {
    screen: 'calendar',
    state: 'connected',
    path: '/days?day=2026-03-19',
    language: 'en',
    theme: 'dark',
    size: 'phone',
  },
  { screen: 'reconnect', state: 'refused', path: '/reconnect', language: 'ru', theme: 'dark', size: 'desk' },
]

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(async () => browser.close())

it.each(LOOKS)('$screen looks as it did, and nothing moves while it loads', async (look) => {
  const { state, path, language, theme, size, act } = look
  const page = {
    ...{ businessName: SESSION.business.name, isConnected: state !== 'nothing', language },
    operator: { name: 'Касса', logoUrl: null, support: 'help@kassa.example' },
  }
  const stage = await playPage({ session: { ...SESSION, language }, page, answers: STATES[state], pauseMs: PAUSE_MS })
  const context = await browser.newContext({
    ...{ viewport: SIZES[size], locale: language, colorScheme: theme, reducedMotion: 'reduce', timezoneId: 'UTC' },
  })
  try {
    const tab = await context.newPage()
    await tab.clock.setFixedTime(new Date(NOW))
    await observeShifts(tab)
    await tab.addInitScript(openedBefore(stage.url))
    await tab.goto(`${stage.url.split('#')[0]}#${path}`)
    await untilStill(tab)
    const { sum, moved } = await shiftsOf(tab)
    expect(sum, moved.join()).toBeLessThan(SHIFT_MAX)
    await act?.(tab)
    await untilStill(tab)
    const picture = await tab.screenshot({ animations: 'disabled', caret: 'hide' })
    expect(differenceOf(look.screen, picture, IS_RENEWED)).toBeNull()
  } finally {
    await context.close()
    await stage.close()
  }
})

/** As openLink keeps a link that this tab has opened: only then an address may name a screen. */
function openedBefore(link: string): string {
  const key = `crm-connect-session:${new URL(link).searchParams.get('s')}`
  return `sessionStorage.setItem('${key}', '{"token":"a-link","browserSecret":"a-secret"}')`
}

/** Nothing is still to come, and what came is painted. */
async function untilStill(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await settled(page)
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
}
