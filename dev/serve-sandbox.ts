import { getRequestListener } from '@hono/node-server'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import * as z from 'zod'
import { freePort, isPortFree } from '#dev/free-port.ts'
import { writeWhole } from '#dev/write-whole.ts'
import { carryByNetwork } from '#sandbox/hooks.ts'
import { DEMOS } from '#sandbox/registry.ts'
import type { Sandbox } from '#sandbox/sandbox.ts'

export interface ServedSandbox {
  readonly url: string
  readonly sandbox: Sandbox
  readonly close: () => Promise<void>
}

const DemoAddress = z.object({ port: z.int(), filledAt: z.iso.datetime() })

/** A sandbox on a port of the loopback. A scripted reset really breaks the connection. */
export async function serveSandbox(
  sandbox: Pick<Sandbox, 'app' | 'faults'>,
  port: number,
): Promise<Omit<ServedSandbox, 'sandbox'>> {
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
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((settle) => {
      server.close(settle)
    })
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

/** A vendor's demo, at the same address and with the same books at every start of an environment. */
export async function serveDemo(type: string, directory: string): Promise<ServedSandbox> {
  const { port, filledAt } = await demoAddress(directory)
  const sandbox = DEMOS[type]?.(new Date(filledAt))
  if (!sandbox) throw new Error(`no demo of ${type}`)
  if (sandbox.hooks) sandbox.hooks.carry = carryByNetwork
  return { ...(await serveSandbox(sandbox, port)), sandbox }
}

async function demoAddress(directory: string): Promise<z.infer<typeof DemoAddress>> {
  const file = join(directory, 'sandbox.json')
  const known = existsSync(file) ? DemoAddress.parse(JSON.parse(readFileSync(file, 'utf8'))) : null
  const port = known && (await isPortFree(known.port)) ? known.port : await freePort()
  const address = { port, filledAt: known?.filledAt ?? new Date().toISOString() }
  writeWhole(file, `${JSON.stringify(address)}\n`)
  return address
}
