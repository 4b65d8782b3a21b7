// What moves while a screen loads, as browsers count it: the share of the view that moved, times how far.
import type { Page } from 'playwright-core'
import * as z from 'zod'

const Shifts = z.array(z.object({ value: z.number(), moved: z.array(z.string()) }))

const OBSERVE = `
  window.shifts = []
  const nameOf = ({ node }) => node?.className || node?.nodeName || 'gone'
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) shifts.push({ value, moved: sources.map(nameOf) })
  }).observe({ type: 'layout-shift', buffered: true })`

export async function observeShifts(page: Page): Promise<void> {
  await page.addInitScript(OBSERVE)
}

export async function shiftsOf(page: Page): Promise<{ readonly sum: number; readonly moved: readonly string[] }> {
  const shifts = Shifts.parse(await page.evaluate('shifts'))
  return { sum: shifts.reduce((sum, { value }) => sum + value, 0), moved: shifts.flatMap(({ moved }) => moved) }
}
