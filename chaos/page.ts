// The page as owners use it, in a real browser and by role and visible text alone: the whole way for each CRM against
// its sandbox, every screen looked at for barriers, and what goes wrong on the way.
import type { Browser } from 'playwright-core'
import { openBrowser } from '#dev/chromium.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { Language } from '#lib/localized.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { failsInWords, importsFiles, openForFiles, resumesUpload } from './page/files.ts'
import { type Service, startService } from './page/service.ts'
import * as troubles from './page/troubles.ts'
import { serveVendor, serveVendors, type Vendors } from './page/vendors.ts'
import { createLook, goOwnersWay } from './page/way.ts'

export interface PageSize {
  readonly ways: readonly (readonly [CrmType, Language])[]
  readonly troubles: readonly Trouble[]
}

/**
 * notFound: something that an owner looks for was not on the page in time. barriers: what axe finds. faults: errors of
 * the page, calls to other hosts, and what was not said or done.
 */
const FAULTS = ['notFound', 'salesDiffer', 'notLive', 'barriers', 'faults'] as const
type Fault = (typeof FAULTS)[number]

interface PageReport {
  readonly wrong: Readonly<Record<Fault, number>>
  readonly ways: number
  readonly troubles: number
  readonly seconds: Readonly<Record<string, number>>
  readonly details: readonly string[]
}

const TROUBLES = {
  wrongPassword: troubles.wrongPassword,
  missingRight: troubles.missingRight,
  vendorDown: troubles.vendorDown,
  expiredSession: troubles.expiredSession,
  reconnect: troubles.reconnect,
  tabsAndNetwork: troubles.tabsAndNetwork,
} as const
export type Trouble = keyof typeof TROUBLES

interface Seen {
  readonly found: { readonly fault: Fault; readonly detail: string }[]
  readonly seconds: Record<string, number>
}

/** Those named, of all. Throws on a name that is neither a CRM's nor a trouble's. */
export function partsOf({ ways, troubles: all }: PageSize, names?: readonly string[]): PageSize {
  if (!names) return { ways, troubles: all }
  const known: readonly string[] = [...ways.map(([type]) => type), ...all]
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no ${unknown.join(', ')} among ${known.join(', ')}`)
  return {
    ways: ways.filter(([type]) => names.includes(type)),
    troubles: all.filter((trouble) => names.includes(trouble)),
  }
}

export async function provePage({ ways, troubles: asked }: PageSize): Promise<PageReport> {
  const seen: Seen = { found: [], seconds: {} }
  const vendors = await serveVendors(ways.map(([type]) => type))
  // Trouble at a vendor is that of one salon alone.
  const salon = createYclientsSandbox({ demo: true, days: 6 })
  const troubled = await serveVendor(salon)
  const origins = [vendors.variables['EGRESS_ALLOW_ORIGINS'], troubled.vendor.url].join(',')
  const service = await startService({ ...vendors.variables, EGRESS_ALLOW_ORIGINS: origins, DEV_DEMO: '0' })
  const browser = await openBrowser()
  try {
    for (const [type, language] of ways) {
      await attempt({ browser, seen }, `${type}, ${language}`, async () =>
        type === 'csv'
          ? sendFiles(browser, service, language, seen)
          : connect({ browser, service, vendors, seen }, type, language),
      )
    }
    const vendor = { ...troubled.vendor, sandbox: salon }
    for (const [at, name] of asked.entries()) {
      const language = at % 2 === 0 ? 'ru' : 'en'
      await attempt({ browser, seen }, name, async () => {
        blame(seen, 'faults', await TROUBLES[name]({ browser, service, vendor, language }))
      })
    }
  } finally {
    await browser.close()
    await service.close()
    await Promise.all([vendors.close(), troubled.close()])
  }
  const counted = FAULTS.map((fault) => [fault, seen.found.filter((one) => one.fault === fault).length] as const)
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the list
    wrong: Object.fromEntries(counted) as Record<Fault, number>,
    ...{ ways: ways.length, troubles: asked.length, seconds: seen.seconds },
    details: seen.found.map(({ fault, detail }) => `${fault}: ${detail}`),
  }
}

function blame({ found }: Seen, fault: Fault, details: readonly string[]): void {
  for (const detail of details) {
    console.error(`page: ${fault}: ${detail}`)
    found.push({ fault, detail })
  }
}

/** What is not found is told with what the pages show instead. */
async function attempt(
  { browser, seen }: Pick<Stage, 'browser' | 'seen'>,
  name: string,
  act: () => Promise<void>,
): Promise<void> {
  const startedAt = Date.now()
  try {
    await act()
  } catch (error) {
    const pages = browser.contexts().flatMap((context) => context.pages())
    const shown = await Promise.all(pages.map(async (page) => page.locator('body').innerText()))
    blame(seen, 'notFound', [`${name}: ${String(error)}\n${shown.join('\n---\n')}`])
    for (const context of browser.contexts()) await context.close()
  }
  seen.seconds[name] = Math.round((Date.now() - startedAt) / 1000)
}

interface Stage {
  readonly browser: Browser
  readonly service: Service
  readonly vendors: Vendors
  readonly seen: Seen
}

async function connect({ browser, service, vendors, seen }: Stage, type: CrmType, language: Language): Promise<void> {
  const barriers: string[] = []
  const way = { language, look: createLook(barriers), isConsent: type === 'amo_crm' }
  const { salesDiffer, notLive, pageFaults } = await goOwnersWay(browser, service, vendors.of(type), way)
  blame(seen, 'salesDiffer', salesDiffer)
  blame(seen, 'notLive', notLive)
  blame(seen, 'faults', pageFaults)
  blame(seen, 'barriers', barriers)
}

async function sendFiles(browser: Browser, service: Service, language: Language, seen: Seen): Promise<void> {
  const barriers: string[] = []
  const owner = await openForFiles(browser, service, language)
  blame(seen, 'faults', await importsFiles(owner, createLook(barriers)))
  blame(seen, 'faults', await failsInWords(owner))
  blame(seen, 'faults', await resumesUpload(owner))
  blame(seen, 'faults', owner.faults)
  blame(seen, 'barriers', barriers)
  await owner.close()
}
