import { readFileSync } from 'node:fs'

interface MemoryWatch {
  /** MiB so far, the first at the start. */
  readonly samples: readonly number[]
  readonly sample: () => void
  readonly stop: () => void
}

/** Resident memory of processes, all together, looked up again and again until stopped. */
export function watchMemory(pids: readonly number[], everyMs: number): MemoryWatch {
  const total = () => pids.reduce((sum, pid) => sum + mibOf(pid), 0)
  const samples = [total()]
  const sample = () => void samples.push(total())
  const sampling = setInterval(sample, everyMs)
  return { samples, sample, stop: () => clearInterval(sampling) }
}

function mibOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}
