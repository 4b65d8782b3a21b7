// npm start as a person runs it, and all processes that belong to one of them.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '#dev/free-port.ts'

const ROOT = resolve(import.meta.dirname, '..')
const READY_MS = 120_000
const POLL_MS = 50
/** `exec` makes the start the process that is signalled; under npm it is npm's child. */
const COMMANDS = { npm: ['npm', 'start'], start: [process.execPath, 'dev/start.ts'] } as const

export interface Started {
  readonly process: ChildProcess
  readonly directory: string
  readonly url: string
  readonly output: () => string
}

/** In a process group of its own, as in a terminal. */
export async function launch(
  directory: string,
  command: keyof typeof COMMANDS = 'npm',
  variables: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const { PORT: port = String(await freePort()) } = variables
  const [file, ...args] = COMMANDS[command]
  const env = { ...process.env, ...variables, DEV_DIR: directory, PORT: port }
  const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (output += text))
  }
  return { process: child, directory, url: `http://127.0.0.1:${port}`, output: () => output }
}

function hasEnded({ process: { exitCode, signalCode } }: Started): boolean {
  return exitCode !== null || signalCode !== null
}

/** The last line of a start begins with it. */
export const untilReady = async (started: Started): Promise<boolean> => untilSaid(started, '\nready')

/** False: it ended without that, or takes too long. */
export async function untilSaid(started: Started, text: string): Promise<boolean> {
  const deadline = Date.now() + READY_MS
  const isSaid = () => started.output().includes(text)
  while (!isSaid() && !hasEnded(started) && Date.now() < deadline) await sleep(POLL_MS)
  return isSaid()
}

/** False: it still runs after that time. */
export async function untilEnded(started: Started, patienceMs: number): Promise<boolean> {
  if (hasEnded(started)) return true
  const ended = once(started.process, 'exit').then(() => true)
  return Promise.race([ended, sleep(patienceMs, false, { ref: false })])
}

/** Processes that name the folder in their command line or have it from the start's environment. */
export function processesOf(directory: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const command = readProc(pid, 'cmdline')
    const isOurs = command.includes(directory) || readProc(pid, 'environ').includes(`DEV_DIR=${directory}\0`)
    return isOurs && pid !== String(process.pid) ? [`${pid} ${command.replaceAll('\0', ' ').slice(0, 100)}`] : []
  })
}

/** Those that are left when so much time has passed; as soon as there are none. */
export async function untilGone(directory: string, patienceMs: number): Promise<string[]> {
  const deadline = Date.now() + patienceMs
  while (processesOf(directory).length > 0 && Date.now() < deadline) await sleep(POLL_MS)
  return processesOf(directory)
}

/** Empty: the process has ended, or is a zombie. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
