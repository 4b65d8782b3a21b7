// What somebody does who has just started the project: from the printed address to a sale that is not stored, and why.
import type { Browser } from 'playwright-core'
import { chooseCrm, fillForm, readCrmType, testAndSwitchOn } from '#chaos/page/connect.ts'
import { openOwner, type Owner } from '#chaos/page/owner.ts'
import type { Service } from '#chaos/page/service.ts'
import type { Vendor } from '#chaos/page/vendors.ts'
import { type Look, seesSaleArrive } from '#chaos/page/way.ts'

const SYNC_MS = 120_000

/** What is wrong. `pageUrl` is printed by the start, and opens in the language of the browser. */
export async function walkAsNewcomer(
  browser: Browser,
  service: Service,
  { pageUrl, vendor, notPaid, look }: Newcomer,
): Promise<string[]> {
  const owner = await openOwner(browser, pageUrl, { language: 'en' })
  const { button, state } = owner
  const text = await readCrmType(service, vendor)
  await chooseCrm(owner, text)
  await fillForm(owner, vendor, text)
  await button('test').click()
  await testAndSwitchOn(owner)
  await state('well').waitFor({ timeout: SYNC_MS })
  const live = await seesSaleArrive(owner, vendor)
  await asksWhy(owner, notPaid, look)
  await owner.close()
  return [...owner.faults, ...(live === null ? [] : [live])]
}

/** From the sales to the answer why a record is not among them. */
export async function asksWhy(owner: Owner, notPaid: string, look: Look): Promise<void> {
  const { page, go, button, w } = owner
  await go('sales')
  await page.getByRole('link', { name: w('findOutWhy') }).click()
  await page.getByLabel(w('numberInCrm')).fill(notPaid)
  await button('findOut').click()
  await page.getByText(w('notSale'), { exact: true }).waitFor()
  await look(owner, 'explain')
}

interface Newcomer {
  readonly pageUrl: string
  readonly vendor: Vendor
  /** The number of a record that nobody has paid. */
  readonly notPaid: string
  readonly look: Look
}
