// A clock that stands still while anything is at work, and jumps to the next sleeper when nothing is: what runs side
// by side takes as long as it would, and no time at all.
import type { Clock } from '#lib/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export interface VirtualTime extends Clock {
  /** Runs until all of these have ended. */
  readonly run: (work: readonly (() => Promise<unknown>)[]) => Promise<void>
}

/** Turns of the event loop after which nothing is at work any more. */
const IDLE_TURNS = 5

export function createVirtualTime(): VirtualTime {
  let now = Date.now()
  let sleepers: Sleeper[] = []
  return {
    now: () => new Date(now),
    sleep: async (ms) => {
      await new Promise<void>((wake) => sleepers.push({ at: now + ms, wake }))
    },
    run: async (work) => {
      const state = { isOver: false }
      const all = Promise.all(work.map(async (act) => act())).finally(() => {
        state.isOver = true
      })
      while (!state.isOver) {
        for (let turn = 0; turn < IDLE_TURNS && !state.isOver; turn += 1) await scheduler.wait(0)
        const at = Math.min(...sleepers.map((sleeper) => sleeper.at))
        if (state.isOver || at === Infinity) continue
        now = Math.max(now, at)
        const due = sleepers.filter((sleeper) => sleeper.at <= now)
        sleepers = sleepers.filter((sleeper) => sleeper.at > now)
        due.forEach(({ wake }) => wake())
      }
      await all
    },
  }
}
