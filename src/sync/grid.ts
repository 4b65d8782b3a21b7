import { sql } from 'drizzle-orm'

// Each integration has its own fixed phase within its interval: syncs are spread evenly over time, and neither a late
// tick nor an outage makes them drift or gather. `i` is a row of crm_integrations.
// The column may be null, and its default holds then.
const every = `(coalesce(i.sync_interval_minutes, 5) * 60)`
const phase = `(('x' || left(md5(i.id::text), 7))::bit(28)::int % ${every})`

/** The integration's next regular time. */
export const NEXT_ON_GRID = sql.raw(
  `to_timestamp((floor((extract(epoch from now()) - ${phase}) / ${every}) + 1) * ${every} + ${phase})`,
)

const PAUSE_SECONDS_MAX = 24 * 3600

/** After `failures` failed runs in a row: the interval doubled as many times, ±10 %, at most a day. */
export const AFTER_FAILURES = (failures: string) =>
  sql.raw(
    `now() + least(${PAUSE_SECONDS_MAX}, ${every} * 2 ^ least(${failures}, 20) * (0.9 + 0.2 * random())) * interval '1 second'`,
  )
