// The Worker in workerd, by `wrangler dev` as a child process, and the ticker that stands in for Cloudflare's cron.
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Spawn, spawnPlain, stopGroup } from '#dev/children.ts'
import { freePort } from '#dev/free-port.ts'

const READY_MS = 120_000

export interface WorkerOptions {
  readonly port: number
  readonly directory: string
  /** The wrangler configuration; the project's own when it is left out. */
  readonly config?: string
  /** Named by `[secrets] required`: they travel in the child's environment. */
  readonly secrets: Readonly<Record<string, string>>
  readonly vars: Readonly<Record<string, string>>
  readonly spawn?: Spawn
}

export interface Worker {
  readonly url: string
  readonly inspectorUrl: string
  readonly process: ChildProcess
  readonly log: string
  readonly stop: () => Promise<void>
}

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { port, directory, config, secrets, vars, spawn = spawnPlain } = options
  const require = createRequire(import.meta.url)
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js')
  const log = join(directory, 'worker.log')
  const output = openSync(log, 'w')
  const inspectorPort = await freePort()
  const args = [
    ...['dev', '--port', String(port), '--ip', '127.0.0.1', '--inspector-port', String(inspectorPort)],
    ...(config === undefined ? [] : ['--config', config]),
    ...['--persist-to', join(directory, 'wrangler'), '--show-interactive-dev-session=false'],
    ...Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ]
  const child = spawn(process.execPath, [wrangler, ...args], {
    cwd: dirname(dirname(new URL(import.meta.url).pathname)),
    env: {
      ...process.env,
      ...secrets,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_LOG_PATH: join(directory, 'wrangler-logs'),
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      NO_COLOR: '1',
    },
    output,
  })
  closeSync(output)
  const url = `http://127.0.0.1:${port}`
  await waitUntilReady(url, child, log)
  const stop = async () => stopGroup(child)
  return { url, inspectorUrl: `http://127.0.0.1:${inspectorPort}`, process: child, log, stop }
}

async function waitUntilReady(url: string, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + READY_MS
  for (;;) {
    const isGone = child.exitCode !== null || child.signalCode !== null
    if (isGone || Date.now() > deadline) {
      throw new Error(`The Worker did not start. ${log} ends:\n${readFileSync(log, 'utf8').slice(-3000)}`)
    }
    if (await isReady(url)) return
    await sleep(100)
  }
}

/** A refused connection: not yet. */
async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/readyz`)
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}

/**
 * Fires the cron at once and every so many seconds until stopped; a tick that fails is logged, and the next one
 * follows. A tick lasts a minute, as long as it looks for events.
 */
export function startTicker(url: string, seconds: number): { readonly stop: () => void } {
  const stopping = new AbortController()
  const tick = async () => {
    try {
      await fetch(`${url}/cdn-cgi/local/scheduled?cron=${encodeURIComponent('* * * * *')}`, { signal: stopping.signal })
    } catch (error) {
      if (stopping.signal.aborted) return
      console.error('The cron did not reach the Worker:', error instanceof Error ? error.message : error)
    }
  }
  void tick()
  const timer = setInterval(() => void tick(), seconds * 1000)
  const stop = () => {
    clearInterval(timer)
    stopping.abort()
  }
  return { stop }
}
