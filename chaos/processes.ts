// What /proc tells of the processes of a proof.
import { readdirSync, readFileSync } from 'node:fs'

/** workerd's processes in a process group, such as wrangler leads. */
export function workerdOf(group: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : ''
    const [, command, groupId] = /^\d+ \((.*)\) \S \d+ (\d+)/.exec(stat) ?? []
    return command === 'workerd' && Number(groupId) === group ? [Number(name)] : []
  })
}

export interface CpuTime {
  readonly ranMs: number
  /** Ready to run, while the machine ran something else. */
  readonly waitedMs: number
}

/** Of all threads that are there now, since they began. */
export function cpuTimeOf(pids: readonly number[]): CpuTime {
  let [ranNs, waitedNs] = [0, 0]
  for (const pid of pids) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const [ran = 0, waited = 0] = textOf(`/proc/${pid}/task/${task}/schedstat`).split(' ').map(Number)
      ranNs += ran
      waitedNs += waited
    }
  }
  return { ranMs: Math.round(ranNs / 1e6), waitedMs: Math.round(waitedNs / 1e6) }
}

/** Empty: the process has ended since it was listed. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
