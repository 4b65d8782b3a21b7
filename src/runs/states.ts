// The sets of run states and triggers that statements and partial indexes share; the text must equal the indexes'.
import { sql } from 'drizzle-orm'

/** Still to be worked on. */
export const ACTIVE = sql.raw(`('queued','running','waiting')`)
/** At most one of these is active per integration; scheduled, asked for, or set off by a hook. */
export const LIVE = sql.raw(`('schedule','manual','webhook')`)
/** `r` is a run that the brake has stopped, and nobody has said yet that it is right; the text must equal the index's. */
export const BRAKED = sql.raw(`r.status = 'failed' and r.error ->> 'reason' = 'brake' and r.confirmed_at is null`)
/** These wait in line and give way to live runs. */
export const BULK = sql.raw(`('backfill','import')`)
