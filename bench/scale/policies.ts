// The product's policies as the simulation calls them, and those of before, with which it must fail.
import { CLAIM_AHEAD_SECONDS, claimable } from '#jobs/claim-policy.ts'
import { type Ask, createBudget, type SharedLimits } from '#lib/permits.ts'
import { RUNS_A_MESSAGE } from '#queue/messages.ts'
import { isNightSlot, nightOf, phaseOf, slotAfter } from '#runs/schedule-slots.ts'

export const LANES = ['live', 'bulk', 'hooks', 'people'] as const

export interface Answer {
  readonly permits: number
  readonly waitMs: number
  readonly gapMs?: number
  readonly validMs?: number
}

export interface Budget {
  readonly lease: (nowMs: number, ask: Ask) => Answer
}

export interface Policies {
  readonly slotAfter: (phase: number, everySeconds: number, afterSeconds: number) => number
  readonly phaseOf: (id: string) => number
  readonly nightOf: (id: string, fromHour?: number) => number
  readonly isNightSlot: (night: number, localFrom: number, localTo: number) => boolean
  readonly wideLane: 'bulk' | 'live'
  readonly claimable: (backlog: number) => number
  readonly claimAheadSeconds: number
  readonly runsAMessage: number
  readonly createBudget: (limits: SharedLimits) => Budget
}

export const PRODUCT: Policies = {
  ...{ slotAfter, phaseOf, nightOf, isNightSlot, wideLane: 'bulk' },
  ...{ claimable, claimAheadSeconds: CLAIM_AHEAD_SECONDS, runsAMessage: RUNS_A_MESSAGE, createBudget },
}

/** A tick claims so many, however many are due and however few messages wait. */
export const FORMER_BOUND: Policies = { ...PRODUCT, claimable: () => 20_000 }

const THREE = 3 * 3600

/** All wide scans are due at three o'clock, and their integrations make them within their usual syncs. */
export const FORMER_NIGHT: Policies = { ...PRODUCT, nightOf: () => THREE, wideLane: 'live' }

/** Each session keeps half a vendor's pace for itself, whatever others do. */
export const FORMER_PACE: Policies = {
  ...PRODUCT,
  createBudget: ({ gapMs }) => ({
    lease: (_now, { count }) => ({ permits: count, waitMs: 0, gapMs, validMs: 20_000 }),
  }),
}
