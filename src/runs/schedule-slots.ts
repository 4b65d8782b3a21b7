import { sql } from 'drizzle-orm'

/** A hook may come after the poll that found its change, and some vendors take their time. */
export const SILENT_MINUTES = 10
/** An integration that goes by hooks may poll as rarely as once a day. */
const SILENT_INTERVAL_MAX = 15
/** Hooks that have been away for longer were probably switched off by somebody. */
const SILENT_DAYS_MAX = 7

/** The CRM's hooks have stopped, so it is asked more often until they return. */
const isSilent = `(i.webhook_missed_at < now() - interval '${SILENT_MINUTES} minutes'
  and i.webhook_missed_at > now() - interval '${SILENT_DAYS_MAX} days')`

/** In time to see whether it is silence. */
export const silentSlot = sql.raw(`now() + interval '${SILENT_MINUTES + 1} minutes'`)

// Each integration has its own fixed phase within its interval: syncs are spread evenly over time, and neither a late
// tick nor an outage makes them drift or gather. `i` is a row of crm_integrations.
// The column may be null, and its default holds then.
const minutes = `coalesce(i.sync_interval_minutes, 5)`
const every = `(60 * case when ${isSilent} then greatest(least(${SILENT_INTERVAL_MAX}, ${minutes} / 4), 1) else ${minutes} end)`
const phase = `(('x' || left(md5(i.id::text), 7))::bit(28)::int % ${every})`

/** The integration's next regular time. */
export const nextSlot = sql.raw(
  `to_timestamp((floor((extract(epoch from now()) - ${phase}) / ${every}) + 1) * ${every} + ${phase})`,
)

const PAUSE_SECONDS_MAX = 24 * 3600

/** After `failures` failed runs in a row: the interval doubled as many times, ±10 %, at most a day. */
export const backoffSlot = (failures: string) =>
  sql.raw(
    `now() + least(${PAUSE_SECONDS_MAX}, ${every} * 2 ^ least(${failures}, 20) * (0.9 + 0.2 * random())) * interval '1 second'`,
  )
