// A slice is one bounded piece of a run: it takes the run, pulls pages and commits each, then ends the run, makes it
// wait or leaves the rest to the next slice. The run's row always says what comes next, so a dead worker costs one
// lease.
import type { Context } from '#context.ts'
import type { LeftOut, Page } from '#crm/contract.ts'
import { connectorOf } from '#crm/registry.ts'
import { isConnectionFailure } from '#db/errors.ts'
import { CrmError } from '#lib/crm-error.ts'
import { checkSteps } from '#sync/check-steps.ts'
import { releaseRun, waitRun } from '#sync/end-slice.ts'
import { extraPages } from '#sync/extra-pages.ts'
import { failRun } from '#sync/fail-run.ts'
import { finishRun } from '#sync/finish-run.ts'
import { foldPages } from '#sync/fold-pages.ts'
import { storeCursor } from '#sync/held-cursor.ts'
import { openVendor, type Vendor, whileHeld } from '#sync/open-vendor.ts'
import { quarantinePages, RetryCursor } from '#quarantine/retry-pages.ts'
import { openNightlyCheck } from '#sync/nightly-check.ts'
import { refuseRejected } from '#sync/rejected-file.ts'
import { LIMITS } from '#sync/retry-policy.ts'
import { enqueueAlone } from '#queue/enqueue.ts'
import { addFindings, createFindings, type Findings, findingsWith } from '#sync/run-issues.ts'
import { takeRun, type TakenRun, takeRunsBesideOthers } from '#sync/take-run.ts'
import type { Step } from '#sync/step.ts'
import { undoSteps } from '#sync/undo-steps.ts'
import { type FoldedPage, type Position, startOf, writePage } from '#sync/write-page.ts'

/** Long beside the time that taking and ending a run cost, short enough for a dead worker to lose little. */
export const SLICE_MS = 20_000
/** With 1,000 rows a page well within the CPU time that wrangler.toml allows one invocation. */
const SLICE_PAGES_MAX = 50

type Outcome =
  | { readonly type: 'complete' }
  /** Complete, and its last page has ended the run. */
  | { readonly type: 'ended' }
  /** Out of time, or a live run waits behind a bulk run. */
  | { readonly type: 'continue' }
  /** A check goes on after the sync that it waits for. */
  | { readonly type: 'wait'; readonly seconds: number }
  /** Another worker took over, or the run was cancelled: nothing more may be written. */
  | { readonly type: 'fenced' }

/**
 * Works on a run for one slice. Throws only when the database cannot be reached: the message should then come again.
 */
export async function runSlice(parent: Context, runId: string): Promise<void> {
  const run = await takeRun(parent, runId)
  if (run) await workOn(parent, run)
}

/**
 * The same for runs side by side. Those that have to run alone go on to the bulk queue. Waits for all of them. When
 * Postgres refuses to take them together, each is taken by itself: one whose row is at fault must not cost the others
 * their message and attempts, nor a deadlock all of them.
 */
export async function runSlicesBesideOthers(parent: Context, runIds: readonly string[]): Promise<void> {
  let taken: Awaited<ReturnType<typeof takeRunsBesideOthers>>
  try {
    taken = await takeRunsBesideOthers(parent, runIds)
  } catch (error) {
    if (runIds.length === 1 || isConnectionFailure(error)) throw error
    parent.log.warn('runs_not_taken', { error, runIds })
    return allOf(runIds.map(async (runId) => runSlicesBesideOthers(parent, [runId])))
  }
  const heldBack = [...taken].flatMap(([runId, run]) => (run === 'held_back' ? [{ runId, delaySeconds: 0 }] : []))
  const slices = [...taken].flatMap(([, run]) => (run === null || run === 'held_back' ? [] : [workOn(parent, run)]))
  return allOf([enqueueAlone(parent, heldBack), ...slices])
}

/** Waits for all, and then throws the first failure. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(work)
  const failed = settled.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

async function workOn(parent: Context, run: TakenRun): Promise<void> {
  const context = {
    ...parent,
    log: parent.log.child({ runId: run.id, integrationId: run.integrationId, trigger: run.trigger }),
  }
  const startedAt = context.clock.now().getTime()
  const progress: Progress = { position: startOf(run), findings: createFindings() }
  const ended = await settle(context, run, progress)
  if (ended === 'complete' || ended === 'ended') await openNightlyCheck(context, run)
  const ms = context.clock.now().getTime() - startedAt
  context.log.info('slice_ended', { outcome: ended, attempt: run.attempt, pages: progress.position.pages, ms })
}

interface Progress {
  position: Position
  readonly findings: Findings
}

async function settle(context: Context, run: TakenRun, progress: Progress): Promise<string> {
  try {
    if (run.attempt > LIMITS.attemptsMax.runs) throw new CrmError('internal', { reason: 'worker_lost' })
    const outcome = await workPages(context, run, progress)
    await storeCursor(context, run, progress.position.held)
    if (outcome.type === 'complete' && run.task === 'pull') await refuseRejected(context, run, progress.position.pages)
    if (outcome.type === 'complete') await finishRun(context, run, { status: 'succeeded' }, progress.findings)
    if (outcome.type === 'continue') await releaseRun(context, run, progress.findings)
    if (outcome.type === 'wait') await waitRun(context, run, { ...outcome, countsAsRetry: false, error: null })
    return outcome.type
  } catch (error) {
    await storeCursor(context, run, progress.position.held)
    const isCommitted = progress.position.pages > run.pages
    return failRun(context, run, { isCommitted, findings: progress.findings }, error)
  }
}

async function workPages(context: Context, run: TakenRun, progress: Progress): Promise<Outcome> {
  const step = await stepsOf(context, run, progress.findings)
  const deadline = context.clock.now().getTime() + SLICE_MS
  for (let count = 1; ; count += 1) {
    const committed = await step(progress.position)
    if (committed === 'fenced') return { type: 'fenced' }
    if (committed === 'done') return { type: 'complete' }
    const { position, waitSeconds } = committed
    progress.position = position
    if (position.isEnded) return { type: 'ended' }
    if (waitSeconds !== undefined) return { type: 'wait', seconds: waitSeconds }
    const isLate = count >= SLICE_PAGES_MAX || context.clock.now().getTime() >= deadline
    if (isLate || (run.isBulk && position.liveWaits)) return { type: committed.isLast ? 'complete' : 'continue' }
  }
}

async function stepsOf(context: Context, run: TakenRun, findings: Findings): Promise<Step> {
  if (run.task === 'undo') return undoSteps(context, run)
  return run.task === 'check' ? checkSteps(context, run) : pullSteps(context, run, findings)
}

/** Reads and commits the next page. */
async function pullSteps(context: Context, run: TakenRun, findings: Findings): Promise<Step> {
  const pages = await openPages(context, run)
  // Of a file that was read, it must first be known whether any row of it could be.
  const endsWithPage = run.task === 'pull' && !connectorOf(run.integration.crmType).imports
  return async (from) => {
    const page = await whileHeld(context, run, pages.next())
    if (page === 'fenced') return page
    if (page.done) return 'done'
    const isLast = page.value.isLast === true
    const ending = isLast && endsWithPage ? findingsWith(findings, page.value) : null
    const position = await writePage(context, run, from, page.value, ending)
    if (position === null) return 'fenced'
    addFindings(findings, page.value)
    return { position, isLast }
  }
}

async function openPages(context: Context, run: TakenRun): Promise<AsyncIterator<FoldedPage, unknown>> {
  const vendor = await openVendor(context, run)
  if (run.task === 'quarantine') {
    const from = RetryCursor.safeParse(run.cursor).data ?? null
    return quarantinePages(context, run.integrationId, vendor, from)
  }
  const { connector, session } = vendor
  const stored = connector.cursor.safeParse(run.cursor)
  if (!stored.success && run.cursor !== null) context.log.warn('cursor_unreadable', { pages: run.pages })
  const cursor = stored.success ? stored.data : null
  const pages = run.window ? backfill(context, run, vendor, cursor) : connector.pull(session, cursor)
  return foldPages(pages[Symbol.asyncIterator](), context.clock)
}

async function* backfill(
  context: Context,
  run: TakenRun,
  vendor: Vendor,
  from: unknown,
): AsyncGenerator<Page<unknown>> {
  const { connector, session } = vendor
  const { window } = run
  if (window === null) return
  let cursor = from
  const leftOut: LeftOut[] = []
  for await (const page of connector.pull(session, cursor, window)) {
    ;({ cursor } = page)
    leftOut.push(...(page.leftOut ?? []))
    yield page
  }
  yield* extraPages(context, run, vendor, { window, cursor, leftOut })
}
