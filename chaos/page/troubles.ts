// What goes wrong on an owner's way: each is told in plain words, and the way goes on from there.
import type { Browser } from 'playwright-core'
import { chooseCrm, type CrmTypeText, fillForm, givesAnew, readCrmType, testAndSwitchOn } from '#chaos/page/connect.ts'
import { openOwner, openTab, type Owner } from '#chaos/page/owner.ts'
import { call, invite, type Service } from '#chaos/page/service.ts'
import type { Vendor } from '#chaos/page/vendors.ts'
import type { Language } from '#lib/localized.ts'
import type { YclientsSandbox } from '#sandbox/yclients.ts'

/** The salon, whose sandbox can do all of it. */
export interface Stage {
  readonly browser: Browser
  readonly service: Service
  readonly vendor: Vendor & { readonly sandbox: YclientsSandbox }
  readonly language: Language
}

interface Opened {
  readonly owner: Owner
  readonly text: CrmTypeText
  readonly businessId: string
  readonly url: string
}

const SYNC_MS = 120_000

async function open({ browser, service, vendor, language }: Stage): Promise<Opened> {
  const text = await readCrmType(service, vendor)
  const { url, businessId } = await invite(service, { name: 'Студия на углу', language })
  const owner = await openOwner(browser, url, { language })
  await chooseCrm(owner, text)
  return { owner, text, businessId, url }
}

/** In the words of the service, in a row of the test or beside the field. */
async function fails({ page, heading, button, w }: Owner, words: RegExp): Promise<string[]> {
  await button('test').click()
  await heading('testTitle').or(page.getByRole('alert')).first().waitFor()
  await page.getByText(w('failed'), { exact: true }).or(page.getByText(words)).first().waitFor()
  const text = await page.getByRole('main').innerText()
  return words.test(text) ? [] : [`${words} is not said: ${text.slice(0, 300)}`]
}

/** A wrong token, then the right one. */
export async function wrongPassword(stage: Stage): Promise<string[]> {
  const { owner, text } = await open(stage)
  await fillForm(owner, stage.vendor, text, { apiSecret: 'of-somebody-else' })
  const found = await fails(owner, /не принимает токены|does not accept the tokens/i)
  await owner.link('change').click()
  await fillForm(owner, stage.vendor, text)
  await owner.button('test').click()
  await testAndSwitchOn(owner)
  await owner.close()
  return [...found, ...owner.faults]
}

/** A right that is missing: named, with where to give it. */
export async function missingRight(stage: Stage): Promise<string[]> {
  const { owner, text } = await open(stage)
  const { denied } = stage.vendor.sandbox
  denied.add('records')
  await fillForm(owner, stage.vendor, text)
  const found = await fails(owner, /нет права|lacks a right/i)
  denied.delete('records')
  await owner.button('testAgain').click()
  await testAndSwitchOn(owner)
  await owner.close()
  return [...found, ...owner.faults]
}

/** A vendor that is down is no fault of the owner's. */
export async function vendorDown(stage: Stage): Promise<string[]> {
  const { owner, text } = await open(stage)
  const { plan } = stage.vendor.sandbox.faults
  Object.assign(plan, { rate: 1, kinds: ['503'] })
  await fillForm(owner, stage.vendor, text)
  const found = await fails(
    owner,
    /не отвечает|недоступ|не работает|does not answer|is down|unavailable|not available/i,
  )
  Object.assign(plan, { rate: 0 })
  await owner.button('testAgain').click()
  await testAndSwitchOn(owner)
  await owner.close()
  return [...found, ...owner.faults]
}

/** A session that was ended: the page says so and asks for nothing more. */
export async function expiredSession(stage: Stage): Promise<string[]> {
  const { owner, url } = await open(stage)
  await call(stage.service, 'DELETE', `/v1/connect-sessions/${new URL(url).searchParams.get('s')}`)
  await owner.page.reload()
  await owner.heading('over').waitFor()
  await owner.close()
  return owner.faults
}

interface ConnectedOwner extends Opened {
  readonly integrationId: string
}

async function connected(stage: Stage): Promise<ConnectedOwner> {
  const opened = await open(stage)
  const { owner, text, businessId } = opened
  await fillForm(owner, stage.vendor, text)
  // A double click is one connection.
  await owner.button('test').dblclick()
  await testAndSwitchOn(owner)
  const { items } = await call(stage.service, 'GET', `/v1/integrations?businessId=${businessId}`)
  const found: unknown[] = Array.isArray(items) ? items : []
  const [first, ...more] = found
  if (more.length > 0) owner.faults.push('a double click connected twice')
  const integrationId = typeof first === 'object' && first !== null && 'id' in first ? String(first.id) : ''
  return { ...opened, integrationId }
}

/** The token is revoked at the CRM; the owner is told, and a link of his own brings it back. */
export async function reconnect(stage: Stage): Promise<string[]> {
  const { browser, service, vendor, language } = stage
  const { owner, integrationId, businessId } = await connected(stage)
  const { page, button, heading, state } = owner
  await state('well').waitFor({ timeout: SYNC_MS })
  const { credentials } = vendor.sandbox
  const before = { ...credentials }
  Object.assign(credentials, { apiSecret: 'given-after-the-change-of-the-password' })
  await button('syncNow').click()
  await state('refused').waitFor({ timeout: SYNC_MS })
  const link = await invite(service, { name: '', language, businessId, integrationId, permissions: ['connect'] })
  const again = await openOwner(browser, link.url, { language })
  await givesAnew(again, await readCrmType(service, vendor), {
    ...vendor.sandbox.connection.credentials,
    ...credentials,
  })
  await page.reload()
  await heading('home').waitFor()
  await state('well').waitFor({ timeout: SYNC_MS })
  Object.assign(credentials, before)
  await again.close()
  await owner.close()
  return [...owner.faults, ...again.faults]
}

/** Two tabs of the same link, a network that goes and comes back, and a tab that sleeps. */
export async function tabsAndNetwork(stage: Stage): Promise<string[]> {
  const { owner, url } = await connected(stage)
  const { context, page, w, go } = owner
  const other = await openTab(context, url, { language: stage.language, hosts: [], faults: owner.faults })
  await other.heading('home').waitFor()
  await context.setOffline(true)
  await page.getByText(w('offline')).first().waitFor()
  await context.setOffline(false)
  await page.getByText(w('offline')).first().waitFor({ state: 'hidden' })
  const cdp = await context.newCDPSession(page)
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  await other.page.bringToFront()
  await stage.vendor.sell(7_531)
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  await page.bringToFront()
  for (const tab of [page, other.page])
    await tab
      .getByRole('link', { name: /7\D531/ })
      .first()
      .waitFor({ timeout: SYNC_MS })
  await go('sales')
  await owner.close()
  return owner.faults
}
