// The page as an owner's browser loads it for the first time: what it weighs, and how long it takes on a slow phone
// network, from a Worker as npm start serves it behind a proxy that packs answers as Cloudflare does.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { invite, type Service, startService } from '#chaos/page/service.ts'
import { buildPage, type PageManifest } from '#dev/build-page.ts'
import { openBrowser } from '#dev/chromium.ts'
import { freePort } from '#dev/free-port.ts'
import { type Line, spreadOf, valueOf } from './measure.ts'

const DIST = resolve(import.meta.dirname, '../web/dist')
const KIB_MAX = 45
const USABLE_MS_MAX = 1000
/**
 * “Slow 4G” of Lighthouse: 150 ms there and back, 1.6 Mbit/s down and 0.75 up. The second is what people call slow.
 */
const NETWORKS = [
  { name: 'slow 4G, 150 ms', latency: 150, budget: { kind: 'most', value: USABLE_MS_MAX } },
  { name: 'slow 4G, 400 ms', latency: 400, budget: null },
] as const
const DOWN_BYTES = (1.6 * 1024 * 1024) / 8
const UP_BYTES = (0.75 * 1024 * 1024) / 8
const PATIENCE_MS = 30_000
const POLL_MS = 50

/** The screens that a link may lead to first. */
const FIRST = ['choose', 'home'] as const

export async function measurePage({ loads }: { readonly loads: number }): Promise<Line[]> {
  return [...(await measurePageWeight()), ...(await measureLoads(loads))]
}

export async function measurePageWeight(): Promise<Line[]> {
  await buildPage()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the line above
  const manifest = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf8')) as PageManifest
  return FIRST.map((screen) => weigh(manifest, screen))
}

function weigh({ script, styles, preloads, screens }: PageManifest, screen: (typeof FIRST)[number]): Line {
  const files = [script, ...styles, ...preloads, ...(screens[screen] ?? [])]
  const bytes = files.reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0)
  return {
    name: `the page, first load of ${screen}, gzip`,
    ...{ value: valueOf(bytes / 1024), unit: 'KiB', budget: { kind: 'most', value: KIB_MAX } },
  }
}

async function measureLoads(loads: number): Promise<Line[]> {
  const service = await startService({ DEV_DEMO: '0' })
  const proxy = await servePacked(service.url)
  const browser = await openBrowser()
  try {
    const lines: Line[] = []
    for (const { name, latency, budget } of NETWORKS) {
      const times: number[] = []
      for (let load = 0; load < loads; load += 1) times.push(await loadOnce(browser, { service, proxy, latency }))
      lines.push({ name: `the page is usable, ${name}`, value: spreadOf(times), unit: 'ms', budget })
    }
    return lines
  } finally {
    await browser.close()
    proxy.close()
    await service.close()
  }
}

interface Load {
  readonly service: Service
  readonly proxy: Packed
  readonly latency: number
}

/** Milliseconds from the link until there is something to click on, in a browser that knows nothing yet. */
async function loadOnce(browser: Browser, { service, proxy, latency }: Load): Promise<number> {
  const { url } = await invite(service, { name: 'Кофейня', language: 'ru' })
  const context = await browser.newContext()
  const page = await context.newPage()
  const network = await context.newCDPSession(page)
  await network.send('Network.enable')
  const speed = { downloadThroughput: DOWN_BYTES, uploadThroughput: UP_BYTES }
  await network.send('Network.emulateNetworkConditions', { offline: false, latency, ...speed })
  await page.addInitScript(NOTE_USABLE)
  await page.goto(url.replace(service.url, proxy.url), { waitUntil: 'commit' })
  const deadline = Date.now() + PATIENCE_MS
  let usableMs: number | null = null
  // What Playwright would poll by is what the page's policy forbids.
  while (usableMs === null && Date.now() < deadline) {
    await sleep(POLL_MS)
    usableMs = await page.evaluate<number | null>('window.usableMs ?? null')
  }
  await context.close()
  if (usableMs === null) throw new Error('the page did not become usable')
  return usableMs
}

/** A screen with its heading and something to click on or type in, and nothing of it still to come. */
const NOTE_USABLE = `new MutationObserver(() => {
  const main = document.querySelector('main')
  const isThere = main?.querySelector('h1') && main.querySelector('button, a[href], input')
  if (isThere && !main.querySelector('[aria-busy=true]')) window.usableMs ||= performance.now()
}).observe(document, { childList: true, subtree: true, attributes: true })`

interface Packed {
  readonly url: string
  readonly close: () => void
}

async function servePacked(origin: string): Promise<Packed> {
  const server = createServer((request, response) => void pass(origin, request, response))
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** Of an answer and of a question: what this proxy says itself. */
const OWN = new Set(['content-encoding', 'content-length', 'transfer-encoding', 'host', 'connection'])

async function pass(origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    OWN.has(name) ? [] : values.map((value): [string, string] => [name, value]),
  )
  const body = method === 'GET' ? null : Buffer.concat(await Array.fromAsync<Buffer>(request))
  const answer = await fetch(origin + url, { method, headers, body, redirect: 'manual' })
  const kept = [...answer.headers].filter(([name]) => !OWN.has(name))
  const packed = gzipSync(Buffer.from(await answer.arrayBuffer()))
  const isEmpty = answer.status === 204
  response.writeHead(answer.status, {
    ...Object.fromEntries(kept),
    ...(!isEmpty && { 'content-encoding': 'gzip', 'content-length': packed.length }),
  })
  response.end(isEmpty ? undefined : packed)
}
