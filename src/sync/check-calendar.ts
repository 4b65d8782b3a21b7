// The days of a check: each location has its own calendar.
import { eq } from 'drizzle-orm'
import { dayStart } from '#businesses/period.ts'
import type { Context } from '#context.ts'
import type { Window } from '#crm/contract.ts'
import { crmIntegrations, type StoredAccount } from '#db/schema/crm-integrations.ts'
import { addDays, isTimeZone, localDate } from '#lib/time.ts'
import type { TakenRun } from '#sync/take-run.ts'

export interface Calendar {
  /** All zones, each with its locations; null: it is that of all others. */
  readonly zones: ReadonlyMap<string, readonly string[] | null>
  readonly dayOf: (occurredAt: string, locationId: string | null) => string
  /** From the first begin of the first day to the last end of the last one. */
  readonly windowOf: (days: readonly [from: string, to: string]) => Window
  /** When a day begins and ends, by location; the empty name: in any other. */
  readonly boundsOf: (day: string) => Readonly<Record<string, readonly [from: string, to: string]>>
}

interface Located {
  readonly additionalConfig: Readonly<Record<string, unknown>> | null
  readonly account: StoredAccount | null
  /** Of the business. */
  readonly timezone: string
}

export async function openCalendar({ db }: Context, run: TakenRun): Promise<Calendar> {
  const { id, account } = crmIntegrations
  const [row] = await db.select({ account }).from(crmIntegrations).where(eq(id, run.integrationId))
  return calendarOf({ ...run.integration, account: row?.account ?? null })
}

/** A zone in the settings is that of all locations; else each has its own, or that of the business. */
export function calendarOf({ additionalConfig, account, timezone }: Located): Calendar {
  const chosen = additionalConfig?.['timezone']
  const isChosen = typeof chosen === 'string' && isTimeZone(chosen)
  const fallback = isChosen ? chosen : timezone
  const own = (isChosen ? [] : (account?.locations ?? [])).flatMap((location) =>
    location.timezone === null || location.timezone === fallback
      ? []
      : [[location.externalId, location.timezone] as const],
  )
  const zoneOf = new Map(own)
  const all = [fallback, ...zoneOf.values()]
  const edge = (day: string, choose: (...times: number[]) => number) =>
    new Date(choose(...all.map((zone) => Date.parse(dayStart(day, zone))))).toISOString()
  const locationsOf = (zone: string) => own.flatMap(([location, itsZone]) => (itsZone === zone ? [location] : []))
  return {
    zones: new Map([
      [fallback, null] as const,
      ...[...new Set(zoneOf.values())].map((zone) => [zone, locationsOf(zone)] as const),
    ]),
    dayOf: (occurredAt, locationId) => localDate(new Date(occurredAt), zoneOf.get(locationId ?? '') ?? fallback),
    windowOf: ([from, to]) => ({ from: edge(from, Math.min), to: edge(addDays(to, 1), Math.max) }),
    boundsOf: (day) => {
      const bounds = (zone: string) => [dayStart(day, zone), dayStart(addDays(day, 1), zone)] as const
      return { ...Object.fromEntries(own.map(([location, zone]) => [location, bounds(zone)])), '': bounds(fallback) }
    },
  }
}
