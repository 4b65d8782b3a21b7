// Sets of run states and triggers that statements and partial indexes share. The text must equal that of the indexes.
import { type SQL, sql } from 'drizzle-orm'

/** Not finished. */
export const ACTIVE = sql.raw(`('queued','running','waiting')`)
/** At most one of these is active per integration. A schedule, a person or a hook starts them. */
export const LIVE = sql.raw(`('schedule','manual','webhook')`)
/** `r` is a run that the brake stopped and no person has confirmed. The text must equal that of the index. */
export const BRAKED = sql.raw(`r.status = 'failed' and r.error ->> 'reason' = 'brake' and r.confirmed_at is null`)
/** Tasks whose runs are syncs: only these move the statistics. An undo asks no CRM, a check writes no sale. */
export const COUNTED = sql.raw(`('pull','quarantine')`)
/** These wait in line, and live runs go first. */
export const BULK = sql.raw(`('backfill','import','check')`)
/** `r` was claimed before it is due, and its time has not come. */
export const IS_CLAIMED_AHEAD = sql.raw(`r.status = 'queued' and r.resume_at > now()`)

/** What a run that was claimed ahead becomes when somebody wants it now. */
export function beginsNow(trigger: 'schedule' | 'manual' | 'webhook'): SQL {
  return sql`trigger = ${trigger}, resume_at = null, enqueued_at = now()`
}
