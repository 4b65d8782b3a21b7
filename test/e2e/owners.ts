// An owner in the page of a started environment: the whole way with one CRM, in Russian. Every screen on it is looked
// at for barriers.
import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import type { Service } from '#chaos/page/service.ts'
import type { Vendor } from '#chaos/page/vendors.ts'
import { createLook, goOwnersWay } from '#chaos/page/way.ts'

export async function ownerFindsHisWay(browser: Browser, service: Service, vendor: Vendor): Promise<void> {
  const barriers: string[] = []
  const way = { language: 'ru', look: createLook(barriers, 'at one width'), isConsent: true } as const
  const found = await goOwnersWay(browser, service, vendor, way)
  expect(found).toEqual({ salesDiffer: [], notLive: [], pageFaults: [] })
  expect(barriers).toEqual([])
}
