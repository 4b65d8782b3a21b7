// What /proc tells of the processes of a proof.
import { readdirSync, readFileSync } from 'node:fs'

/**
 * The workerd that runs the service, in the process group of a wrangler. There is a second, which only hands requests
 * on, works less, and grows with every request whatever the service does.
 */
export function workerdOf(group: number): number {
  const pids = readdirSync('/proc').filter((name) => {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : ''
    const [, command, groupId] = /^\d+ \((.*)\) \S \d+ (\d+)/.exec(stat) ?? []
    return command === 'workerd' && Number(groupId) === group
  })
  const [pid] = pids.map(Number).toSorted((a, b) => cpuTimeOf(b).ranMs - cpuTimeOf(a).ranMs)
  if (pid === undefined) throw new Error('no workerd')
  return pid
}

export interface CpuTime {
  readonly ranMs: number
  /** Ready to run, while the machine ran something else. */
  readonly waitedMs: number
}

/** Of all threads that are there now, since they began. */
export function cpuTimeOf(pid: number): CpuTime {
  let [ranNs, waitedNs] = [0, 0]
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [ran = 0, waited = 0] = textOf(`/proc/${pid}/task/${task}/schedstat`).split(' ').map(Number)
    ranNs += ran
    waitedNs += waited
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
