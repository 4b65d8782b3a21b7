import { type HttpBindings, serve } from '@hono/node-server'
import type { Server } from 'node:http'
import { createYclientsSandbox } from '#dev/sandbox/yclients.ts'

export interface ServedSandbox {
  readonly url: string
  readonly credentials: { readonly apiKey: string; readonly apiSecret: string; readonly companyId: string }
  close(): Promise<void>
}

/** The demo salon over HTTP. A scripted reset really breaks the connection. */
export async function serveYclients(): Promise<ServedSandbox> {
  const sandbox = createYclientsSandbox({ demo: true })
  const sockets = new WeakMap<Request, HttpBindings['incoming']>()
  const reset = (request: Request) => {
    sockets.get(request)?.socket.destroy()
    return new Response(null, { status: 500 })
  }
  const handle = sandbox.faults.wrap(async (request) => sandbox.app.fetch(request), reset)
  const server = await new Promise<{ server: Server; port: number }>((settle) => {
    const fetch = async (request: Request, env: HttpBindings) => {
      sockets.set(request, env.incoming)
      return handle(request)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without TLS options it is node:http's server
    const made = serve(
      { fetch: fetch as Parameters<typeof serve>[0]['fetch'], port: 0, hostname: '127.0.0.1' },
      ({ port }) => settle({ server: made as Server, port }),
    )
  })
  const close = async () => {
    server.server.closeAllConnections()
    await new Promise((settle) => {
      server.server.close(settle)
    })
  }
  return { url: `http://127.0.0.1:${server.port}`, credentials: sandbox.credentials, close }
}
