// Owners in the page of a started environment: the whole way with one CRM in Russian, files in English, and somebody
// who finds out why a record is not stored. Every screen on the way is looked at for barriers.
import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { importsFiles, openForFiles } from '#chaos/page/files.ts'
import { asksWhy } from '#chaos/page/ask-why.ts'
import { openOwner } from '#chaos/page/owner.ts'
import { invite, type Service } from '#chaos/page/service.ts'
import type { Vendor } from '#chaos/page/vendors.ts'
import { createLook, goOwnersWay } from '#chaos/page/way.ts'

export async function ownersFindTheirWay(browser: Browser, service: Service, vendor: Vendor): Promise<void> {
  const barriers: string[] = []
  const look = createLook(barriers)
  const found = await goOwnersWay(browser, service, vendor, { language: 'ru', look, isConsent: true })
  expect(found).toEqual({ salesDiffer: [], notLive: [], pageFaults: [] })
  const files = await openForFiles(browser, service, 'en')
  expect([...(await importsFiles(files, look)), ...files.faults]).toEqual([])
  await files.close()
  expect(barriers).toEqual([])
}

/** Of a business that is connected: why a record that nobody paid is not among the sales. */
export async function ownerFindsOutWhy(
  browser: Browser,
  service: Service,
  { businessId, notPaid }: { readonly businessId: string; readonly notPaid: string },
): Promise<void> {
  const barriers: string[] = []
  const { url } = await invite(service, { name: '', language: 'ru', businessId })
  const owner = await openOwner(browser, url, { language: 'ru' })
  await owner.heading('home').waitFor()
  await asksWhy(owner, notPaid, createLook(barriers))
  await owner.close()
  expect([...owner.faults, ...barriers]).toEqual([])
}
