// What the simulation must show, and whether it does.
import { STAGE } from './stages.ts'
import { TICK_MS } from './wheel.ts'
import type { Plan, World } from './world.ts'

export interface Outcome {
  readonly events: number
  readonly claims: number
  /** Claims for each second of PostgreSQL's CPU that claiming took. */
  readonly claimsACpuSecond: number
  /** Seconds. */
  readonly lateness: Percentiles
  readonly hookWaits: Percentiles
  readonly peopleWaits: Percentiles
  readonly overdrawn: number
  /** Where the demand is within the vendors' limits: the longest wait of all, in intervals. */
  readonly longestWait: number
  /**
   * In groups with more demand than the vendor allows: the mean wait of the slowest in a hundred ÷ of the median one.
   */
  readonly unequal: number
  /** Syncs a day of the median integration in such a group. */
  readonly crowdedSyncs: number
  /** Of the wide scans that fell due, how many were made, in per cent. */
  readonly wideDone: number
  readonly coresUsed: number
  readonly neonPerSecond: number
  readonly neonRefused: number
  readonly syncs: number
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export function outcomeOf(world: World): Outcome {
  const { seen, plan, databases } = world
  const { counts } = seen
  const seconds = plan.hours * 3600
  const { longestWait, unequal, crowdedSyncs } = waitsOf(world)
  return {
    ...{ longestWait, unequal, crowdedSyncs },
    events: world.hash.events,
    claims: counts.claims,
    claimsACpuSecond: counts.claims / (counts.claimMs / 1000),
    lateness: percentiles(seen.lateness),
    hookWaits: percentiles(seen.hookWaits),
    peopleWaits: percentiles(seen.peopleWaits),
    overdrawn: counts.overdrawn,
    wideDone: (100 * counts.wideDone) / counts.wideDue,
    coresUsed: counts.databaseMs / 1000 / seconds / databases.length,
    neonPerSecond: counts.neonRequests / seconds / databases.length,
    neonRefused: counts.neonRefused,
    syncs: seen.syncs.reduce((sum, count) => sum + count, 0),
  }
}

function percentiles(waits: Int32Array): Percentiles {
  const total = waits.reduce((sum, count) => sum + count, 0)
  const at = (share: number) => {
    let passed = 0
    return (waits.findIndex((count) => (passed += count) > share * total) * TICK_MS) / 1000
  }
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}

/** How long an integration waited at most, in ticks: from its slot to the end of its run, or until now. */
function longestOf({ runs, seen, now }: World, integration: number): number {
  const open = runs.stage[integration] === STAGE.idle ? 0 : now - (runs.due[integration] ?? 0)
  return Math.max(seen.worstWait[integration] ?? 0, open)
}

function waitsOf(world: World) {
  const { fleet, plan, seen } = world
  const crowdedMeans: number[] = []
  const crowdedSyncs: number[] = []
  let longest = 0
  for (let integration = 0; integration < plan.integrations; integration += 1) {
    const syncs = seen.syncs[integration] ?? 0
    if ((fleet.members[fleet.budget[integration] ?? 0] ?? 0) > plan.membersMax) {
      crowdedSyncs.push(syncs)
      if (syncs > 0) crowdedMeans.push((seen.waited[integration] ?? 0) / syncs)
    } else longest = Math.max(longest, longestOf(world, integration))
  }
  const means = Float64Array.from(crowdedMeans).toSorted()
  const at = (values: Float64Array, share: number) => values[Math.floor(values.length * share)] ?? 0
  return {
    longestWait: longest / intervalOf(plan),
    unequal: means.length === 0 ? 0 : at(means, 0.99) / at(means, 0.5),
    crowdedSyncs: (at(Float64Array.from(crowdedSyncs).toSorted(), 0.5) * 24) / plan.hours,
  }
}

const intervalOf = ({ intervalSeconds }: Plan) => (intervalSeconds * 1000) / TICK_MS

/** The longest wait, in intervals, by the number of integrations that share a limit. */
export function longestByMembers(world: World): ReadonlyMap<number, number> {
  const longest = new Map<number, number>()
  for (let integration = 0; integration < world.plan.integrations; integration += 1) {
    const members = world.fleet.members[world.fleet.budget[integration] ?? 0] ?? 0
    const intervals = longestOf(world, integration) / intervalOf(world.plan)
    longest.set(members, Math.max(longest.get(members) ?? 0, intervals))
  }
  return longest
}
