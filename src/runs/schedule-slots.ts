// When integrations are synced: pure arithmetic in seconds. The same rules stand in migrations/0003_runs.sql, by which
// the database claims; test/runs/schedule-slots.test.ts compares both.
import { sql } from 'drizzle-orm'

/**
 * A hook may arrive after the poll that found its change. With a minute or two, slow vendors would count as silent;
 * with an hour, sales would stay outdated for as long after hooks stop. Chosen, not measured.
 */
export const SILENT_MINUTES = 10
/** Hooks that have been missing for so long were probably switched off on purpose. Less is a long weekend. */
const SILENT_DAYS_MAX = 7
/** No hook for so long proves nothing about hooks any more. A weekend without sales is shorter. */
const LIVE_DAYS = 3
const MINUTE = 60
const DAY = 86_400

/** The end of the night in which wide scans are made. It begins at midnight, or at the hour that a connector names. */
const NIGHT_HOURS = 6
const NIGHT_SECONDS = NIGHT_HOURS * 3600

/** The integration's next regular time, by a function of migrations/0003_runs.sql; `i` is a row of crm_integrations. */
export const nextSlot = sql.raw(
  'next_slot(i.id, i.sync_interval_minutes, i.webhook_missed_at, i.webhook_last_at, i.additional_config)',
)

export interface Polling {
  readonly intervalMinutes: number
  /** By choice: polled rarely while hooks arrive. */
  readonly isAdaptive: boolean
  /** Seconds since the last hook; null: none has arrived. */
  readonly hookAge: number | null
  /** Seconds since polling found a change that no hook announced; null: hooks announced all of them. */
  readonly missedAge: number | null
}

/** Seconds between polls: fewer while hooks are silent, more where an adaptive integration's hooks arrive. */
export function syncEvery({ intervalMinutes, isAdaptive, hookAge, missedAge }: Polling): number {
  if (missedAge !== null) {
    const isSilent = missedAge > SILENT_MINUTES * MINUTE && missedAge < SILENT_DAYS_MAX * DAY
    return MINUTE * (isSilent ? Math.max(Math.min(15, Math.floor(intervalMinutes / 4)), 1) : intervalMinutes)
  }
  const isLive = hookAge !== null && hookAge < LIVE_DAYS * DAY
  if (!isAdaptive || !isLive) return MINUTE * intervalMinutes
  return MINUTE * Math.max(intervalMinutes, Math.min(60, Math.max(15, 6 * intervalMinutes)))
}

/** A number from the id's tail, which is random in every kind of UUID: the phase is this modulo the interval. */
export function phaseOf(id: string): number {
  return Number.parseInt(id.slice(-7), 16)
}

/** The first slot after a time, not at it. */
export function slotAfter(phase: number, everySeconds: number, seconds: number): number {
  const offset = phase % everySeconds
  return (Math.floor((seconds - offset) / everySeconds) + 1) * everySeconds + offset
}

/** When, in seconds after local midnight, the integration's wide scan is due: spread over the night by its id. */
export function nightOf(id: string, fromHour = 0): number {
  const share = Number.parseInt(id.slice(24, 29), 16) % NIGHT_SECONDS
  return fromHour * 3600 + Math.floor((share * (NIGHT_HOURS - fromHour)) / NIGHT_HOURS)
}

/** Whether the time of the wide scan lies after the one local time and not after the other. */
export function isNightSlot(night: number, localFrom: number, localTo: number): boolean {
  return Math.floor((localTo - night) / DAY) > Math.floor((localFrom - night) / DAY)
}
