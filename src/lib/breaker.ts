// Opens when a vendor answers hardly anybody, lets single requests probe it, and closes with the first one that it
// answers. A single customer in trouble never opens it.

/** Fewer may be a chance meeting of customers whose own accounts or servers are down. */
const FAILED_MIN = 5
/** At least half of those that called. */
const FAILED_ONE_IN = 2
const PERIOD_MS = 60_000
/** How often an open breaker doubles its time: five minutes from half a minute. */
const DOUBLED_MAX = 10
/** A probe that says nothing was lost with its worker. */
const PROBE_MS = 30_000

export interface BreakerState {
  readonly openUntil: number
  /** 0: closed. */
  readonly openForMs: number
}

export interface Breaker {
  /** A piece of work has begun to call the vendor. */
  began(now: number): void
  /** From when on a request may be made, or that it may be made as a probe. People may probe at any time. */
  gate(now: number, isPerson: boolean): number | 'probe'
  probing(now: number): void
  /** True when the state has changed. */
  failed(now: number, holder: string): boolean
  succeeded(now: number): boolean
  state(): BreakerState
}

export function createBreaker(outageMs: number, restored: BreakerState): Breaker {
  let { openUntil, openForMs } = restored
  let probeUntil = 0
  let periodEnd = 0
  let begun = 0
  let failed = new Set<string>()
  const roll = (now: number) => {
    if (now < periodEnd) return
    periodEnd = now + PERIOD_MS
    begun = 0
    failed = new Set()
  }
  const open = (now: number) => {
    openForMs = openForMs === 0 ? outageMs : Math.min(openForMs * 2, outageMs * DOUBLED_MAX)
    openUntil = now + openForMs
    probeUntil = 0
    periodEnd = 0
    return true
  }
  return {
    began: (now) => {
      roll(now)
      begun += 1
    },
    gate: (now, isPerson) => {
      if (openForMs === 0) return 0
      if (now < probeUntil) return Math.max(probeUntil, openUntil)
      return isPerson || now >= openUntil ? 'probe' : openUntil
    },
    probing: (now) => {
      probeUntil = now + PROBE_MS
    },
    failed: (now, holder) => {
      // Others that began before it opened say nothing new.
      if (openForMs > 0) return now < probeUntil ? open(now) : false
      roll(now)
      failed.add(holder)
      return failed.size >= FAILED_MIN && failed.size * FAILED_ONE_IN >= begun ? open(now) : false
    },
    succeeded: () => {
      if (openForMs === 0) return false
      openForMs = 0
      openUntil = 0
      probeUntil = 0
      return true
    },
    state: () => ({ openUntil, openForMs }),
  }
}
