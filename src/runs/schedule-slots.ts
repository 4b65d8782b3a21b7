import { sql } from 'drizzle-orm'

/**
 * A hook may arrive after the poll that found its change. With a minute or two, slow vendors would count as silent;
 * with an hour, sales would stay outdated for as long after hooks stop. Chosen, not measured.
 */
export const SILENT_MINUTES = 10
/**
 * Minutes between polls while hooks are silent. An integration that relies on hooks may poll only once a day, which is
 * too rare without them; every minute would multiply the calls of all its silent integrations.
 */
const SILENT_INTERVAL_MAX = 15
/**
 * Hooks that have been missing for longer were probably switched off on purpose. Shorter than a long weekend, and an
 * outage would end the faster polls; without a limit they would go on for ever.
 */
const SILENT_DAYS_MAX = 7

/** The CRM's hooks have stopped arriving, so it is polled more often until they return. */
const isSilent = `(i.webhook_missed_at < now() - interval '${SILENT_MINUTES} minutes'
  and i.webhook_missed_at > now() - interval '${SILENT_DAYS_MAX} days')`

/** The time of the poll that shows whether hooks are silent: a minute after `SILENT_MINUTES` are over. */
export const silentSlot = sql.raw(`now() + interval '${SILENT_MINUTES + 1} minutes'`)

// Each integration has a fixed phase within its interval. This spreads syncs evenly over time, and neither a late tick
// nor an outage makes them drift or bunch up. `i` is a row of crm_integrations.
// The column may be null: then its default applies.
const minutes = `coalesce(i.sync_interval_minutes, 5)`
const every = `(60 * case when ${isSilent} then greatest(least(${SILENT_INTERVAL_MAX}, ${minutes} / 4), 1)
  else ${minutes} end)`
const phase = `(('x' || left(md5(i.id::text), 7))::bit(28)::int % ${every})`

/** The integration's next regular time. */
export const nextSlot = sql.raw(
  `to_timestamp((floor((extract(epoch from now()) - ${phase}) / ${every}) + 1) * ${every} + ${phase})`,
)

/**
 * A sync resumes within a day of a repair. With an hour, abandoned integrations would call their CRM 24 times a day.
 */
const PAUSE_SECONDS_MAX = 24 * 3600

/**
 * The next time after `failures` failed runs in a row: the interval doubled as many times, at most a day. ±10 % spread
 * integrations that failed together. 20 doublings of a minute are years, so the limit is reached before, and a larger
 * exponent could overflow.
 */
export const backoffSlot = (failures: string) =>
  sql.raw(
    `now() + least(${PAUSE_SECONDS_MAX}, ${every} * 2 ^ least(${failures}, 20) * (0.9 + 0.2 * random())) * interval '1 second'`,
  )
