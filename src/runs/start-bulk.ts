import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Action } from '#audit/actions.ts'
import { auditLines, ofIntegrationsIn } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { nextInLine } from '#runs/next-in-line.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { ACTIVE, BULK } from '#runs/states.ts'
import { runColumns, type RunRow } from '#runs/schema.ts'
import { syncRuns } from '#db/schema/sync-runs.ts'
import { isVisible, lockVisible, type TenantScope } from '#db/tenant.ts'

/**
 * Bulk runs of one integration work one after the other, and each may take hours. One would not let a person upload the
 * next file; with hundreds a script could fill the line for weeks. Chosen, not measured.
 */
const BULK_RUNS_MAX = 5
/** Each reads a whole period again; one more than a person looks at. */
const CHECKS_MAX = 2

interface BulkRun {
  readonly trigger: 'backfill' | 'import' | 'check'
  readonly task: RunRow['task']
  readonly action: Action
  /** More columns of the run, and their values; `i` is the integration's row. */
  readonly columns: SQL
  readonly values: SQL
  /** Selects a run `r` in line that does the same: it is returned instead. */
  readonly same?: SQL
  /** CTEs behind one named `opened` with the run's row. */
  readonly also?: SQL
}

const inLine = sql`r.integration_id = i.id and r.trigger in ${BULK} and r.status in ${ACTIVE}`
/** Checks are counted for themselves. */
const isCheck = sql`r.trigger = 'check'`

/**
 * Puts a run in the line of bulk runs, or returns the one that does the same. Null: no such integration. Throws Problem
 * `too_many_runs`.
 */
export async function startBulk(
  context: Context,
  scope: TenantScope,
  { trigger, task, action, columns, values, same = sql`false`, also }: BulkRun,
): Promise<RunRow | null> {
  const most = trigger === 'check' ? CHECKS_MAX : BULK_RUNS_MAX
  const [locked, started, next] = await context.db.batch([
    context.db.execute(lockVisible(scope)),
    context.db.execute<RunRow>(sql`
      with same as (
        select r.* from sync_runs r join crm_integrations i on ${inLine}
        where ${isVisible(scope)} and ${same} limit 1
      ), opened as (
        insert into sync_runs (integration_id, trigger, task, status, settings_epoch, ${columns})
        select i.id, ${trigger}, ${task}, 'queued', i.settings_epoch, ${values} from crm_integrations i
        where ${isVisible(scope)} and not exists (select from same)
          and (
            select count(*) from sync_runs r where ${inLine} and (${isCheck}) = ${trigger === 'check'}::bool
          ) < ${most}::int
        returning *
      ), audited as (${auditLines(context, { action }, ofIntegrationsIn('opened'))})${also ? sql`, ${also}` : sql``}
      select ${runColumns('s')} from same s union all select ${runColumns('o')} from opened o`),
    context.db.execute<{ id: string }>(nextInLine(scope.integrationId)),
  ])
  if (locked.rows.length === 0) return null
  const row = started.rows[0]
  if (!row) throw trigger === 'check' ? tooManyChecks() : tooManyRuns()
  await enqueueRuns(
    context,
    next.rows.map(({ id }) => id),
  )
  return row
}

/** Called before long work whose run would be refused in the end. Throws Problem `too_many_runs`. */
export async function checkLine(context: Context, integrationId: string): Promise<void> {
  const { trigger, status } = syncRuns
  const rows = await context.db
    .select({ id: syncRuns.id })
    .from(syncRuns)
    .where(
      and(
        eq(syncRuns.integrationId, integrationId),
        sql`${trigger} in ${BULK} and ${trigger} <> 'check' and ${status} in ${ACTIVE}`,
      ),
    )
    .limit(BULK_RUNS_MAX)
  if (rows.length === BULK_RUNS_MAX) throw tooManyRuns()
}

function tooManyRuns(): Problem {
  return new Problem('too_many_runs', {
    detail: {
      en: `${BULK_RUNS_MAX} backfills and imports are in line already.`,
      ru: `В очереди уже ${BULK_RUNS_MAX} загрузок файлов и прошлых периодов.`,
    },
  })
}

function tooManyChecks(): Problem {
  return new Problem('too_many_runs', {
    detail: {
      en: `${CHECKS_MAX} checks are in line already.`,
      ru: `В очереди уже ${CHECKS_MAX} сверки.`,
    },
  })
}
