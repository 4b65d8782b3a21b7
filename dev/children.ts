import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const STOP_MS = 5000
/** A shell that becomes the command when a line arrives. Without one, since the sender is gone, it ends. */
const GATE = 'read -r line && exec "$@" </dev/null'

export interface ChildOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
  /** Where standard output and standard error go. */
  readonly output: number | 'pipe'
}

/** Starts a process that leads a group of its own: Ctrl-C in the terminal must reach our orderly stop first. */
export type Spawn = (command: string, args: readonly string[], options: ChildOptions) => ChildProcess

/** Child processes of a start: reported to a reaper, so that none outlives us. */
export interface Children {
  /** The reaper knows the process before it runs: there is no moment at which a SIGKILL of ours leaves it behind. */
  readonly spawn: Spawn
  /** Has the reaper end this process and its group if we are SIGKILLed. */
  readonly watch: (pid: number) => void
  /** It has ended, and its number may be another's from now on. */
  readonly forget: (pid: number) => void
  /** Ends all that `spawn` has started and that still runs. */
  readonly stop: () => Promise<void>
}

export const spawnPlain: Spawn = (command, args, { output, ...options }) =>
  spawn(command, args, { ...options, stdio: ['ignore', output, output], detached: true })

export function startReaper(): Children {
  const script = join(import.meta.dirname, 'reaper.ts')
  const reaper = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // A broken pipe means that the reaper was killed: there is nothing to report to.
  reaper.stdin.on('error', () => undefined)
  reaper.unref()
  const running = new Set<ChildProcess>()
  let isStopping = false
  const forget = (pid: number) => void reaper.stdin.write(`-${pid}\n`)
  return {
    spawn: (command, args, { output, ...options }) => {
      if (isStopping) throw new Error('nothing more is started while the start is being stopped')
      const stdio = ['pipe', output, output] as const
      const child = spawn('sh', ['-c', GATE, 'sh', command, ...args], { ...options, stdio: [...stdio], detached: true })
      running.add(child)
      child.stdin?.on('error', () => undefined)
      const { pid } = child
      if (pid === undefined) return child
      reaper.stdin.write(`${pid}\n`, () => child.stdin?.end('\n'))
      child.once('exit', () => {
        running.delete(child)
        // What it started goes with it.
        signalGroup(pid, 'SIGKILL')
        forget(pid)
      })
      return child
    },
    watch: (pid) => reaper.stdin.write(`${pid}\n`),
    forget,
    stop: async () => {
      isStopping = true
      await Promise.all([...running].map(stopGroup))
    },
  }
}

/** Ends a child that leads its own group, with everything it started. */
export async function stopGroup(child: ChildProcess): Promise<void> {
  const { pid } = child
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((settle) => {
    child.once('exit', () => settle())
  })
  signalGroup(pid, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_MS)
  await exited
  clearTimeout(timer)
  // What ignored the first signal goes with the second; the group is ours alone.
  signalGroup(pid, 'SIGKILL')
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
