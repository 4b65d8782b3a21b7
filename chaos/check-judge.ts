// Whether a check has found what was changed and nothing else, and whether a repair has undone it, by the database
// itself: the service's own opinion proves nothing.
import { addDays } from '#lib/time.ts'
import type { Store } from './check-stores.ts'
import { isAsBefore, isAsLeft, type State, statesOf, type Tampered } from './check-tamper.ts'
import type { Service } from './service.ts'

export interface Counts {
  tampered: number
  /** Of `tampered`: of erased customers. */
  ofErased: number
  found: number
  /** A sync that came before the check had undone it. */
  mendedBySync: number
  /** Added sales that the CRM may have removed: the CRM's own total of the day differs by just their sum. */
  toldByTotal: number
  /** Of the frozen branch: nobody may find or undo these. */
  frozen: number
  sold: number
  /** Checks that failed as the CRM did, and were started again. */
  again: number
  missed: number
  false: number
  notRepaired: number
  frozenTouched: number
}

export function createCounts(): Counts {
  return {
    ...{ tampered: 0, ofErased: 0, found: 0, mendedBySync: 0, toldByTotal: 0, frozen: 0, sold: 0, again: 0 },
    ...{ missed: 0, false: 0, notRepaired: 0, frozenTouched: 0 },
  }
}

export interface Scene {
  readonly service: Service
  readonly counts: Counts
  readonly examples: unknown[]
}

export interface Tampering {
  /** The integration. */
  readonly id: string
  readonly store: Store
  readonly tampered: ReadonlyMap<string, Tampered>
  readonly from: string
  readonly to: string
}

interface Difference {
  readonly externalId: string
  readonly kind: string
  readonly fields: readonly string[]
  readonly locationId: string | null
}

interface Day {
  readonly day: string
  readonly locationId: string | null
  readonly state: string
  readonly stored: { readonly amountMinor: number }
  readonly total: { readonly amountMinor: number } | null
  readonly checkedAt: string | null
}

export async function judge({ service, counts, examples }: Scene, tampering: Tampering): Promise<void> {
  const { id, store, tampered } = tampering
  const found = await differencesOf(service, tampering)
  const [days, states] = await Promise.all([daysOf(service, tampering), statesOf(service, id, [...tampered.keys()])])
  const isFound = (externalId: string, { kind, fields }: Tampered) => {
    const one = found.get(externalId)
    return one?.kind === kind && one.fields.join(' ') === fields.join(' ')
  }
  const open = [...tampered].filter(([, { isFrozen }]) => !isFrozen)
  const wrong = open.filter(
    ([externalId, one]) => isFound(externalId, one) || !wasMended(one, states.get(externalId), days),
  )
  for (const [externalId, one] of wrong) {
    if (isFound(externalId, one)) counts.found += 1
    else if (store.removesSales && one.kind === 'extra' && isToldByTotal(days, one.day, wrong)) counts.toldByTotal += 1
    else {
      counts.missed += 1
      examples.push({ type: store.type, missed: externalId, ...one, found: found.get(externalId) ?? null })
    }
  }
  counts.tampered += open.length
  counts.ofErased += open.filter(([, { isErased }]) => isErased).length
  counts.mendedBySync += open.length - wrong.length
  counts.frozen += tampered.size - open.length
  for (const [externalId, one] of found) {
    if (store.frozenId !== null && one.locationId === store.frozenId) counts.frozenTouched += 1
    if (wrong.some(([name]) => name === externalId)) continue
    counts.false += 1
    examples.push({ type: store.type, untrue: one, day: tampered.get(externalId)?.day })
  }
}

async function differencesOf(service: Service, { id, from, to }: Tampering): Promise<Map<string, Difference>> {
  const found = new Map<string, Difference>()
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const path = `/v1/integrations/${id}/days/${day}/differences`
    const { json } = await service.call<{ items: Difference[] }>('GET', path)
    for (const one of json.items) found.set(one.externalId, one)
  }
  return found
}

async function daysOf(service: Service, { id, from, to }: Tampering): Promise<readonly Day[]> {
  const { json } = await service.call<{ items: Day[] }>('GET', `/v1/integrations/${id}/days?from=${from}&to=${to}`)
  return json.items
}

/** Before its day was compared: what was undone later was wrong then. */
function wasMended(one: Tampered, now: State | undefined, days: readonly Day[]): boolean {
  const { checkedAt } = days.find(({ day, locationId }) => day === one.day && locationId === one.locationId) ?? {}
  return checkedAt != null && isAsBefore(one, now) && now !== undefined && now.updatedAt <= Date.parse(checkedAt) + 1
}

type Changes = readonly (readonly [string, Tampered])[]

/** What these changes have added to what is stored of a day of a CRM with one calendar. */
function addedTo(day: string, changes: Changes): number {
  const paid = (state: State | null) => (state?.status === 'paid' ? state.amountMinor : 0)
  return changes.reduce((sum, [, { day: before, before: was, left }]) => {
    const hasMoved = was !== null && left !== null && left.occurredAt !== was.occurredAt
    const added = before === day ? (hasMoved ? 0 : paid(left)) - paid(was) : 0
    return sum + added + (hasMoved && addDays(before, -1) === day ? paid(left) : 0)
  }, 0)
}

function isToldByTotal(days: readonly Day[], of: string, changes: Changes): boolean {
  return days.some(({ day, state, total, stored }) => {
    const difference = total === null ? 0 : stored.amountMinor - total.amountMinor
    return day === of && state !== 'equal' && difference !== 0 && difference === addedTo(of, changes)
  })
}

/**
 * All sales are as before, and all days equal. Not in the frozen branch, whose days are unchecked and whose sales stay
 * as they are, nor where an added sale may be one that the CRM has removed.
 */
export async function judgeRepair({ service, counts, examples }: Scene, tampering: Tampering): Promise<void> {
  const { id, store, tampered } = tampering
  const [days, states] = await Promise.all([daysOf(service, tampering), statesOf(service, id, [...tampered.keys()])])
  if (days.length === 0) counts.notRepaired += 1
  const kept = [...tampered].filter(
    ([externalId, one]) => store.removesSales && one.kind === 'extra' && isAsLeft(one, states.get(externalId)),
  )
  for (const [externalId, one] of tampered) {
    const now = states.get(externalId)
    const isTold = kept.some(([name]) => name === externalId) && isToldByTotal(days, one.day, kept)
    if (isTold || (one.isFrozen ? isAsLeft(one, now) : isAsBefore(one, now))) continue
    counts[one.isFrozen ? 'frozenTouched' : 'notRepaired'] += 1
    examples.push({ type: store.type, notRepaired: externalId, ...one, now })
  }
  for (const one of days) {
    const isFrozen = store.frozenId !== null && one.locationId === store.frozenId
    if (one.state === (isFrozen ? 'unchecked' : 'equal')) continue
    if (one.state === 'unchecked' && isToldByTotal(days, one.day, kept)) continue
    counts[isFrozen ? 'frozenTouched' : 'notRepaired'] += 1
    const differences = await service.call('GET', `/v1/integrations/${id}/days/${one.day}/differences`)
    examples.push({ type: store.type, day: one, differences: differences.json })
  }
}
