import { sql } from 'drizzle-orm'
import { query } from '#test/pages.ts'
import type { Salon } from '#test/tenants.ts'

/**
 * Moves a salon to a zone in which it is noon: at whatever hour a test runs, no wide scan of the night falls to a sync
 * of the schedule.
 */
export async function moveToNoon(salon: Salon): Promise<void> {
  const ahead = 12 - new Date().getUTCHours()
  // POSIX's sign: Etc/GMT-3 is three hours ahead.
  const zone = `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
  await query(salon, sql`update businesses set timezone = ${zone} where id = ${salon.businessId}::uuid`)
}
