// npm start as a newcomer runs it: real processes, real signals, nothing left behind.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it, type TestContext } from 'vitest'
import type { Browser } from 'playwright-core'
import * as z from 'zod'
import { openBrowser } from '#dev/chromium.ts'
import { serveVendor, type Vendor } from '#chaos/page/vendors.ts'
import { freePort } from '#dev/free-port.ts'
import { PAGE_BUSINESS_ID } from '#dev/page-link.ts'
import { createYclientsSandbox } from '#sandbox/yclients.ts'
import { liveInBrowser } from './another-origin.ts'
import { findBarriers } from './chromium.ts'
import { connectByConsent, registerAmo } from './consent.ts'
import { connectInFrame } from './frame.ts'
import { ownerFindsHisWay } from './owners.ts'
import { walkFromStart } from './page-walk.ts'
import { exitOf, untilGone } from './processes.ts'
import { proveDemo } from './prove.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** Waits are for what never comes: several environments and browsers share two cores with all other tests. */
const READY_MS = 240_000
const STOP_MS = 60_000
const SAID_MS = 120_000
const TEST_MS = 600_000

const State = z.object({
  ...{ url: z.string(), databaseUrl: z.string(), sandboxUrl: z.string().nullable(), adminToken: z.string() },
  pageUrl: z.string().nullable(),
  demo: z.object({ businessId: z.string(), token: z.string(), integrationId: z.string() }).nullable(),
})

interface Environment {
  readonly process: ChildProcess
  readonly directory: string
  readonly state: z.infer<typeof State>
  readonly output: () => string
}

type Variables = Readonly<Record<string, string>>
type Command = readonly [string, ...string[]]
/** Without what the test configuration sets for the Worker of the other tests. */
const { DATABASE_URL: _url, ENCRYPTION_KEYS: _keys, ADDRESS_KEY: _key, ...ENVIRONMENT } = process.env
/** Several businesses connect one sandbox here, which has no limit; each keeps its own pace. */
const WIDE_LIMITS = { THROTTLE_WAIT_SCALE: '0.1' }
const NPM = ['npm', 'start'] as const
const NODE = [process.execPath, 'dev/start.ts'] as const

/** What a test makes and starts; nothing of it is left when the test is over. */
function stage({ onTestFinished }: TestContext) {
  const directories: string[] = []
  const started: ChildProcess[] = []
  onTestFinished(async () => {
    for (const child of started) {
      child.kill('SIGTERM')
      await exitOf(child)
    }
    for (const at of directories) {
      await untilGone(at)
      rmSync(at, { recursive: true, force: true })
    }
  }, STOP_MS)
  const directory = () => {
    const made = mkdtempSync(join(tmpdir(), 'crm-integrations-e2e-'))
    directories.push(made)
    return made
  }
  const start = async (at: string, variables: Variables = {}, command: Command = NPM) => {
    const env = { ...ENVIRONMENT, DEV_DIR: at, PORT: String(await freePort()), ...variables }
    return untilReady(at, env, { command, started })
  }
  return { directory, start }
}

async function untilReady(
  at: string,
  env: NodeJS.ProcessEnv,
  { command: [command, ...args], started }: { readonly command: Command; readonly started: ChildProcess[] },
): Promise<Environment> {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  started.push(child)
  let output = ''
  const collect = (chunk: Buffer) => void (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const deadline = Date.now() + READY_MS
  while (!/^ready/m.test(output)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no start:\n${output}`)
    await sleep(50)
  }
  const state = State.parse(JSON.parse(readFileSync(join(at, 'state.json'), 'utf8')))
  return { process: child, directory: at, state, output: () => output }
}

/** What comes after `ready`. */
async function untilSaid({ output }: Environment, line: RegExp): Promise<void> {
  const deadline = Date.now() + SAID_MS
  while (!line.test(output()) && Date.now() < deadline) await sleep(100)
  expect(output()).toMatch(line)
}

/** npm, or start itself, has no time to stop anything. */
async function kill({ process: child, directory }: Environment): Promise<void> {
  child.kill('SIGKILL')
  await exitOf(child)
  expect(await untilGone(directory)).toEqual([])
}

interface Ledger {
  readonly externalId: string
  readonly status: string
  readonly amountMinor: number
}

async function get<T>(url: string, token: string): Promise<T> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

async function stored({ state }: Environment): Promise<Ledger[]> {
  const { token = '', integrationId = '' } = state.demo ?? {}
  const items: Ledger[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const path = `/v1/integrations/${integrationId}/transactions?limit=200${cursor && `&cursor=${cursor}`}`
    const page: { items: Ledger[]; nextCursor: string | null } = await get(`${state.url}${path}`, token)
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
    .map(({ externalId, status, amountMinor }) => ({ externalId, status, amountMinor }))
    .toSorted((a, b) => (a.externalId < b.externalId ? -1 : 1))
}

/** A run that is cut off by the stop would be taken over a minute later, which is another test's matter. */
async function untilSynced({ state }: Environment): Promise<void> {
  const url = `${state.url}/v1/integrations/${state.demo?.integrationId}/runs?limit=1`
  for (;;) {
    const { items }: { items: { status: string }[] } = await get(url, state.demo?.token ?? '')
    if (items[0]?.status === 'succeeded') return
    await sleep(100)
  }
}

async function ledger({ state }: Environment): Promise<Ledger[]> {
  const books = await get<Ledger[]>(`${state.sandboxUrl}/_sandbox/ledger`, '')
  return books.map(({ externalId, status, amountMinor }) => ({ externalId, status, amountMinor }))
}

/** What a webhook brings, and what the printed lines bring, is exactly what the salon has. */
async function showsTheSalon(environment: Environment): Promise<void> {
  await untilSaid(environment, /^Webhook: a sale of 990 ₽ \(sale:\d+\) arrived by itself/m)
  const books = await ledger(environment)
  expect(books.length).toBeGreaterThan(20)
  expect(await stored(environment)).toEqual(books)
  const answers = (await paste(environment.output())).map((line) => JSON.parse(line))
  expect(answers.length).toBeGreaterThan(5)
  expect(answers.filter(({ code }) => code !== undefined)).toEqual([])
  await untilSynced(environment)
  expect(await stored(environment)).toEqual(await ledger(environment))
}

/** The whole life of an integration with a salon of its own, in a page of another origin, through the client. */
async function livesInAPage(browser: Browser, { state }: Environment, { url, sandbox }: Vendor): Promise<void> {
  const { credentials, additionalConfig: branch } = sandbox.connection
  const { apiKey = '', apiSecret = '' } = credentials
  // As many days as the salon has: each further one would be asked for at the pace of the vendor.
  const additionalConfig = { ...branch, initialDays: 7 }
  const given = { baseUrl: state.url, token: state.adminToken, businessId: crypto.randomUUID() }
  const vendor = { crmType: 'yclients', apiUrl: url } as const
  const { synced, read, imported, ...ended } = await liveInBrowser(browser, {
    ...given,
    vendor: { ...vendor, credentials: { apiKey, apiSecret }, additionalConfig },
  })
  expect(synced).toMatchObject({ ok: true, run: { inserted: read.sales } })
  expect(synced.run.states.at(-1)).toBe('succeeded')
  expect(read).toMatchObject({ distinct: read.sales, summed: read.sales, quarantined: 0 })
  expect(read.sales).toBeGreaterThan(20)
  expect(read.changes).toBeGreaterThan(0)
  expect(imported).toMatchObject({ doubt: expect.stringContaining('Ушло коту'), refusal: 'mapping_unconfirmed' })
  expect(imported.states.at(-1)).toBe('succeeded')
  expect(ended).toMatchObject({ removed: [204, 'not_found'], closed: 204 })
}

/** A business of its own connects the same salon in the page, and has the same sales when the walk is over. */
async function newcomerWalks(browser: Browser, environment: Environment): Promise<void> {
  const { state, output } = environment
  const urls = { url: state.url, pageUrl: state.pageUrl ?? '', sandboxUrl: state.sandboxUrl ?? '' }
  await walkFromStart(browser, { ...urls, adminToken: state.adminToken, output: output() })
  const owned = `${state.url}/v1/integrations?businessId=${PAGE_BUSINESS_ID}`
  const { items }: { items: { id: string }[] } = await get(owned, state.adminToken)
  const connected = { businessId: PAGE_BUSINESS_ID, token: state.adminToken, integrationId: items[0]?.id ?? '' }
  const own = { ...environment, state: { ...state, demo: connected } }
  await untilSynced(own)
  expect(await stored(own)).toEqual(await ledger(environment))
}

/** Runs the lines that a start printed for pasting, as a shell does, and notices meanwhile which connections end. */
async function paste(output: string): Promise<string[]> {
  const lines = output.split('\n').filter((line) => /^ {2}(?:[A-Z]+=|curl)/.test(line))
  const { stdout } = await promisify(execFile)('bash', ['-c', lines.map((line) => line.trim()).join('\n')])
  expect(stdout).toMatch(/}\n$/)
  return stdout.split('\n').filter((line) => line.startsWith('{'))
}

// Each waits most of its time for processes: side by side they take as long as the longest.
describe.concurrent('npm start', { timeout: TEST_MS }, () => {
  it('shows a salon synced exactly, works when its lines are pasted, and starts again where it was, whatever became of its credentials', async (context) => {
    const { directory, start } = stage(context)
    const at = directory()
    const amo = await registerAmo(context)
    const salon = await serveVendor(createYclientsSandbox({ demo: true, days: 6 }))
    context.onTestFinished(salon.close)
    const EGRESS_ALLOW_ORIGINS = [amo.vendor.url, salon.vendor.url].join(',')
    const first = await start(at, { ...amo.variables, ...WIDE_LIMITS, EGRESS_ALLOW_ORIGINS, DEV_CRON_SECONDS: '2' })
    expect(first.output()).toMatch(/First sync: succeeded\. \d+ records/)
    const browser = await openBrowser()
    context.onTestFinished(async () => browser.close())
    // Of businesses of their own, so they may go side by side; only the consents share the account of one amoCRM.
    const byKeys = async () => {
      await showsTheSalon(first)
      await newcomerWalks(browser, first)
    }
    const byConsent = async () => {
      await ownerFindsHisWay(browser, first.state, amo.vendor)
      for (const connect of [connectByConsent, connectInFrame]) await connect(browser, first.state, amo.sandbox)
    }
    await Promise.all([byKeys(), byConsent(), livesInAPage(browser, first, salon.vendor), proveDemo(at, first.state)])
    // The token that the demo has was revoked in the walk.
    const before = await stored(first)
    first.process.kill('SIGTERM')
    expect(await exitOf(first.process)).toBe(0)
    expect(await untilGone(at)).toEqual([])
    const second = await start(at)
    expect(second.state.demo).toMatchObject({ integrationId: first.state.demo?.integrationId })
    expect(second.state.sandboxUrl).toBe(first.state.sandboxUrl)
    // Not the first sync again; the vendor's limit of a minute may still be used up.
    expect(second.output()).toMatch(/Connection test: passed.*\nSync: (?:succeeded|running|waiting)/)
    const ids = (await stored(second)).map(({ externalId }) => externalId)
    expect(ids).toEqual(expect.arrayContaining(before.map(({ externalId }) => externalId)))
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('runs two environments side by side, refuses a second in a folder, and leaves nothing behind however each ends', async (context) => {
    const { directory, start } = stage(context)
    const [a, b] = [directory(), directory()]
    const [one, other] = await Promise.all([start(a, { DEV_DEMO: '0' }), start(b, { DEV_DEMO: '0' })])
    expect([one.state.demo, one.state.sandboxUrl]).toEqual([null, null])
    const none = await get(`${one.state.url}/v1/integrations`, one.state.adminToken)
    expect(none).toEqual({ items: [], nextCursor: null })
    const env = { ...ENVIRONMENT, DEV_DIR: b, PORT: String(await freePort()) }
    const second = spawnSync(process.execPath, ['dev/start.ts'], { cwd: ROOT, env, encoding: 'utf8' })
    expect([second.status, second.stdout]).toEqual([1, ''])
    expect(second.stderr).toMatch(/^DEV_DIR: another npm start \(process \d+\) works in \S+\. Stop that one first/)
    // Ctrl-C reaches the whole group of the terminal.
    process.kill(-(one.process.pid ?? 0), 'SIGINT')
    await exitOf(one.process)
    expect(await untilGone(a)).toEqual([])
    expect((await fetch(`${other.state.url}/readyz`)).status).toBe(200)
    const browser = await openBrowser()
    context.onTestFinished(async () => browser.close())
    for (const page of ['/docs', '/docs/schemas'])
      expect(await findBarriers(browser, `${other.state.url}${page}`)).toEqual([])
    expect(one.output()).toMatch(/Database: PostgreSQL is made.*Worker: is built.*ready at/s)
    await kill(other)
    const again = await start(b, { DEV_DEMO: '0' }, NODE)
    expect((await fetch(`${again.state.url}/readyz`)).status).toBe(200)
    await kill(again)
  })

  it('says that its port is taken, and what to do', async (context) => {
    const { directory } = stage(context)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = { ...ENVIRONMENT, DEV_DIR: directory(), PORT: String(port) }
    const { status, stderr } = spawnSync(process.execPath, ['dev/start.ts'], { cwd: ROOT, env, encoding: 'utf8' })
    server.close()
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^PORT: something else listens on ${port}`))
  })
})
