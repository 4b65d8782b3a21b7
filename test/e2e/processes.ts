// The processes of an environment, as the system shows them.
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a test waits for what has to end. */
const GONE_MS = 60_000

/** Command lines of living processes that name the folder. */
function survivors(at: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(commandLine).filter((line) => line.includes(at))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** What still runs of it after a while; nothing, if all is well. */
export async function untilGone(at: string): Promise<string[]> {
  const deadline = Date.now() + GONE_MS
  while (survivors(at).length > 0 && Date.now() < deadline) await sleep(100)
  return survivors(at)
}

export async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  return new Promise((settle) => {
    child.once('exit', settle)
  })
}
