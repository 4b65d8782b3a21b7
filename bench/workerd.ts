// A Worker in plain `workerd serve`: the runtime of production without the local tools around it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#dev/free-port.ts'
import { watch } from './children.ts'

const READY_MS = 10_000

/** A queue answers a send with what is waiting in it. */
const IDLE = `export default { fetch: async (request) => {
  await request.arrayBuffer()
  return Response.json({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 } } })
} }`

/** In memory, objects have no SQLite, and so none of the storage that the platform gives them. */
const BUDGETS = `
      durableObjectNamespaces = [(className = "VendorBudget", uniqueKey = "vendor-budget", enableSql = true)],
      durableObjectStorage = (localDisk = "objects"),`

export interface Served {
  readonly url: string
  readonly pid: number
  readonly close: () => Promise<void>
}

export interface WorkerOptions {
  readonly v8Flags?: readonly string[]
  /** `host:port` of what stands in for R2. */
  readonly filesAddress?: string
  /** The script has the class of the vendors' budgets. */
  readonly hasBudget?: boolean
}

interface Bound extends WorkerOptions {
  /** As text. */
  readonly bindings: Readonly<Record<string, string>>
}

/** Queues and files lead to a service that does nothing, and no limit is ever reached. */
export async function serveWorker(directory: string, script: string, options: Bound): Promise<Served> {
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const config = join(directory, 'config.capnp')
  copyFileSync(script, join(directory, 'main.js'))
  writeFileSync(join(directory, 'idle.js'), IDLE)
  writeFileSync(join(directory, 'limit.js'), 'export default () => ({ limit: async () => ({ success: true }) })')
  const objects = join(directory, 'objects')
  mkdirSync(objects, { recursive: true })
  writeFileSync(config, configText(port, { ...options, objects }))
  const require = createRequire(import.meta.url)
  const child = spawn(require.resolve('workerd/bin/workerd'), ['serve', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  watch(child.pid, exited)
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + READY_MS
  while (!(await isUp(url))) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`workerd did not start on ${config}`)
    await sleep(50)
  }
  const close = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return { url, pid: child.pid ?? 0, close }
}

async function isUp(url: string): Promise<boolean> {
  try {
    await fetch(url)
    return true
  } catch {
    return false
  }
}

interface Configured extends Bound {
  /** The folder of what Durable Objects store. */
  readonly objects: string
}

function configText(port: number, options: Configured): string {
  const { bindings, v8Flags = [], filesAddress, hasBudget = false, objects } = options
  const texts = Object.entries(bindings).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`)
  const idle = [
    ...['LIVE_QUEUE', 'BULK_QUEUE', 'HOOK_QUEUE'].map((name) => `(name = "${name}", queue = "idle")`),
    `(name = "FILES", r2Bucket = "${filesAddress === undefined ? 'idle' : 'files'}")`,
    ...(hasBudget ? ['(name = "VENDOR_BUDGET", durableObjectNamespace = "VendorBudget")'] : []),
    ...['READ_LIMIT', 'WRITE_LIMIT', 'WEBHOOK_LIMIT'].map(
      (name) => `(name = "${name}", wrapped = (moduleName = "limit"))`,
    ),
  ]
  return `using Workerd = import "/workerd/workerd.capnp";
const date :Text = "2026-10-23";
const config :Workerd.Config = (
  v8Flags = [${v8Flags.map((flag) => JSON.stringify(flag)).join(', ')}],
  services = [
    (name = "main", worker = (modules = [(name = "main.js", esModule = embed "main.js")],
      compatibilityDate = .date, compatibilityFlags = ["enable_request_signal"],${hasBudget ? BUDGETS : ''}
      bindings = [${[...texts, ...idle].join(', ')}])),
    (name = "idle", worker = (modules = [(name = "idle.js", esModule = embed "idle.js")], compatibilityDate = .date)),
    ${filesAddress === undefined ? '' : `(name = "files", external = (address = "${filesAddress}", http = ())),`}
    ${hasBudget ? `(name = "objects", disk = (path = ${JSON.stringify(objects)}, writable = true)),` : ''}
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  extensions = [(modules = [(name = "limit", internal = true, esModule = embed "limit.js")])],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);`
}
