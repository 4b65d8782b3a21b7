import { getRequestListener } from '@hono/node-server'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { createYclientsSandbox } from '#dev/sandbox/yclients.ts'

export interface ServedSandbox {
  readonly url: string
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string; readonly companyId: string }
  readonly close: () => Promise<void>
}

/** The demo salon over HTTP. A scripted reset really breaks the connection. */
export async function serveYclients(): Promise<ServedSandbox> {
  const sandbox = createYclientsSandbox({ demo: true })
  const breakers = new WeakMap<Request, () => void>()
  const reset = (request: Request) => {
    breakers.get(request)?.()
    return new Response(null, { status: 500 })
  }
  const handle = sandbox.faults.wrap(async (request) => sandbox.app.fetch(request), reset)
  const listen = getRequestListener(async (request, { incoming }) => {
    breakers.set(request, () => incoming.destroy())
    return handle(request)
  })
  const server = createServer((incoming, outgoing) => void listen(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server that listens has an AddressInfo
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((settle) => {
      server.close(settle)
    })
  }
  return { url: `http://127.0.0.1:${port}`, credentials: sandbox.credentials, close }
}
