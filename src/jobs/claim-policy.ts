// How much the cron claims and sends again, by the number of messages that wait in the queue: pure, without I/O.
import { RUNS_A_MESSAGE } from '#queue/messages.ts'

/** The cron comes every minute: what falls due until it comes again is claimed now, and begins at its own second. */
export const CLAIM_AHEAD_SECONDS = 60
/**
 * What a queue's 250 consumers, at five slices of some 1.2 s each, work through in two minutes: one minute ahead and
 * one behind. Beyond that, what is due waits in the database, oldest first, and a message in the queue would only wait
 * with it. The platform's number is approximate, and delayed messages may count or not.
 */
const BACKLOG_MAX = 25_000
/** Messages that the same consumers take in a second. */
const MESSAGES_A_SECOND = 200
/**
 * A run without a lease whose message is older than this has lost its message. A few seconds would send runs twice that
 * only wait in the queue; much more would delay a sync for as long after a lost message.
 */
const GRACE_SECONDS = 60

/** How many runs one tick may claim. */
export function claimable(backlogMessages: number): number {
  return Math.max(0, BACKLOG_MAX - backlogMessages) * RUNS_A_MESSAGE
}

/** From when on a message counts as lost: later where many wait before it. */
export function graceSeconds(backlogMessages: number): number {
  return GRACE_SECONDS + Math.ceil(backlogMessages / MESSAGES_A_SECOND)
}
