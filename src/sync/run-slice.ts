// One bounded piece of a run: take it, pull pages and commit each, then finish it, let it wait, or hand it on. Whatever
// happens here, the run's row says what comes next, and the worst death costs one lease.
import type { Context } from '#context.ts'
import type { Page } from '#crm/contract.ts'
import type { NextTry } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import { CrmError } from '#lib/crm-error.ts'
import { openSession } from '#connections/session.ts'
import { storedTokenCache } from '#connections/token-cache.ts'
import { finishRun, releaseRun, renewLease, waitRun } from '#sync/end-slice.ts'
import { nextAfterFailure, storedError, toCrmError } from '#sync/failure.ts'
import { quarantinePages, RetryCursor } from '#quarantine/retry-pages.ts'
import { decide, type Decision, LIMITS } from '#sync/retry-policy.ts'
import { takeRun, type TakenRun } from '#sync/take-run.ts'
import { type Position, writePage } from '#sync/write-page.ts'

export const SLICE_MS = 20_000
const SLICE_PAGES_MAX = 50
/** Well under the lease, so that a slow vendor never looks like a dead worker. */
const RENEW_MS = 20_000

type Outcome =
  | { readonly type: 'complete' }
  /** Out of time, or a live run waits behind a bulk run. */
  | { readonly type: 'continue' }
  /** Somebody else took over, or the run was cancelled: nothing more may be written. */
  | { readonly type: 'fenced' }

/** Works on a run for one slice. Throws only when the database cannot be reached: then the message should come again. */
export async function runSlice(parent: Context, runId: string): Promise<void> {
  const run = await takeRun(parent, runId)
  if (!run) return
  const context = {
    ...parent,
    log: parent.log.child({ runId, integrationId: run.integrationId, trigger: run.trigger }),
  }
  const startedAt = context.clock.now().getTime()
  context.log.info('slice_started', { attempt: run.attempt, pages: run.pages })
  const progress: Progress = { pages: run.pages }
  const ended = await settle(context, run, progress)
  const ms = context.clock.now().getTime() - startedAt
  context.log.info('slice_ended', { outcome: ended, pages: progress.pages, ms })
}

interface Progress {
  pages: number
}

async function settle(context: Context, run: TakenRun, progress: Progress): Promise<string> {
  try {
    if (run.attempt > LIMITS.attemptsMax.runs) throw new CrmError('internal', { reason: 'worker_lost' })
    const outcome = await pullPages(context, run, progress)
    if (outcome.type === 'complete') await finishRun(context, run, { status: 'succeeded' })
    if (outcome.type === 'continue') await releaseRun(context, run)
    return outcome.type
  } catch (error) {
    return fail(context, run, progress, error)
  }
}

async function pullPages(context: Context, run: TakenRun, progress: Progress): Promise<Outcome> {
  const pages = await openPages(context, run)
  const deadline = context.clock.now().getTime() + SLICE_MS
  let position: Position = { pages: run.pages, changeSeq: run.changeSeq, liveWaits: false }
  for (let count = 1; ; count += 1) {
    const step = await nextPage(context, run, pages)
    if (step === 'fenced') return { type: 'fenced' }
    if (step.done) return { type: 'complete' }
    const written = await writePage(context, run, position, step.value)
    if (written === null) return { type: 'fenced' }
    position = written
    progress.pages = position.pages
    const isLate = count >= SLICE_PAGES_MAX || context.clock.now().getTime() >= deadline
    if (isLate || (run.isBulk && position.liveWaits)) return { type: 'continue' }
  }
}

async function openPages(context: Context, run: TakenRun): Promise<AsyncIterator<Page<unknown>, unknown>> {
  const connector = connectorOf(run.integration.crmType)
  const tokenCache = storedTokenCache(context, run.integration)
  const isManual = run.trigger === 'manual'
  const session = await openSession(context, run.integration, { startedAt: run.startedAt, isManual, tokenCache })
  if (run.task === 'quarantine') {
    const from = RetryCursor.safeParse(run.cursor).data ?? null
    return quarantinePages(context, run.integrationId, { connector, session }, from)
  }
  const stored = connector.cursor.safeParse(run.cursor)
  if (!stored.success && run.cursor !== null) context.log.warn('cursor_unreadable', { pages: run.pages })
  const cursor = stored.success ? stored.data : null
  return connector.pull(session, cursor, run.window ?? undefined)[Symbol.asyncIterator]()
}

/** The connector's next page, with the lease renewed for as long as it takes. */
async function nextPage(
  context: Context,
  run: TakenRun,
  pages: AsyncIterator<Page<unknown>, unknown>,
): Promise<IteratorResult<Page<unknown>, unknown> | 'fenced'> {
  const next = pages.next()
  for (;;) {
    const first = await Promise.race([next, context.clock.sleep(RENEW_MS)])
    if (first !== undefined) return first
    if (!(await renewLease(context, run))) {
      // Nobody will read it; its rejection must not look unhandled.
      next.catch((error: unknown) => context.log.info('abandoned_page', { error }))
      return 'fenced'
    }
  }
}

async function fail(context: Context, run: TakenRun, progress: Progress, cause: unknown): Promise<string> {
  const error = toCrmError(cause)
  const isCommitted = progress.pages > run.pages
  const state = { attempt: isCommitted ? 0 : Math.min(run.attempt, LIMITS.retriesMax.runs), ageSeconds: run.ageSeconds }
  const pace = { baseSeconds: context.config.retryBaseSeconds, random: context.random() }
  const decision = decide('runs', error, state, pace)
  const stored = storedError(run.integration.crmType, error, nextTry(run, error, decision))
  context.log.warn('page_failed', { kind: error.kind, reason: error.reason, action: decision.action, error: cause })
  if (decision.action === 'wait') {
    await waitRun(context, run, { seconds: decision.seconds, countsAsRetry: decision.countsAsRetry, error: stored })
    return 'waiting'
  }
  await finishRun(context, run, { status: 'failed', error: stored, turnsSyncOff: decision.turnsSyncOff })
  return 'failed'
}

function nextTry(run: TakenRun, error: CrmError, decision: Decision): NextTry {
  if (decision.action === 'wait') return { when: 'wait', seconds: decision.seconds }
  if (decision.turnsSyncOff) return { when: 'stopped' }
  if (error.reason === 'brake') return { when: 'confirmed' }
  return nextAfterFailure(run)
}
