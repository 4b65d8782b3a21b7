// The work of an undo run. A step takes back up to a thousand rows and moves the run's cursor in the same transaction,
// under the same fence as a page: a worker that dies anywhere leaves whole steps behind.
import { eq, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { safeInteger } from '#db/columns.ts'
import { syncRuns } from '#db/schema/sync-runs.ts'
import { broughtRows, UNDO_ROWS, undoStatement } from '#transactions/undo-statement.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'
import type { Step } from '#sync/step.ts'

/** What the statement stores with each step. */
const UndoCursor = z.strictObject({ importId: z.guid(), after: z.int(), upTo: z.int(), total: z.int() })
type UndoCursor = z.infer<typeof UndoCursor>

interface WrittenRow extends Record<string, unknown> {
  seq: string
  last_seq: string
  live_waits: boolean
}

export async function undoSteps(context: Context, run: TakenRun): Promise<Step> {
  let cursor = UndoCursor.safeParse(run.cursor).data ?? (await beginUndo(context, run))
  return async (from) => {
    if (cursor.after >= cursor.upTo) return 'done'
    const { id: runId, integrationId, leaseEpoch } = run
    const [, written] = await context.db.batch([
      context.db.execute(sql`
        update crm_integrations set change_seq = change_seq + ${UNDO_ROWS}::bigint,
          lease_until = now() + ${LEASE_SECONDS}::int * interval '1 second'
        where id = ${integrationId}::uuid and lease_epoch = ${leaseEpoch}::bigint`),
      context.db.execute<WrittenRow>(
        undoStatement({ ...cursor, integrationId, runId, leaseEpoch, ordinal: from.pages }),
      ),
    ])
    const row = written.rows[0]
    if (!row) return 'fenced'
    cursor = { ...cursor, after: safeInteger(row.last_seq) }
    const position = {
      pages: from.pages + 1,
      changeSeq: safeInteger(row.seq),
      liveWaits: row.live_waits,
      isQuiet: false,
      held: from.held,
    }
    return { position, isLast: cursor.after >= cursor.upTo }
  }
}

/** The import is over, so what it brought is found up to the present change number, and how much it was is final. */
async function beginUndo(context: Context, run: TakenRun): Promise<UndoCursor> {
  const { importId, fromSeq } = await importOf(context, run)
  const { rows } = await context.db.execute<{ rows: number }>(broughtRows(run.integrationId, importId, fromSeq))
  return { importId, after: fromSeq, upTo: run.changeSeq, total: rows[0]?.rows ?? 0 }
}

async function importOf(context: Context, run: TakenRun) {
  const { importId, fromSeq } = syncRuns
  const [row] = await context.db.select({ importId, fromSeq }).from(syncRuns).where(eq(syncRuns.id, run.id))
  if (row?.importId == null || row.fromSeq === null) throw new Error('an undo names its import')
  return { importId: row.importId, fromSeq: row.fromSeq }
}
