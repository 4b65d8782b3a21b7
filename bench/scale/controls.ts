// Negative controls: with a policy of before, the simulation must fail at what the present one is for, where the
// present one holds. A simulation that passes them proves nothing.
import type { Line } from '#bench/measure.ts'
import { type Outcome, outcomeOf } from './judge.ts'
import { FORMER_BOUND, FORMER_NIGHT, FORMER_PACE } from './policies.ts'
import { simulate } from './simulate.ts'
import type { Plan } from './world.ts'

export interface Control {
  readonly name: string
  readonly former: Plan['policies']
  readonly change: Partial<Plan>
  /** What is judged, and up to what it holds. */
  readonly judged: (outcome: Outcome) => number
  readonly most: number
  readonly unit: string
}

const NIGHT = { startMs: Date.UTC(2026, 10, 29, 23, 30), hours: 1.5, integrations: 3000, groupSizes: [170] }

export const CONTROLS: readonly Control[] = [
  {
    name: 'the former bound, 20,000 claims a tick: lateness, p99',
    former: FORMER_BOUND,
    // As many as its bound cannot claim, in one database with queues and a bucket for them.
    change: {
      integrations: 150_000,
      integrationsADatabase: 150_000,
      hours: 0.12,
      invocations: 2500,
      neonPerSecond: 5000,
      cores: 16,
      groupSizes: [100],
    },
    judged: (outcome) => outcome.lateness.p99,
    ...{ most: 10, unit: 's' },
  },
  {
    name: 'the former night, all wide scans at three o’clock: longest wait',
    former: FORMER_NIGHT,
    change: NIGHT,
    judged: (outcome) => outcome.longestWait,
    ...{ most: 3, unit: 'intervals' },
  },
  {
    name: 'the former pace, of each session for itself: calls beyond a limit',
    former: FORMER_PACE,
    change: { ...NIGHT, hours: 0.5 },
    judged: (outcome) => outcome.overdrawn,
    ...{ most: 0, unit: '' },
  },
]

/** The line says what the former policy gives, which must be beyond what holds. */
export function playControl(base: Omit<Plan, 'integrations' | 'hours'>, control: Control): Line {
  const { name, judged, most, unit } = control
  const plan = { ...base, integrations: 10_000, hours: 1, ...control.change }
  const present = judged(outcomeOf(simulate(plan)))
  if (!(present <= most)) throw new Error(`${name}: the present policy does not hold either, with ${present}`)
  const former = judged(outcomeOf(simulate({ ...plan, policies: control.former })))
  if (former <= most) throw new Error(`${name}: the simulation does not see what is wrong with it, with ${former}`)
  const value = { min: former, median: former, max: former }
  return { name: `must fail: ${name}`, value, unit, budget: { kind: 'least', value: most } }
}
