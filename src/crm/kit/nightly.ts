import type { Session } from '#crm/contract.ts'
import { addDays, localDateTime } from '#lib/time.ts'

/** Quiet hours begin at 3 o'clock local time, unless the connector says otherwise. */
const FROM_HOUR = 3

interface Night extends Pick<Session<unknown>, 'isManual'> {
  readonly now: Date
  readonly zone: string
  readonly fromHour?: number
}

/**
 * Whether the daily wide scan is due: when a person asks; during quiet hours; and at any hour after a whole day without
 * it, since an integration that syncs once a day may always do so before the quiet hours. `doneOn`: the day of the last
 * wide scan, in the zone.
 */
export function isNightlyDue(doneOn: string | null, { now, zone, isManual, fromHour = FROM_HOUR }: Night): boolean {
  const local = localDateTime(now, zone)
  const today = local.slice(0, 10)
  if (isManual || doneOn === null || doneOn < addDays(today, -1)) return true
  return doneOn < today && Number(local.slice(11, 13)) >= fromHour
}
