// An owner's whole way with one CRM: from the link to a sale that arrives while he looks on, and every screen on it.
import type { Browser, Page } from 'playwright-core'
import { allowConsent, chooseCrm, fillForm, readCrmType, salesShown, testAndSwitchOn } from '#chaos/page/connect.ts'
import { barriersOf, type Colours } from '#chaos/page/look.ts'
import { openOwner, type Owner } from '#chaos/page/owner.ts'
import { invite, type Service } from '#chaos/page/service.ts'
import type { Vendor } from '#chaos/page/vendors.ts'
import type { Language } from '#lib/localized.ts'

/** Looks at a screen; a walk that only wants to arrive looks at nothing. */
export type Look = (owner: Owner, screen: string) => Promise<void>

export interface Way {
  readonly language: Language
  readonly look: Look
  /** Connected by the vendor's consent page instead of keys. */
  readonly isConsent?: boolean
}

/** What is wrong; the names of its kinds are those of the report. */
export interface Findings {
  readonly salesDiffer: readonly string[]
  readonly notLive: readonly string[]
  readonly pageFaults: readonly string[]
}

/** Throws what the browser throws when something is not found on the page. */
export async function goOwnersWay(browser: Browser, service: Service, vendor: Vendor, way: Way): Promise<Findings> {
  const { language, look, isConsent = false } = way
  const text = await readCrmType(service, vendor)
  const { url } = await invite(service, { name: vendor.sandbox.business.name, language })
  const owner = await openOwner(browser, url, { language, hosts: [vendor.url] })
  try {
    await owner.heading('choose').waitFor()
    await look(owner, 'choose')
    await chooseCrm(owner, text)
    if (isConsent) await allowConsent(owner)
    else {
      await fillForm(owner, vendor, text)
      await look(owner, 'connect')
      await owner.button('test').click()
    }
    await owner.heading('samples').waitFor()
    await look(owner, 'test')
    await testAndSwitchOn(owner)
    const differs = await salesShown(owner, vendor.books)
    await look(owner, 'sales')
    const live = vendor.sandbox.hooks ? await seesHook(owner, vendor) : null
    await look(owner, 'home')
    await lookAtOthers(owner, look)
    const about = (problem: string | null) => (problem === null ? [] : [`${vendor.crmType}: ${problem}`])
    return { salesDiffer: about(differs), notLive: about(live), pageFaults: owner.faults }
  } finally {
    await owner.close()
  }
}

const RUBLES = 4321
const ARRIVES_MS = 120_000

async function seesHook(owner: Owner, vendor: Vendor): Promise<string | null> {
  await owner.go('home')
  await enterAddress(owner, vendor)
  return seesSaleArrive(owner, vendor.sell)
}

/** On Home, without a hand. Null: it was seen. */
export async function seesSaleArrive({ page }: Owner, sell: Vendor['sell']): Promise<string | null> {
  const sale = page.getByRole('link', { name: /4\D321/ }).first()
  await page.getByRole('list').getByRole('link').first().waitFor({ timeout: ARRIVES_MS })
  await sell(RUBLES)
  const isSeen = await sale.waitFor({ timeout: ARRIVES_MS }).then(
    () => true,
    () => false,
  )
  return isSeen ? null : `a sale of ${RUBLES} did not arrive on the screen within ${ARRIVES_MS / 1000} s`
}

/** Where the CRM has no API for it, the owner copies our address from the page into the CRM. */
async function enterAddress({ page, w }: Owner, { sandbox }: Vendor): Promise<void> {
  if (!sandbox.hooks?.address) return
  await page.getByText(w('setUp'), { exact: true }).click()
  const address = await page.getByRole('code').filter({ hasText: '/webhooks/' }).innerText()
  sandbox.hooks.address(new URL(address).href)
}

async function lookAtOthers(owner: Owner, look: Look): Promise<void> {
  const { page, go, heading } = owner
  await go('sales')
  await page.getByRole('listitem').getByRole('button').or(page.getByRole('cell').getByRole('button')).first().click()
  await heading('origin').waitFor()
  await look(owner, 'sale')
  await page.keyboard.press('Escape')
  for (const screen of ['unreadable', 'settings'] as const) {
    await go(screen)
    await look(owner, screen)
  }
}

/** Until nothing of the screen is still to come. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'hidden' })
}

/** Looks for barriers, and keeps them. */
export function createLook(found: string[], colours?: Colours): Look {
  return async ({ page }, screen) => {
    // What is still to come is looked at when it is there.
    await settled(page)
    found.push(...(await barriersOf(page, screen, colours)))
  }
}
