import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'

/** A person who mends settings tests twice or thrice a minute; each test is several calls of the vendor. */
const TESTS_MAX = 10
const WINDOW_SECONDS = 60

interface Counted extends Record<string, unknown> {
  readonly is_counted: boolean
  readonly wait: number
}

/**
 * Counts a connection test in the row of the business, which has one integration at a time: exactly, however many begin
 * at once, since the row is locked, and what waited for it sees the times of those before. Null: it may begin.
 * Otherwise the seconds until the next one may.
 */
export async function secondsUntilTest(context: Context, integrationId: string): Promise<number | null> {
  return secondsUntil(context, sql`(select i.business_id from crm_integrations i where i.id = ${integrationId}::uuid)`)
}

async function secondsUntil(context: Context, businessId: SQL): Promise<number | null> {
  const window = sql`interval '1 second' * ${WINDOW_SECONDS}::int`
  const { rows } = await context.db.execute<Counted>(sql`
    with counted as (
      update businesses b
      set tested_at = (array_prepend(clock_timestamp(), b.tested_at))[1:${TESTS_MAX}::int]
      where b.id = ${businessId} and (b.tested_at[${TESTS_MAX}::int] is null or b.tested_at[${TESTS_MAX}::int] <= clock_timestamp() - ${window})
      returning b.id)
    select exists (select from counted) as is_counted,
      coalesce(ceil(extract(epoch from b.tested_at[${TESTS_MAX}::int] + ${window} - clock_timestamp())),
        ${WINDOW_SECONDS}::int)::int as wait
    from businesses b where b.id = ${businessId}`)
  const [row] = rows
  // Deleted meanwhile.
  if (!row) throw new Problem('not_found')
  return row.is_counted ? null : Math.min(Math.max(row.wait, 1), WINDOW_SECONDS)
}

/** Throws Problem `too_many_requests`. */
export async function countTest(context: Context, integrationId: string): Promise<void> {
  refuseUntil(await secondsUntilTest(context, integrationId))
}

/** The same before there is an integration. */
export async function countTestOf(context: Context, businessId: string): Promise<void> {
  refuseUntil(await secondsUntil(context, sql`${businessId}::uuid`))
}

function refuseUntil(seconds: number | null): void {
  if (seconds === null) return
  throw new Problem('too_many_requests', {
    detail: {
      en: `A connection is tested ${TESTS_MAX} times a minute at most.`,
      ru: `Подключение можно проверять не чаще ${TESTS_MAX} раз в минуту.`,
    },
    headers: { 'retry-after': String(seconds) },
  })
}
