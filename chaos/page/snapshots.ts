// Pictures of screens beside those that are committed. The fonts are those of the package of Chromium, so that they are
// the same on every machine; a share of the pixels may differ, as edges of letters do.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** A moved line or a lost colour changes more. */
const SHARE_MAX = 0.005
/** Of a colour's channel, of 255. */
const CHANNEL_MAX = 40

/** What is wrong; null: the screen looks as it is committed. A picture that is missing is made. */
export async function differsFrom(page: Page, file: string): Promise<string | null> {
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide', scale: 'css' })
  if (!existsSync(file) || process.env['UPDATE_PICTURES'] === '1') {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, picture)
    return null
  }
  const browser = page.context().browser()
  if (!browser) throw new Error('a page of no browser')
  const share = await differingShare(browser, readFileSync(file), picture)
  if (share <= SHARE_MAX) return null
  const seen = file.replace(/\.png$/, '.seen.png')
  writeFileSync(seen, picture)
  return `${(share * 100).toFixed(1)} % of ${file} differ: ${seen}`
}

async function differingShare(browser: Browser, one: Buffer, other: Buffer): Promise<number> {
  const page = await browser.newPage()
  try {
    const [before, after] = [one, other].map((png) => JSON.stringify(`data:image/png;base64,${png.toString('base64')}`))
    return await page.evaluate<number>(`(${COMPARE})(${before}, ${after}, ${CHANNEL_MAX})`)
  } finally {
    await page.close()
  }
}

/** In the browser, which reads pictures. 1: they have different sizes. */
const COMPARE = `async (before, after, channelMax) => {
  const pixelsOf = async (url) => {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob())
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    return context.getImageData(0, 0, bitmap.width, bitmap.height)
  }
  const [one, other] = [await pixelsOf(before), await pixelsOf(after)]
  if (one.width !== other.width || one.height !== other.height) return 1
  let differing = 0
  for (let at = 0; at < one.data.length; at += 4) {
    const isFar = [0, 1, 2].some((channel) => Math.abs(one.data[at + channel] - other.data[at + channel]) > channelMax)
    if (isFar) differing += 1
  }
  return differing / (one.data.length / 4)
}`
