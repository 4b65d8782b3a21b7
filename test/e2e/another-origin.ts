// A page of another origin than the service's, with a program that is bundled into it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import type { Given, Lived } from './life.ts'

/** What the program found, run in a browser. Throws the words of what the program throws. */
export async function liveInBrowser(browser: Browser, given: Given): Promise<Lived> {
  const entry = join(import.meta.dirname, 'life.ts')
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, platform: 'browser' })
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>A shop</title><script>${outputFiles[0]?.text ?? ''}</script>`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    // A browser's own error has a stack of addresses, in which vitest looks for files.
    const ended = await page.evaluate<{ readonly lived: Lived } | { readonly failed: string }>(
      `live(${JSON.stringify(given)}).then((lived) => ({ lived }), (error) => ({ failed: String(error) }))`,
    )
    if ('failed' in ended) throw new Error(`in the page: ${ended.failed}`)
    return ended.lived
  } finally {
    server.close()
  }
}
