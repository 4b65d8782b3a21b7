// What a check has found stays, and what it may not believe it leaves alone.
import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { addDays } from '#lib/time.ts'
import { createSalon, night } from '#test/checked-salon.ts'
import { query } from '#test/pages.ts'

it('checks a day again as long as one of its locations was not equal twice', async () => {
  const { salon, today } = await createSalon({ branches: 2 })
  await salon.call('PATCH', salon.path, { syncEnabled: true })
  await salon.context.drain()
  const yesterday = addDays(today, -1)
  const [near, far] = salon.sandbox.branches.map(({ companyId }) => companyId)
  const setDay = async (location: string | undefined, state: string, equalTimes: number) =>
    query(
      salon,
      sql`
      insert into check_days (integration_id, day, location_id, stored_count, stored_minor, crm_count, crm_minor, missing,
        extra, different, state, equal_times, run_id)
      values (${salon.integrationId}::uuid, ${yesterday}::date, ${location ?? ''}, 1, 1, 1, 1, 0, 0, 0, ${state},
        ${equalTimes}::int, gen_random_uuid())`,
    )
  await setDay(near, 'equal', 2)
  await setDay(far, 'different', 0)
  expect(await night(salon)).toContainEqual([yesterday, yesterday])
})
