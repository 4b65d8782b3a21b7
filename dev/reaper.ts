// Ends what a start leaves behind, however it ended. Its standard input is a pipe from start: when that closes, start
// is gone. Lines it was sent are process ids, with a minus those that have ended.
import { createInterface } from 'node:readline'

const pids = new Set<number>()

// Signals of the terminal are for start; this process outlives it by a moment.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

for await (const line of createInterface({ input: process.stdin })) {
  if (/^\d+$/.test(line)) pids.add(Number(line))
  else if (/^-\d+$/.test(line)) pids.delete(-Number(line))
}
if (pids.size > 0) {
  // The group first: wrangler's children (workerd, esbuild) are in it.
  for (const pid of pids) if (!tryKill(-pid, 'SIGTERM')) tryKill(pid, 'SIGTERM')
  await new Promise((settle) => setTimeout(settle, 300))
  // PostgreSQL's immediate shutdown; it recovers by itself at the next start.
  for (const pid of pids) if (!tryKill(-pid, 'SIGQUIT')) tryKill(pid, 'SIGQUIT')
  await new Promise((settle) => setTimeout(settle, 700))
  for (const pid of pids) if (!tryKill(-pid, 'SIGKILL')) tryKill(pid, 'SIGKILL')
}

function tryKill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
