// What a screen is to those who see it badly, or by a keyboard or a screen reader alone; at the widths of a phone, a
// tablet and a desk, in light and in dark.
import axe from 'axe-core'
import type { Page } from 'playwright-core'

const WIDTHS = [375, 768, 1280] as const
const HEIGHT = 812
const THEMES = ['light', 'dark'] as const

/** At which widths colours are looked at as well, in both themes: most of the time goes there. */
export type Colours = 'at each width' | 'at one width'

/** What axe finds, as `screen, width, theme, rule: element`; and what scrolls sideways. */
export async function barriersOf(page: Page, screen: string, colours: Colours = 'at each width'): Promise<string[]> {
  const found: string[] = []
  const before = page.viewportSize()
  await page.evaluate(`window.axe || (() => { ${axe.source} })()`)
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT })
    // All but colours is the same in both themes.
    found.push(...(await violationsOf(page, RULES)).map((violation) => `${screen}, ${width}, ${violation}`))
    for (const colorScheme of colours === 'at each width' || width === WIDTHS[0] ? THEMES : []) {
      await page.emulateMedia({ colorScheme })
      await page.evaluate(END_ANIMATIONS)
      const violations = await violationsOf(page, COLOURS_OF_FIRST)
      found.push(...violations.map((violation) => `${screen}, ${width}, ${colorScheme}, ${violation}`))
    }
    if (await isWide(page)) found.push(`${screen}, ${width}: it scrolls sideways`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  if (before) await page.setViewportSize(before)
  return found
}

/**
 * A colour on its way from one theme to the other is none of either. The first frame is what begins it, and one that
 * has ended may begin that of what inherits it.
 */
const END_ANIMATIONS = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done))
  for (;;) {
    await frame()
    await frame()
    const running = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime))
    if (running.length === 0) return
    for (const one of running) one.finish()
  }
})()`

const COLOURS = 'color-contrast'
const SHORT = { resultTypes: ['violations'], preload: false }
const RULES = { context: { include: ['html'] }, options: { ...SHORT, rules: { [COLOURS]: { enabled: false } } } }
/** Of the first of many beside each other: the others are like them. */
const COLOURS_OF_FIRST = {
  context: { exclude: [':nth-child(n + 9)'] },
  options: { ...SHORT, runOnly: [COLOURS] },
}

async function violationsOf(page: Page, { context, options }: typeof RULES | typeof COLOURS_OF_FIRST) {
  return page.evaluate<string[]>(
    `axe.run(${JSON.stringify(context)}, ${JSON.stringify(options)}).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`,
  )
}

async function isWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}
