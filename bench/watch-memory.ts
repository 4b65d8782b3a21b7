import { readFileSync } from 'node:fs'

interface MemoryWatch {
  /** MiB so far, the first at the start. */
  readonly samples: readonly number[]
  readonly sample: () => void
  readonly stop: () => void
}

/** Resident memory of a process, looked up again and again until stopped. */
export function watchMemory(pid: number, everyMs: number): MemoryWatch {
  const samples = [mibOf(pid)]
  const sample = () => void samples.push(mibOf(pid))
  const sampling = setInterval(sample, everyMs)
  return { samples, sample, stop: () => clearInterval(sampling) }
}

function mibOf(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kib) / 1024)
}
