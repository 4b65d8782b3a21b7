// Vendors that a tenant runs to harm the service: a fake CRM that answers as its CRM does until it turns.
import { getRequestListener } from '@hono/node-server'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { DEMOS } from '#sandbox/registry.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'
import { createVastVendor } from '#bench/vast-vendor.ts'

const MB = 1_000_000
const DRIP_MS = 100
/** The answer of a list, in each CRM's envelope. */
const ENVELOPES: Readonly<Record<string, (list: string) => string>> = {
  yclients: (list) => `{"success":true,"meta":[],"data":${list}}`,
  amo_crm: (list) => `{"_page":1,"_embedded":{"leads":${list}}}`,
  '1c': (list) => `{"value":${list}}`,
  iiko: (list) => `{"correlationId":"x","orders":${list},"organizations":${list}}`,
  renovatio: (list) => `{"error":0,"data":${list}}`,
  csv: (list) => list,
}
const filled = (part: string, bytes: number) => part.repeat(Math.ceil(bytes / part.length))
const OBJECTS = `[${filled('{},', 10 * MB - 100)}{}]`
/** As many as pass, and records of which each has as many parts as pass. */
const FEW_OBJECTS = `[${'{},'.repeat(9999)}{}]`
const WIDE = `[${`{"services":[${'{},'.repeat(8)}{}],"items":[],"id":1},`.repeat(7999)}{}]`
const DIGITS = `[{"id":1,"amount":${filled('9', 9 * MB)},"price":"${filled('9', MB / 4)}"}]`
const QUOTES = Buffer.from(`id;date;sum\n${filled('"', 2 * MB)}`)

type Answer = (response: ServerResponse, type: string) => Promise<void> | void

const send = (
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
) => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
const enveloped = (type: string, list: string) => (ENVELOPES[type] ?? ((text) => text))(list)
const cached = (make: (type: string) => Buffer) => {
  const known = new Map<string, Buffer>()
  return (type: string) => {
    const body = known.get(type) ?? make(type)
    known.set(type, body)
    return body
  }
}
const few = cached((type) => Buffer.from(enveloped(type, FEW_OBJECTS)))
const wide = cached((type) => Buffer.from(enveloped(type, WIDE)))
const objects = cached((type) => Buffer.from(enveloped(type, OBJECTS)))
const digits = cached((type) => Buffer.from(enveloped(type, DIGITS)))
const deep = Buffer.from(`${filled('[', MB)}${filled(']', MB)}`)
const codes = Buffer.from(filled('<code ', 1.2 * MB))
const bomb = gzipSync(Buffer.alloc(200 * MB, 0x39))
const long = Buffer.from(`[${filled(`{"name":"${filled('a@.(1 ', 60_000)}","id":1},`, 5 * MB)}1]`)

/** How a vendor turns. Null: it never turns, and has no last page. */
export const TURNS: Readonly<Record<string, Answer | null>> = {
  '<code ': (response) => send(response, 500, { 'content-type': 'application/xml' }, codes),
  '9 MB of digits': (response, type) => send(response, 200, {}, digits(type)),
  '10 MB of {}': (response, type) => send(response, 200, {}, objects(type)),
  '10,000 of {}': (response, type) => send(response, 200, {}, few(type)),
  '8,000 wide records': (response, type) => send(response, 200, {}, wide(type)),
  'nested a million times': (response) => send(response, 200, {}, deep),
  'gzip of 200 MB': (response) => send(response, 200, { 'content-encoding': 'gzip' }, bomb),
  'long texts': (response, type) => send(response, 200, {}, type === 'csv' ? QUOTES : long),
  'a redirect inwards': (response) => send(response, 302, { location: 'http://169.254.169.254/latest/meta-data/' }, ''),
  'a redirect in a circle': (response) => send(response, 307, { location: '/again' }, ''),
  'a slow drip': async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    while (!response.destroyed) {
      response.write('[')
      await sleep(DRIP_MS)
    }
  },
  'endless pages': null,
}

interface Plan {
  readonly type: string
  readonly turn: string
  /** So many answers come before. */
  readonly calmAnswers: number
}

export interface HostileVendor {
  readonly url: string
  /** From now on it is a fresh fake CRM of this type, which turns after so many answers. */
  readonly become: (plan: Plan) => Sandbox['connection'] & Pick<Sandbox, 'addressed'>
  /** Of the time between two moments of `performance.now()`: how many milliseconds the service waited for it. */
  readonly waitedMs: (from: number, to: number) => number
  readonly close: () => Promise<void>
}

export async function openHostileVendor(port: number): Promise<HostileVendor> {
  let [answered, plan] = [0, { type: '', turn: '', calmAnswers: 0 }]
  let serve: ReturnType<typeof getRequestListener> | null = null
  const spans: { readonly from: number; to: number }[] = []
  const server = createServer((request, response) => {
    const span = { from: performance.now(), to: Infinity }
    spans.push(span)
    response.once('close', () => (span.to = performance.now()))
    const turn = TURNS[plan.turn] ?? null
    if (turn && answered >= plan.calmAnswers) {
      request.resume()
      void turn(response, plan.type)
    } else void serve?.(request, response)
    answered += 1
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${port}`,
    become: (next) => {
      ;[plan, answered] = [next, 0]
      spans.length = 0
      const isEndless = TURNS[next.turn] === null
      const sandbox = isEndless ? createVastVendor(1e9, 3000) : DEMOS[next.type]?.(new Date())
      if (!sandbox) throw new Error(`no demo of ${next.type}`)
      serve = getRequestListener(async (request) => sandbox.app.fetch(request))
      return { ...sandbox.connection, ...('addressed' in sandbox && { addressed: sandbox.addressed }) }
    },
    waitedMs: (from, to) => waited(spans, from, to),
    close: async () => {
      server.closeAllConnections()
      await new Promise((settle) => {
        server.close(settle)
      })
    },
  }
}

/** Calls that overlap count once. */
function waited(spans: readonly { readonly from: number; readonly to: number }[], from: number, to: number): number {
  let [sum, until] = [0, from]
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const [start, end] = [Math.max(span.from, until), Math.min(span.to, to)]
    if (end > start) [sum, until] = [sum + end - start, end]
  }
  return sum
}
