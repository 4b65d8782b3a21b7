// A cursor may list all that a period has shown so far. Written with each page, it would cost the square of its length.
// So a large one waits and travels with a later page, or with the end of the slice. The pages before that are parts of
// one page for the run: when the worker dies meanwhile, they are read again, and a page that kills its worker uses up
// the attempts.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { holds, lockRun } from '#sync/end-slice.ts'
import type { TakenRun } from '#sync/take-run.ts'

/** From about here PostgreSQL stores a value apart from its row, where an update that leaves it alone costs nothing. */
const LARGE_CHARACTERS = 4000
/** As long as pages wait for the next one. */
const HOLD_MS = 5000

export interface HeldCursor {
  /** Null: the newest one is written. */
  readonly json: string | null
  /** When the last one was written; 0: none by this slice. */
  readonly writtenAt: number
}

/** The state after a page with this cursor; its `json` is then not to be written with the page. */
export function holdCursor(
  held: HeldCursor,
  json: string,
  { isLast, now }: { isLast: boolean; now: number },
): HeldCursor {
  const waits = !isLast && json.length > LARGE_CHARACTERS && now - held.writtenAt < HOLD_MS
  return waits ? { json, writtenAt: held.writtenAt } : { json: null, writtenAt: now }
}

/** Writes what is still held, at the end of a slice. */
export async function storeCursor(context: Context, run: TakenRun, { json }: HeldCursor): Promise<void> {
  if (json === null) return
  await context.db.batch([
    context.db.execute(lockRun(run)),
    context.db.execute(sql`
      update sync_runs r set cursor = ${json}::jsonb from crm_integrations i
      where ${holds(run)} and r.id = ${run.id}::uuid and r.status = 'running'`),
  ])
}
