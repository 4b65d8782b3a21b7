import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const STOP_MS = 5000

/** Child processes of a start: reported to a reaper, so that none outlives us. */
export interface Children {
  /** Has the reaper end this process and its group if we are SIGKILLed. */
  readonly watch: (pid: number) => void
  /** It has ended, and its number may be another's from now on. */
  readonly forget: (pid: number) => void
  /** An orderly end: the reaper has nothing to do. */
  readonly close: () => void
}

export function startReaper(): Children {
  const script = join(import.meta.dirname, 'reaper.ts')
  const reaper = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // A broken pipe means that the reaper was killed: there is nothing to report to.
  reaper.stdin.on('error', () => undefined)
  reaper.unref()
  return {
    watch: (pid) => reaper.stdin.write(`${pid}\n`),
    forget: (pid) => reaper.stdin.write(`-${pid}\n`),
    close: () => reaper.stdin.end('done\n'),
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
