// The page in a browser, with the answers that the API documents as examples: what a browser alone can show, such as
// the focus, frames and windows, without a service behind it.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { buildPage, type PageManifest } from '#dev/build-page.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DIST = join(ROOT, 'web/dist')
const TYPES = { js: 'text/javascript', css: 'text/css' } as const

const Examples = z.object({
  components: z.object({ examples: z.record(z.string(), z.object({ value: z.record(z.string(), z.unknown()) })) }),
})
const Opened = z.object({ token: z.string(), browserSecret: z.string() })

export type Answer = Readonly<Record<string, unknown>>

/** What the API answers with, as it documents it. */
export function example(name: string): Answer {
  const { components } = Examples.parse(JSON.parse(readFileSync(join(ROOT, 'docs/openapi-released.json'), 'utf8')))
  const found = components.examples[name]
  if (!found) throw new Error(`${name} has no example`)
  return found.value
}

interface Played {
  /** Differs from the example. */
  readonly session: Answer
  readonly origin?: string | null
  /** Of what is known before the session is opened. */
  readonly page?: Answer
  /** By method and path, such as `GET /v1/integrations`; anything else is 404. A problem comes with its status. */
  readonly answers: Readonly<Record<string, Answer>>
  /** Between two answers, which come one by one. */
  readonly pauseMs?: number
}

export interface Stage {
  readonly url: string
  readonly close: () => Promise<void>
}

/** `url` is the link of a session. */
export interface PageStage extends Stage {
  /** From now on the session is over. */
  readonly end: () => void
  /** The JSON that came last, by method and path. */
  readonly sent: (called: string) => unknown
}

const OVER = { code: 'session_ended', status: 401, detail: '', requestId: '' }
const ID = '5b1f0c2e-7d44-8a19-b3c0-6e2f9a1d4c57'

/** A cache: the page does not change while a file of tests runs. */
let built: Promise<void> | undefined

export async function playPage({ session, origin = null, page, answers, pauseMs }: Played): Promise<PageStage> {
  await (built ??= buildPage())
  // As the API has it: the first browser that opens the link has it from then on.
  let secret: string | null = null
  let isOver = false
  const open = async (request: IncomingMessage): Promise<[number, Answer]> => {
    const { browserSecret } = Opened.parse(await json(request))
    secret ??= browserSecret
    if (secret !== browserSecret) return [401, OVER]
    const expiresAt = new Date(Date.now() + 30 * 60_000).toISOString()
    return [200, { ...example('OpenedConnectSession'), expiresAt, ...session, id: ID, token: 'a-token', origin }]
  }
  const bodies = new Map<string, string>()
  let turn = Promise.resolve()
  const server = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://page')
    if (pathname === '/connect') return sendPage(response, { ...PAGE, origin, ...page })
    if (pathname.startsWith('/assets/')) return sendFile(response, pathname)
    if (pauseMs !== undefined) await (turn = turn.then(async () => sleep(pauseMs)))
    const called = `${request.method} ${pathname}`
    const known = answers[called]
    if (known && request.method !== 'GET') bodies.set(called, await text(request))
    const [status, body] = isOver
      ? [401, OVER]
      : called === 'POST /v1/connect-sessions/open'
        ? await open(request)
        : known
          ? [typeof known['status'] === 'number' ? known['status'] : 200, known]
          : [404, {}]
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    response.end(JSON.stringify(body))
  })
  return {
    url: `${urlOf(server)}/connect?s=${ID}#token=a-link`,
    end: () => void (isOver = true),
    sent: (called) => JSON.parse(bodies.get(called) ?? 'null'),
    close: async () => close(server),
  }
}

/** A page of somebody else, such as the product's or a CRM's. */
export async function playOther(html: string): Promise<Stage> {
  const server = await listen(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(html)
  })
  return { url: urlOf(server), close: async () => close(server) }
}

const PAGE = {
  ...{ businessName: 'Салон', isConnected: false, language: 'en', returnUrl: null },
  operator: { name: 'Касса', logoUrl: null, support: null },
}

/** As the Worker writes it, with a policy that a frame of the product's keeps to. */
function sendPage(response: ServerResponse, data: Answer): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by buildPage
  const { script, styles } = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf8')) as PageManifest
  const sources = ['script-src', 'style-src', 'img-src', 'connect-src'].map((kind) => `${kind} 'self'`).join('; ')
  const policy = `default-src 'none'; ${sources}; frame-ancestors ${String(data['origin'])}`
  response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy })
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    ${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('')}<div id="page"></div>
    <script type="application/json" id="page-data">${JSON.stringify(data)}</script>
    <script type="module" src="${script}"></script></html>`)
}

function sendFile(response: ServerResponse, pathname: string): void {
  const type = pathname.endsWith('.css') ? TYPES.css : TYPES.js
  response.writeHead(200, { 'content-type': type }).end(readFileSync(join(DIST, pathname)))
}

async function listen(answer: (...given: Parameters<RequestListener>) => Promise<void>): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
