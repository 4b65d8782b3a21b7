// npm run picture: makes the picture of the page that the README shows, docs/page.png, as somebody sees it who has
// connected the sandbox salon.
import { join, resolve } from 'node:path'
import { chooseCrm, fillForm, readCrmType, testAndSwitchOn } from '#chaos/page/connect.ts'
import { openOwner } from '#chaos/page/owner.ts'
import { invite, startService } from '#chaos/page/service.ts'
import { serveVendors } from '#chaos/page/vendors.ts'
import { settled } from '#chaos/page/way.ts'
import { openBrowser } from '#dev/chromium.ts'

const FILE = join(resolve(import.meta.dirname, '../..'), 'docs/page.png')
const SYNC_MS = 120_000
const SIZE = { width: 1160, height: 960 }

const vendors = await serveVendors(['yclients'])
const service = await startService({ ...vendors.variables, DEV_DEMO: '0' })
const browser = await openBrowser()
try {
  const vendor = vendors.of('yclients')
  const { url } = await invite(service, { name: 'Студия «Север»', language: 'en' })
  const owner = await openOwner(browser, url, { language: 'en' })
  const { page, button, state } = owner
  await page.setViewportSize(SIZE)
  const text = await readCrmType(service, vendor)
  await chooseCrm(owner, text)
  await fillForm(owner, vendor, text)
  await button('test').click()
  await testAndSwitchOn(owner)
  await state('well').waitFor({ timeout: SYNC_MS })
  await page.reload()
  await state('well').waitFor()
  await page.getByRole('img').or(page.getByRole('table')).first().waitFor()
  await settled(page)
  await page.screenshot({ path: FILE, animations: 'disabled' })
  console.log(FILE)
} finally {
  await browser.close()
  await service.close()
  await vendors.close()
}
