// The engine at a size that no test machine holds: a simulation with a virtual clock, in which the product's own
// policies decide (slots, nights, claims, vendors' budgets) and cron, queues, PostgreSQL and vendors are models.
// docs/scaling.md says what is modelled, and how.
import { type Line, valueOf } from './measure.ts'
import { CONTROLS, playControl } from './scale/controls.ts'
import { longestByMembers, type Outcome, outcomeOf } from './scale/judge.ts'
import { PRODUCT } from './scale/policies.ts'
import { textOf } from './scale/random.ts'
import { simulate } from './scale/simulate.ts'
import type { Plan } from './scale/world.ts'

export interface ScaleSize {
  readonly integrations: readonly number[]
  /** Of the virtual night, from half past eleven in Moscow; the smoke form sees only its beginning. */
  readonly hours: number
  /** Sizes of egress groups that are tried for how many one carries. */
  readonly groups: readonly number[]
}

/** Half past eleven in the evening in Moscow, which has the most businesses. */
const EVENING = Date.UTC(2026, 10, 29, 20, 30)
/** A group in ten is crowded: it has twice as much demand as its vendor allows. */
const GROUPS = [400, ...Array<number>(9).fill(170)]

const PLAN: Omit<Plan, 'integrations' | 'hours'> = {
  ...{ seed: 18, startMs: EVENING, intervalSeconds: 300, integrationsADatabase: 30_000, cores: 2, groupSizes: GROUPS },
  ...{ invocations: 250, neonPerSecond: 600, membersMax: 200, policies: PRODUCT },
}

export function measureScale({ integrations, hours, groups }: ScaleSize): Line[] {
  const lines: Line[] = []
  let claimsACpuSecond: number | null = null
  for (const count of integrations) {
    const outcome = play({ ...PLAN, integrations: count, hours })
    claimsACpuSecond ??= outcome.claimsACpuSecond
    lines.push(...linesOf(count, outcome, claimsACpuSecond))
  }
  const again = { ...PLAN, integrations: Math.min(10_000, ...integrations), hours: 0.5 }
  if (textOf(simulate(again).hash) !== textOf(simulate(again).hash))
    throw new Error('two simulations of the same seed differ')
  if (groups.length > 0) lines.push(carried(groups, hours))
  return [...lines, ...CONTROLS.map((control) => playControl(PLAN, control))]
}

function play(plan: Plan): Outcome {
  const startedAt = performance.now()
  const world = simulate(plan)
  const outcome = outcomeOf(world)
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    JSON.stringify({
      ...{ integrations: plan.integrations, hours: plan.hours, log: textOf(world.hash) },
      seconds,
      ...outcome,
    }),
  )
  return outcome
}

function linesOf(count: number, outcome: Outcome, claimsACpuSecond: number): Line[] {
  const of = `${count.toLocaleString('en')} integrations`
  const most = (value: number) => ({ kind: 'most', value }) as const
  const line = (name: string, value: number, unit: string, budget: Line['budget'] = null): Line => ({
    ...{ name: `${of}: ${name}`, value: valueOf(value), unit, budget },
  })
  return [
    line('lateness, p99', outcome.lateness.p99, 's', most(10)),
    line('calls beyond a vendor’s limit', outcome.overdrawn, '', most(0)),
    line('longest wait where demand is within the limits', outcome.longestWait, 'intervals', most(3)),
    line('slowest ÷ median wait in a crowded group', outcome.unequal, '×', most(1.5)),
    line('claiming ÷ of the smallest, PostgreSQL’s CPU', claimsACpuSecond / outcome.claimsACpuSecond, '×', most(1.2)),
    line('wide scans made in their night', outcome.wideDone, '%'),
    line('hooks read within, p99', outcome.hookWaits.p99, 's'),
    line('people answered within, p99', outcome.peopleWaits.p99, 's'),
    line('cores at work, a database', outcome.coresUsed, ''),
    line('Neon requests, a database', outcome.neonPerSecond, '/s'),
  ]
}

/**
 * The largest group of one shared limit in which, and in all smaller ones, nobody waits for more than three intervals.
 */
function carried(groups: readonly number[], hours: number): Line {
  const members = groups.reduce((sum, size) => sum + size, 0)
  // Two in five integrations have a shared limit.
  const world = simulate({ ...PLAN, integrations: Math.round(members * 2.5), hours, groupSizes: groups })
  const longest = longestByMembers(world)
  const carries = groups.filter((size) => groups.every((other) => other > size || (longest.get(other) ?? 0) <= 3))
  const value = Math.max(0, ...carries)
  return { name: 'one egress group of YCLIENTS carries', value: valueOf(value), unit: 'integrations', budget: null }
}
