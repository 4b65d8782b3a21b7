import { addDays, localDateTime } from '#lib/time.ts'

/**
 * Whether the wide look of once a day is due: from the quiet hours on, or at any hour when a whole day went without it,
 * since whoever syncs once a day may always come earlier. `doneOn`: the zone's day of the last one.
 */
export function isNightlyDue(doneOn: string | null, now: Date, zone: string, fromHour = 3): boolean {
  const local = localDateTime(now, zone)
  const today = local.slice(0, 10)
  if (doneOn === null || doneOn < addDays(today, -1)) return true
  return doneOn < today && Number(local.slice(11, 13)) >= fromHour
}
