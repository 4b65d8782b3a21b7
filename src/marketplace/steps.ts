// The life of an install, step by step. A request goes as far as it gets, and the cron goes on from what is stored: a
// worker may die between any two lines, so each step can be made again, and only the last line of one says it is done.
import type { Context } from '#context.ts'
import type { InstallStateName } from '#db/schema/marketplace-installs.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import { workOff } from '#lib/work-off.ts'
import { HELD } from '#connections/marketplace.ts'
import { webhookAddress } from '#integrations/webhook-target.ts'
import { change, type Change, type Install, reread, takeDue, unfinishedOf } from '#marketplace/installs.ts'
import {
  ensureIntegration,
  issueStatement,
  leaveIntegration,
  resolveBranchIssues,
  resume,
  stopStatements,
  switchOn,
} from '#marketplace/integration.ts'
import { callOf, type Vendor, vendorOf } from '#marketplace/vendor.ts'

/** After a failure: soon at first, so that a hiccup costs little of the vendor's hour. */
const PAUSES_SECONDS = [10, 20, 40, 80, 160, 300]
/** A freeze lasts until somebody pays. */
const FROZEN_SECONDS = 60 * 60
/** The vendor tells us of an end before its own list of branches may show it. */
const RECHECK_SECONDS = 60
/** Branches of one claim follow each other within seconds; one that fails keeps the others waiting for a minute. */
const FOLLOWED_SECONDS = 10
const FOLLOWED_TIMES = 6
/** Of one tick. Four at a time take a second or two each. */
const TICK_MAX = 40
const TICK_MS = 20_000
const CONCURRENCY = 4
/** An install makes five steps from claim to sync; more in a row would be a circle. */
const STEPS_MAX = 12

type Step = (context: Context, install: Install, vendor: Vendor) => Promise<Change>

const AT_ONCE = { seconds: 0, error: null } as const
const NEVER = { seconds: null } as const

/** Tells the vendor, whose webhooks then go to the integration's own address. */
const tell: Step = async (context, install, vendor) => {
  if (install.isLate) return { state: 'expired', ...AT_ONCE, error: install.attempts > 0 ? 'not_told' : 'too_late' }
  const integration = await ensureIntegration(context, install, vendor)
  if (integration.id !== install.integrationId) return { integrationId: integration.id, ...AT_ONCE }
  const address = await webhookAddress(context, integration, `${install.origin}/`)
  const call = callOf(context, vendor, { about: install.id, lane: 'people' })
  if (address && (await vendor.marketplace.finish(call, install.branchId, address.url))) return TOLD
  // It also refuses what it was told before, by a worker that died before it could note the answer.
  const { status } = await vendor.marketplace.stateOf(call, install.branchId)
  if (status === 'active') return TOLD
  if (status === 'none') return { state: 'expired', ...AT_ONCE, error: 'withdrawn' }
  throw new CrmError('rejected', { reason: 'install_refused' })
}
const TOLD: Change = { state: 'told', ...AT_ONCE }

/** Our system user can read the branch now: whoever clicked has to be one of its users. */
const checkUser: Step = async (context, install, vendor) => {
  if (install.userId === null) return { state: 'checked', ...AT_ONCE }
  const call = callOf(context, vendor, { about: install.id, lane: 'people' })
  try {
    const users = await vendor.marketplace.usersOf(call, install.branchId)
    if (users.includes(install.userId)) return { state: 'checked', ...AT_ONCE }
    return { state: 'leaving', ...AT_ONCE, error: 'user_unknown' }
  } catch (error) {
    if (install.isLate && error instanceof CrmError) return { state: 'leaving', ...AT_ONCE, error: 'users_unreadable' }
    throw error
  }
}

const start: Step = async (context, install, vendor) => {
  // Each branch that comes alone has all of them tested again.
  if (install.attempts < FOLLOWED_TIMES && (await isFollowed(context, install))) return { seconds: FOLLOWED_SECONDS }
  try {
    if (!(await switchOn(context, install, vendor))) return { state: 'leaving', ...AT_ONCE }
  } catch (error) {
    // The integration shows what is wrong; a person mends that and switches it on.
    if (install.isLate && isUntestable(error)) return { state: 'active', ...NEVER, error: 'connection_test_failed' }
    throw error
  }
  await resolveBranchIssues(context, install)
  return { state: 'active', ...NEVER, error: null }
}

/** Whether other branches of the same claim are about to come into the integration, too. */
async function isFollowed(context: Context, { id, integrationId, businessId, brand }: Install): Promise<boolean> {
  if (integrationId === null) return false
  const others = await unfinishedOf(context, businessId, brand)
  return others.some((other) => other.id !== id)
}

/**
 * The vendor says whether the app is still in the branch. Its sales stay where it is not; the branch leaves the
 * integration, and the last one stops it.
 */
const look: Step = async (context, install, vendor) => {
  const { state, branchId, lastError, attempts } = install
  const call = callOf(context, vendor, { about: install.id, lane: 'live' })
  const { status } = await vendor.marketplace.stateOf(call, branchId)
  // Pending once more, it was removed and waits for its next claim; what is claimed already is that claim.
  if (status === 'none' || (status === 'pending' && state !== 'claimed')) {
    if (HELD.includes(state)) await context.db.batch(await stopStatements(context, install, vendor, 'uninstall'))
    return { state: 'uninstalled', ...AT_ONCE, error: state === 'leaving' ? lastError : null }
  }
  if (state !== 'frozen') return state === 'active' && attempts > 0 ? NEVER : { seconds: RECHECK_SECONDS }
  if (status !== 'active') return { seconds: FROZEN_SECONDS }
  await resume(context, install)
  await resolveBranchIssues(context, install)
  return { state: 'active', ...NEVER, error: null }
}

const leave: Step = async (context, install, vendor) => {
  const call = callOf(context, vendor, { about: install.id, lane: 'people' })
  try {
    await vendor.marketplace.uninstall(call, install.branchId)
  } catch (error) {
    if (!(error instanceof CrmError) || !['forbidden', 'rejected'].includes(error.kind)) throw error
    const { status } = await vendor.marketplace.stateOf(call, install.branchId)
    if (status !== 'none') throw error
  }
  return { state: 'uninstalled', seconds: 0 }
}

const tidy: Step = async (context, install, vendor) => {
  const isUndone = install.state === 'uninstalled' && install.lastError !== null
  await leaveIntegration(context, install, vendor, { isUndone })
  if (install.state === 'expired') await issueStatement(context, install, 'install_expired')
  return NEVER
}

const STEPS: Readonly<Record<InstallStateName, Step>> = {
  claimed: tell,
  told: checkUser,
  checked: start,
  active: look,
  frozen: look,
  leaving: leave,
  uninstalled: tidy,
  expired: tidy,
}

interface Advance {
  readonly until?: InstallStateName
  /** In place of the step of its state. */
  readonly first?: Step
}

/** Goes as far as it gets, or up to `until`. Returns the install as it is then. Throws what no step expects. */
export async function advance(context: Context, install: Install, { until, first }: Advance = {}): Promise<Install> {
  let current = install
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const next = current.hasStep ? STEPS[current.state] : null
    const step = steps === 0 ? (first ?? next) : next
    const vendor = vendorOf(context, current.brand)
    if (!step || !vendor || current.state === until) return current
    const to = await attemptStep(context, current, { step, vendor })
    const isWritten = await change(context, current, to)
    context.log.info('install_step', {
      installId: current.id,
      from: current.state,
      to: to.state,
      error: to.error,
      isWritten,
    })
    current = (await reread(context, current)) ?? current
    if (!isWritten || to.seconds !== 0) return current
  }
  return current
}

/** What fails now is tried again. */
async function attemptStep(
  context: Context,
  install: Install,
  { step, vendor }: { readonly step: Step; readonly vendor: Vendor },
): Promise<Change> {
  try {
    return await step(context, install, vendor)
  } catch (error) {
    // The business has connected another CRM meanwhile, or is gone.
    const isOver = error instanceof Problem && (error.code === 'integration_exists' || error.code === 'not_found')
    if (isOver) return { state: 'leaving', ...AT_ONCE, error: error.code }
    if (error instanceof CrmError) {
      // The tokens of the service itself.
      if (error.kind === 'auth')
        context.log.error('marketplace_refuses_us', { brand: install.brand, reason: error.reason })
      return pauseAfter(install, error.reason === null ? error.kind : `${error.kind}.${error.reason}`)
    }
    if (isUntestable(error)) return pauseAfter(install, 'connection_test_failed')
    throw error
  }
}

function pauseAfter({ attempts }: Install, error: string): Change {
  return { seconds: PAUSES_SECONDS[Math.min(attempts, PAUSES_SECONDS.length - 1)] ?? 0, error }
}

function isUntestable(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'connection_test_failed' || error.code === 'conflict')
}

async function advanceOne(context: Context, install: Install): Promise<void> {
  try {
    await advance(context, install)
  } catch (error) {
    context.log.error('install_step_failed', { installId: install.id, state: install.state, error })
  }
}

/**
 * Something says that the app was removed from the branch, which may be old news: the vendor is asked, now and until it
 * answers.
 */
export async function recheck(context: Context, install: Install): Promise<void> {
  if (install.state === 'uninstalled' || install.state === 'expired') return
  // Noted first: a worker may die before the vendor answers.
  if (await change(context, install, { seconds: RECHECK_SECONDS })) await advance(context, install, { first: look })
}

/** The cron's part: goes on with what is due. */
export async function advanceDue(context: Context): Promise<number> {
  if (Object.keys(context.config.marketplaces).length === 0) return 0
  const startedAt = context.clock.now().getTime()
  const due = await takeDue(context, TICK_MAX)
  const total = due.length
  const isInTime = () => context.clock.now().getTime() - startedAt < TICK_MS
  // One after the other: side by side each branch of a chain would be tested with all others.
  const chains = [...Map.groupBy(due, ({ businessId }) => businessId).values()]
  await workOff(chains, { concurrency: CONCURRENCY, isInTime }, async (installs) => {
    for (const install of installs) if (isInTime()) await advanceOne(context, install)
  })
  return total
}
