// The state of the sync engine in one answer. The alarms call an operator, and docs/operations.md says what to do then.
import type { Context } from '#context.ts'
import { type AlarmCode, ALARMS } from '#health/alarms.ts'
import { eventHealth } from '#health/event-health.ts'
import { inboxHealth } from '#health/inbox-health.ts'
import { measureDatabase } from '#health/measure-database.ts'
import { ALARM_CODES, type EngineHealth, type Measured } from '#health/schema.ts'
import { keyUses } from '#keys/key-uses.ts'
import { startProblem } from '#keys/start-check.ts'
import type { Language } from '#lib/localized.ts'

// The thresholds were chosen, not measured. An alarm must not fire for one late tick or one closed vendor account, and
// must fire before owners notice.

/** Five ticks of the cron. One or two may fail by themselves. */
const LATE_SECONDS = 5 * 60
/** The sweep sends again within two minutes after a lost message. A wait for a retry does not count as late. */
const INBOX_LATE_SECONDS = 10 * 60
/** Delayed messages wait up to a quarter of an hour as planned, so a shorter limit would raise false alarms. */
const MESSAGE_AGE_SECONDS = 20 * 60
/** A changed format puts whole pages of records there; single bad records of many integrations stay well below. */
const QUARANTINED_A_DAY = 100
/** One or two are owners with a revoked key. Five at once point to a vendor or to us. */
const FAILING_INTEGRATIONS = 5
/** Fewer are single accounts that are slow or refused, each of which has its issue. */
const LATE_INTEGRATIONS = 20
const LATE_SHARE = 0.01
/** Half of the share from which the strictest vendor blocks the address. */
const REFUSED_SHARE = 0.05
/** Below, a share says little. */
const REFUSED_MIN = 20
/** The nightly work makes three. One less is the first night of a month; with one, a month of nights has failed. */
const MONTHS_AHEAD_MIN = 2
/** `language`: of the sentences of the alarms. */
export async function engineHealth(context: Context, language: Language): Promise<EngineHealth> {
  const [queue, stored, webhooks, events, keys, problem] = await Promise.all([
    measureQueue(context),
    measureDatabase(context),
    inboxHealth(context),
    eventHealth(context),
    keyUses(context),
    startProblem(context),
  ])
  const now = context.clock.now()
  const measured: Measured = { queue, webhooks, events, keys, startProblem: problem, ...stored }
  const codes = alarmsOf(measured, now)
  return {
    status: codes.length === 0 ? 'ok' : 'attention',
    checkedAt: now.toISOString(),
    ...measured,
    alarms: codes.map((code) => ({ code, detail: ALARMS[code][language] })),
  }
}

export function alarmsOf(measured: Measured, now: Date): AlarmCode[] {
  const { queue, schedule, activeRuns, webhooks, deadLetters, quarantine, history, issues } = measured
  const oldestMessageAt = Date.parse(queue?.oldestMessageAt ?? '')
  const late = issues.reduce((sum, { lateHalfHour }) => sum + lateHalfHour, 0)
  const isRaised: Readonly<Record<AlarmCode, boolean>> = {
    wrong_keys: measured.startProblem === 'wrong_keys' || measured.keys.some(({ isKnown }) => !isKnown),
    pending_migrations: measured.pendingMigrations > 0,
    queue_unreachable: queue === null,
    run_silent: activeRuns.silent > 0,
    schedule_late: (schedule.oldestDue?.lateSeconds ?? 0) > LATE_SECONDS,
    queue_backlog: now.getTime() - oldestMessageAt > MESSAGE_AGE_SECONDS * 1000,
    inbox_late: (webhooks.oldest?.lateSeconds ?? 0) > INBOX_LATE_SECONDS,
    events_late: measured.events.unattended > 0,
    hooks_refused: webhooks.refusals.some(({ refused, share }) => refused >= REFUSED_MIN && share > REFUSED_SHARE),
    dead_letters: deadLetters.runsLastDay > 0,
    vendor_trouble: measured.vendorsInTrouble.length > 0,
    connections_lost: issues.some(({ connectionsLostLastDay }) => connectionsLostLastDay > 0),
    installs_missing: measured.listsShort.length > 0,
    history_unprepared: history.monthsAhead < MONTHS_AHEAD_MIN,
    sales_late: late >= LATE_INTEGRATIONS && late > schedule.on * LATE_SHARE,
    integrations_failing: schedule.failing >= FAILING_INTEGRATIONS,
    quarantine_growing: quarantine.lastDay > QUARANTINED_A_DAY,
  }
  return ALARM_CODES.filter((code) => isRaised[code])
}

/** All lanes together. */
async function measureQueue({ queues, log }: Context): Promise<EngineHealth['queue']> {
  try {
    const lanes = await Promise.all(Object.values(queues).map(async (queue) => queue.metrics()))
    const oldest = lanes.flatMap(({ backlogCount, oldestMessageTimestamp }) =>
      backlogCount > 0 && oldestMessageTimestamp ? [oldestMessageTimestamp.getTime()] : [],
    )
    return {
      messages: lanes.reduce((sum, { backlogCount }) => sum + backlogCount, 0),
      oldestMessageAt: oldest.length > 0 ? new Date(Math.min(...oldest)).toISOString() : null,
    }
  } catch (error) {
    log.warn('queue_metrics_failed', { error })
    return null
  }
}
