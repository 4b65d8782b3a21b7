import { startReaper } from '#dev/children.ts'

const reaper = startReaper()

/** However a bench or a proof ends, by a signal too, a process that is named here and still runs ends with it. */
export function watch(pid: number | undefined, exited: Promise<unknown>): void {
  if (pid === undefined) return
  reaper.watch(pid)
  void exited.finally(() => reaper.forget(pid))
}
