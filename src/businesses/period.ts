// The periods of lists and sums, as callers name them: by times, or by days on the business's own calendar.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { type BusinessScope, isVisible, isVisibleBusiness, type TenantScope } from '#db/tenant.ts'
import { Instant } from '#lib/instant.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'

const EXPECTED = 'expected a day such as 2026-01-31 or a time such as 2026-01-31T00:00:00Z'
const YEARS = 'expected a year from 1901 to 2999'
/** Zones have no rules before, and calendar arithmetic ends with year 9999. */
const DAY = /^(?:19|2\d)\d\d-\d\d-\d\d$/

export const Moment = z
  .string()
  .max(40, EXPECTED)
  .refine((text) => isDay(text) || Instant.safeParse(text).success, EXPECTED)

/** Of a period that is divided by the calendar: its weeks and months stay within the years that `dayStart` knows. */
export const CalendarMoment = Moment.refine((text) => !/^\d{4}-/.test(text) || /^(?:19(?!00)|2)/.test(text), YEARS)

export interface Period {
  readonly from?: string | undefined
  readonly to?: string | undefined
}

function isDay(text: string): boolean {
  // A Date reads the 31st of February as a day in March.
  return DAY.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && addDays(text, 0) === text
}

/** When a day begins on the clocks of a zone; RFC 3339 in UTC. */
export function dayStart(day: string, zone: string): string {
  return zonedToUtc(`${day}T00:00:00`, zone)
}

/** Both ends as times: `from` is part of the period and `to` is not. A day is part of it as a whole. */
export function inZone<P extends Period>(period: P, zone: string): P {
  const { from, to } = period
  return {
    ...period,
    ...(from !== undefined && isDay(from) && { from: dayStart(from, zone) }),
    ...(to !== undefined && isDay(to) && { to: dayStart(addDays(to, 1), zone) }),
  }
}

/** The zone of the business of an integration. Null: no such integration for this tenant. */
export async function businessZone({ db }: Context, scope: TenantScope): Promise<string | null> {
  const { rows } = await db.execute<{ timezone: string }>(sql`
    select b.timezone from crm_integrations i join businesses b on b.id = i.business_id where ${isVisible(scope)}`)
  return rows[0]?.timezone ?? null
}

/** The same of a business that the caller names. */
async function ownZone({ db }: Context, scope: BusinessScope): Promise<string | null> {
  const { rows } = await db.execute<{ timezone: string }>(sql`
    select b.timezone from businesses b where ${isVisibleBusiness(scope)}`)
  return rows[0]?.timezone ?? null
}

/**
 * The request with both ends as times; asks for the zone only where a day is named. Null: no such integration, or no
 * such business.
 */
export async function inBusinessZone<R extends (TenantScope | BusinessScope) & Period>(
  context: Context,
  request: R,
): Promise<R | null> {
  const namesDay = [request.from, request.to].some((end) => end !== undefined && isDay(end))
  if (!namesDay) return request
  const zone = await ('businessId' in request ? ownZone(context, request) : businessZone(context, request))
  return zone === null ? null : inZone(request, zone)
}
