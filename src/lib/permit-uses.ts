// What is in use of one limit, in no order. Numbers side by side: a lease looks at hundreds of uses several times.

export interface Uses {
  count: number
  /** A use takes nothing of the limit when its window has passed since then. */
  until: Float64Array
  weight: Float64Array
  id: Int32Array
  kind: Uint8Array
  lane: Uint8Array
}

type Use = Readonly<Record<'until' | 'weight' | 'id' | 'kind' | 'lane', number>>

/** Of a use that no session takes back. */
export type SavedUse = readonly [until: number, weight: number, lane: number]

const FIRST_USES = 8

export function createUses(): Uses {
  return {
    count: 0,
    ...{ until: new Float64Array(FIRST_USES), weight: new Float64Array(FIRST_USES), id: new Int32Array(FIRST_USES) },
    ...{ kind: new Uint8Array(FIRST_USES), lane: new Uint8Array(FIRST_USES) },
  }
}

export function put(uses: Uses, use: Use): void {
  const at = uses.count
  if (at === uses.until.length) widen(uses)
  uses.until[at] = use.until
  uses.weight[at] = use.weight
  uses.id[at] = use.id
  uses.kind[at] = use.kind
  uses.lane[at] = use.lane
  uses.count += 1
}

function widen(uses: Uses): void {
  const size = 2 * uses.count
  const [until, weight, id] = [new Float64Array(size), new Float64Array(size), new Int32Array(size)]
  const [kind, lane] = [new Uint8Array(size), new Uint8Array(size)]
  until.set(uses.until)
  weight.set(uses.weight)
  id.set(uses.id)
  kind.set(uses.kind)
  lane.set(uses.lane)
  Object.assign(uses, { until, weight, id, kind, lane })
}

/** The last one takes its place. */
export function removeAt(uses: Uses, at: number): void {
  uses.count -= 1
  const last = uses.count
  for (const column of [uses.until, uses.weight, uses.id, uses.kind, uses.lane]) column[at] = column[last] ?? 0
}

export function savedOf({ count, until, weight, lane }: Uses): SavedUse[] {
  return Array.from({ length: count }, (_, at) => [until[at] ?? 0, weight[at] ?? 0, lane[at] ?? 0] as const)
}
