// Ends a run, by a procedure of the database (migrations/0003_runs.sql). A refusal that would switch sync off is
// first judged beside those of the CRM's other integrations, in the same transaction.
import { sql } from 'drizzle-orm'
import { auditFailed } from '#connections/failed-connection.ts'
import { lockVendor, recordRefusal } from '#connections/vendor-trouble.ts'
import type { Context } from '#context.ts'
import { connectorOf } from '#crm/registry.ts'
import type { Call } from '#db/client.ts'
import type { StoredError } from '#db/schema/stored-error.ts'
import { causeOf, type IssueCode, type NewIssue } from '#issues/codes.ts'
import { CrmError, type CrmErrorKind } from '#lib/crm-error.ts'
import type { CrmType } from '#lib/crm-types.ts'
import { enqueueRuns } from '#queue/enqueue.ts'
import { holds, lockRun } from '#sync/end-slice.ts'
import { nextAfterFailure, storedError } from '#sync/failure.ts'
import { daysDiffer } from '#sync/days-differ.ts'
import { finishUncounted } from '#sync/finish-uncounted.ts'
import { createFindings, endIssues, type Findings } from '#sync/run-issues.ts'
import type { TakenRun } from '#sync/take-run.ts'

export type Ending =
  | { readonly status: 'succeeded' }
  | {
      readonly status: 'failed'
      readonly error: StoredError
      readonly turnsSyncOff: boolean
      /** The refusal may pass, and the next run tries again. */
      readonly mayPass?: boolean
    }

/**
 * `fenced`: another worker has the run, and nothing was changed. `vendor_trouble`: the CRM refuses many at once, so the
 * run was not ended.
 */
export type Finished = 'ended' | 'fenced' | 'vendor_trouble'

/** Ends the run and updates the integration's statistics and cursor, in one statement. */
export async function finishRun(
  context: Context,
  run: TakenRun,
  ending: Ending,
  findings = createFindings(),
): Promise<Finished> {
  const failure = ending.status === 'failed' ? ending.error : null
  if (run.task === 'undo') return finishUncounted(context, run, failure)
  if (run.task === 'check') return finishUncounted(context, run, failure, daysDiffer(run.integrationId))
  if (ending.status === 'failed' && ending.turnsSyncOff) return stopSync(context, run, ending, findings)
  const { text, params } = finishCall(run, ending, findings)
  const [[answer] = []] = await context.db.call(text, params)
  return settled(context, answer)
}

/** The success of a run whose last page is written in the same transaction and leaves it at so many pages. */
export function finishAtPage(run: TakenRun, findings: Findings, pages: number): Call {
  return finishCall(run, { status: 'succeeded' }, findings, pages)
}

function finishCall(run: TakenRun, ending: Ending, findings: Findings, atPages: number | null = null): Call {
  return {
    text: 'call finish_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, null)',
    params: finishParams(run, ending, findings, { judgedCrm: null, atPages }),
  }
}

async function stopSync(context: Context, run: TakenRun, ending: Ending, findings: Findings): Promise<Finished> {
  const { crmType } = run.integration
  const params = finishParams(run, ending, findings, { judgedCrm: crmType, atPages: null })
  const [, , judged, finished] = await context.db.batch([
    context.db.execute(lockVendor(crmType)),
    context.db.execute(lockRun(run)),
    context.db.execute<{ is_trouble: boolean }>(recordRefusal(crmType, holds(run))),
    context.db.execute(
      sql`call finish_run(${sql.join(
        params.map((param) => sql`${param}`),
        sql`, `,
      )}, null)`,
    ),
    context.db.execute(auditFailed(context, run.integrationId)),
  ])
  if (judged.rows[0]?.is_trouble === true) return 'vendor_trouble'
  return settled(context, finished.rows[0]?.['finished'])
}

/** What becomes of the integration's other runs after the procedure's answer. */
export async function settled(context: Context, answer: unknown): Promise<Finished> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const { isEnded, next } = answer as { readonly isEnded: boolean; readonly next: string | null }
  await enqueueRuns(context, next === null ? [] : [next])
  return isEnded ? 'ended' : 'fenced'
}

/** Reasons of failures that are issues by the same name. */
const OF_ENDINGS = ['brake', 'mapping_unconfirmed', 'all_rejected'] as const

/** The issue of a sync that failed otherwise, by whose turn it is. */
const OF_KINDS: Readonly<Record<CrmErrorKind, IssueCode>> = {
  auth: 'settings_rejected',
  forbidden: 'settings_rejected',
  not_found: 'settings_rejected',
  rejected: 'settings_rejected',
  rate_limited: 'crm_unavailable',
  unavailable: 'crm_unavailable',
  malformed: 'sync_failed',
  internal: 'sync_failed',
}

function issueOf(run: TakenRun, ending: Ending): NewIssue | null {
  if (ending.status === 'succeeded') return null
  const { error, turnsSyncOff, mayPass = false } = ending
  if (turnsSyncOff) return { code: 'connection_refused', params: causeOf(error) }
  if (mayPass) return { code: 'refused_for_now', params: causeOf(error) }
  if (error.reason === 'all_rejected' && run.trigger === 'import') return null
  const code = OF_ENDINGS.find((one) => one === error.reason) ?? codeOfFailure(run, error)
  return code && { code, params: causeOf(error) }
}

/** Who uploads a file or reads quarantine again looks at the run itself. */
function codeOfFailure({ isBulk, task, trigger }: TakenRun, { kind }: StoredError): IssueCode | null {
  if (!isBulk) return OF_KINDS[kind]
  return trigger === 'backfill' && task === 'pull' ? 'backfill_failed' : null
}

/** How a run ends that got to its end but had to refuse pages on the way. */
function formatChanged(run: TakenRun): StoredError {
  const error = new CrmError('malformed', { reason: 'format_changed' })
  return storedError(run.integration.crmType, error, nextAfterFailure(run))
}

interface Condition {
  /** A trouble of this CRM that the transaction has found keeps the run from ending. */
  readonly judgedCrm: CrmType | null
  readonly atPages: number | null
}

function finishParams(run: TakenRun, ending: Ending, findings: Findings, { judgedCrm, atPages }: Condition) {
  const failure = ending.status === 'failed' ? ending.error : formatChanged(run)
  const turnsSyncOff = ending.status === 'failed' && ending.turnsSyncOff
  return [
    ...[run.id, run.integrationId, run.leaseEpoch, atPages],
    ...[ending.status === 'succeeded', JSON.stringify(failure), turnsSyncOff],
    ...[judgedCrm, connectorOf(run.integration.crmType).fetchOne !== undefined],
    ...endIssues(findings, issueOf(run, ending)),
  ]
}
