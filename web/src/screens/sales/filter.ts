// The filter of sales as it stands in the address, so that a reload and a link show the same list.
import { addDays } from '#lib/time.ts'
import { isDay } from '#web/lib/is-day.ts'

export const STATUSES = ['paid', 'unpaid', 'cancelled'] as const
export const KINDS = ['sale', 'refund'] as const

export interface SalesFilter {
  /** Days on the business's calendar, both inclusive; null: without an end. */
  readonly from: string | null
  readonly to: string | null
  readonly status: (typeof STATUSES)[number] | null
  readonly kind: (typeof KINDS)[number] | null
  readonly locationId: string | null
  /** A part of a name, or the last digits of a phone. */
  readonly q: string | null
}

export const PRESETS = ['today', 'week', 'month', 'quarter', 'all'] as const
export type Preset = (typeof PRESETS)[number]

const PRESET_DAYS: Readonly<Record<Exclude<Preset, 'all'>, number>> = { today: 1, week: 7, month: 30, quarter: 90 }
const USUAL: Preset = 'month'

/** The days of a preset that ends today. */
export function presetDays(preset: Preset, today: string): Pick<SalesFilter, 'from' | 'to'> {
  return preset === 'all' ? { from: null, to: null } : { from: addDays(today, 1 - PRESET_DAYS[preset]), to: today }
}

/** Null: other days than those of any preset. */
export function presetOf({ from, to }: Pick<SalesFilter, 'from' | 'to'>, today: string): Preset | null {
  return (
    PRESETS.find((preset) => {
      const days = presetDays(preset, today)
      return days.from === from && days.to === to
    }) ?? null
  )
}

/** What is unknown or wrong in an address is as if it were not there. */
export function readFilter(query: URLSearchParams, today: string): SalesFilter {
  const day = (name: string) => {
    const text = query.get(name)
    return text !== null && isDay(text) ? text : null
  }
  const period = query.get('period')
  const preset = PRESETS.find((one) => one === period)
  const [from, to] = [day('from'), day('to')]
  const days = from !== null || to !== null ? { from, to } : presetDays(preset ?? USUAL, today)
  return {
    ...days,
    status: STATUSES.find((one) => one === query.get('status')) ?? null,
    kind: KINDS.find((one) => one === query.get('kind')) ?? null,
    locationId: query.get('location') || null,
    q: query.get('q')?.trim() || null,
  }
}

/** A preset stays one: tomorrow the same address means tomorrow's thirty days. */
export function writeFilter(filter: SalesFilter, today: string): URLSearchParams {
  const { from, to, status, kind, locationId, q } = filter
  const preset = presetOf(filter, today)
  const days = preset === null ? { from, to } : { period: preset === USUAL ? null : preset }
  const members = Object.entries({ ...days, status, kind, location: locationId, q })
  return new URLSearchParams(members.flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}

/** How the API calls the same. */
export function apiFilter({ from, to, status, kind, locationId, q }: SalesFilter) {
  return {
    ...(from !== null && { from }),
    ...(to !== null && { to }),
    ...(status !== null && { status }),
    ...(kind !== null && { kind }),
    ...(locationId !== null && { locationId }),
    ...(q !== null && { q }),
  }
}

/** The API sums up so many days at most. */
const SUMMED_DAYS_MAX = 400

/** The days of the sums. Null where the API has none: it sums up by no search, and not without an end. */
export function summedDays({ from, to, q }: SalesFilter): { readonly from: string; readonly to: string } | null {
  if (q !== null || from === null || to === null || from > to) return null
  return to < addDays(from, SUMMED_DAYS_MAX) ? { from, to } : null
}

/** Whether there may be sales that it does not show. */
export function isNarrowed({ status, kind, locationId, q, from, to }: SalesFilter): boolean {
  return [status, kind, locationId, q, from, to].some((part) => part !== null)
}

export function isEmptyPeriod({ from, to }: SalesFilter): boolean {
  return from !== null && to !== null && from > to
}
