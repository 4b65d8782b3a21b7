// Which source shows the receipts of the till: the cloud's own reports where the key may read them, else iikoServer.
// Both show the same receipts under the same ids, so a change of the source doubles nothing.
import type { LeftOut, Session } from '#crm/contract.ts'
import type { CrmError } from '#lib/crm-error.ts'
import { addDays, localDate, zonedToUtc } from '#lib/time.ts'
import { type Cloud, isSlow, isTooMuch } from '#crm/iiko/cloud.ts'
import type { Hall } from '#crm/iiko/cursor.ts'
import { PREFIX } from '#crm/iiko/receipts.ts'
import type { Days, Reporter } from '#crm/iiko/report.ts'
import { REPORTS } from '#crm/iiko/refusal.ts'
import { withServer } from '#crm/iiko/server.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const HOUR_MS = 3_600_000
/** A right that was refused may have been given a day later. */
const REFUSED_MS = 24 * HOUR_MS
/** A cloud that never made a report may not have them at all, or be away for a moment. */
const UNPROVEN_MS = HOUR_MS

export type Source = NonNullable<Hall['source']>

/** Does the work with the reports of a source. */
export type WithReports = <T>(work: (reports: Reporter) => Promise<T>) => Promise<T>

export function withReportsOf(source: Source, session: Session<Settings>, cloud: Cloud, hall: Hall): WithReports {
  return source === 'cloud'
    ? async (work) => work(cloud.reports)
    : async (work) => withServer(session, hall.serverWorks, work)
}

export const NO_HALL: Hall = {
  ...{ source: null, since: null, cloudAfter: null, serverWorks: false, columns: null, next: null, outletNames: {} },
}

/** The days before today that tell whether receipts come at all: a café may be closed for some. */
const RECENT_DAYS = 7

/**
 * For a piece of work that has no watermarks. Where receipts of these or of the last days are stored and there is no
 * iikoServer, the cloud's reports have shown them, so their outage must not pass for days without receipts.
 */
export async function knownHall(session: Session<Settings>, days: Days, zone: string): Promise<Hall> {
  if (session.settings.server) return NO_HALL
  const today = localDate(session.clock.now(), zone)
  const at = (day: string) => zonedToUtc(`${day}T00:00:00`, zone)
  const stored = await Promise.all(
    [days, { from: addDays(today, -RECENT_DAYS), to: today }].map(async ({ from, to }) =>
      session.storedIds({ prefix: PREFIX, from: at(from), to: at(addDays(to, 1)) }),
    ),
  )
  return stored.some((ids) => ids.length > 0) ? { ...NO_HALL, source: 'cloud' } : NO_HALL
}

interface Asking {
  readonly settings: Settings
  readonly now: Date
  readonly isManual: boolean
}

/** The sources to try, in this order. */
export function sourcesOf({ settings, now, isManual }: Asking, { cloudAfter }: Hall): Source[] {
  const isCloudDue = cloudAfter === null || isManual || Date.parse(cloudAfter) <= now.getTime()
  return [...(isCloudDue ? (['cloud'] as const) : []), ...(settings.server ? (['server'] as const) : [])]
}

/**
 * After the cloud failed: what is stored of that. Null where the key is refused, or a source that worked before is
 * away.
 */
export function afterRefusal(hall: Hall, error: CrmError, now: Date): Hall | null {
  const isRefused = isReportRefused(error)
  if (error.kind === 'auth' || (!isRefused && hall.source === 'cloud')) return null
  const after = new Date(now.getTime() + (isRefused ? REFUSED_MS : UNPROVEN_MS))
  return { ...hall, cloudAfter: after.toISOString() }
}

/** A right that is taken away from the cloud's reports while nothing else shows the receipts. */
export function leftOutOf(hall: Hall, error: CrmError): LeftOut[] {
  return hall.source === 'cloud' ? [{ list: REPORTS, error }] : []
}

/** In iiko's own words, unlike an outage. */
function isReportRefused(error: CrmError): boolean {
  return !isTooMuch(error) && (error.kind === 'forbidden' || error.kind === 'rejected')
}

/** After a source has shown receipts. */
export function afterSuccess(hall: Hall, source: Source): Hall {
  return { ...hall, source, ...(source === 'cloud' ? { cloudAfter: null } : { serverWorks: true }) }
}

/** True when fewer days may be answered: the cloud gives up after half a minute. */
export function isTooBroad(error: unknown): boolean {
  return isTooMuch(error) || isSlow(error)
}
