// Who is synced: the integrations of the simulation, with their CRMs, zones, phases and vendors' budgets.
import type { Budget, Policies } from './policies.ts'
import { draw, drawBelow, type Random } from './random.ts'
import { VENDORS } from './vendors.ts'

export interface Fleet {
  readonly vendor: Uint8Array
  readonly phase: Int32Array
  /** The second of the local night in which its wide scan is due. */
  readonly night: Int32Array
  /** Hours east of Greenwich. */
  readonly zone: Int8Array
  readonly budget: Int32Array
  /** Its next slot, in seconds. */
  readonly slot: Int32Array
  readonly nextDue: Int32Array
  /** Null: the pace of a session is its own. */
  readonly budgets: readonly (Budget | null)[]
  /** By budget: how many integrations share it. */
  readonly members: Int32Array
  /** By budget: where the times of its last calls stand. */
  readonly callsAt: Int32Array
  readonly callCount: Int32Array
  readonly calls: Int32Array
}

/** Equally likely: most businesses are in Moscow's zone, the others east of it. */
const ZONES = Int8Array.of(3, 3, 3, 3, 3, 3, 2, 4, 5, 7)
/** Who has a limit for itself. */
const ALONE = -1
/** So many of those have the real budget; more of the same kind would say nothing new, and keep their own pace. */
const OWN_BUDGETS_MAX = 20_000
/** So that no call is near the first ones. */
const LONG_AGO = -1_000_000

export function createFleet(count: number, groupSizes: readonly number[], policies: Policies, random: Random): Fleet {
  const vendor = vendorsOf(count, random)
  const { budget, groups } = budgetsOf(vendor, groupSizes)
  const members = new Int32Array(groups.length)
  for (const index of budget) members[index] = (members[index] ?? 0) + 1
  let own = 0
  const limits = groups.map(({ vendor: of, group }) => {
    if (group === ALONE && VENDORS[of]?.limits) own += 1
    return group === ALONE && own > OWN_BUDGETS_MAX ? null : (VENDORS[of]?.limits ?? null)
  })
  const ids = Array.from({ length: count }, () => idOf(random))
  let room = 0
  const callsAt = Int32Array.from(limits, (of) => {
    const at = room
    for (const { requests } of of?.limits ?? []) room += requests
    return at
  })
  return {
    vendor,
    budget,
    phase: Int32Array.from(ids, (id) => policies.phaseOf(id)),
    night: Int32Array.from(ids, (id, index) => policies.nightOf(id, VENDORS[vendor[index] ?? 0]?.nightFromHour)),
    zone: Int8Array.from({ length: count }, () => ZONES[drawBelow(random, ZONES.length)] ?? 3),
    slot: new Int32Array(count),
    nextDue: new Int32Array(count),
    budgets: limits.map((of) => of && policies.createBudget(of)),
    members,
    callsAt,
    callCount: new Int32Array(groups.length),
    calls: new Int32Array(room).fill(LONG_AGO),
  }
}

function vendorsOf(count: number, random: Random): Uint8Array {
  const shares = Uint8Array.from(VENDORS.flatMap(({ share }, index) => Array<number>(share).fill(index)))
  return Uint8Array.from({ length: count }, () => shares[drawBelow(random, shares.length)] ?? 0)
}

/** A random id in the form of the database's. */
function idOf(random: Random): string {
  const hex = Array.from({ length: 4 }, () => draw(random).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

function budgetsOf(vendor: Uint8Array, groupSizes: readonly number[]) {
  const groups: { readonly vendor: number; readonly group: number }[] = []
  const budget = new Int32Array(vendor.length)
  const open = VENDORS.map(() => ({ group: -1, index: -1, room: 0 }))
  for (let integration = 0; integration < vendor.length; integration += 1) {
    const of = vendor[integration] ?? 0
    const group = open[of]
    if (!VENDORS[of]?.isByAddress || !group) {
      budget[integration] = groups.push({ vendor: of, group: ALONE }) - 1
      continue
    }
    if (group.room === 0) {
      group.group += 1
      group.room = groupSizes[group.group % groupSizes.length] ?? Infinity
      group.index = groups.push({ vendor: of, group: group.group }) - 1
    }
    group.room -= 1
    budget[integration] = group.index
  }
  return { budget, groups }
}
