import type { Session } from '#crm/contract.ts'
import { addDays, localDateTime } from '#lib/time.ts'

interface Night extends Pick<Session<unknown>, 'isManual' | 'nightAt'> {
  readonly now: Date
  readonly zone: string
}

/**
 * Whether the daily wide scan is due: when a person asks; from the integration's own time of the night on; and at any
 * hour after a whole day without it, since an integration that syncs once a day may always do so before its time.
 * `doneOn`: the day of the last wide scan, in the zone.
 */
export function isNightlyDue(doneOn: string | null, { now, zone, isManual, nightAt }: Night): boolean {
  const local = localDateTime(now, zone)
  const today = local.slice(0, 10)
  if (isManual || doneOn === null || doneOn < addDays(today, -1)) return true
  const [hours, minutes, seconds] = local.slice(11, 19).split(':').map(Number)
  return doneOn < today && (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0) >= nightAt
}
