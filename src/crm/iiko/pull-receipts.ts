// The receipts of some days, from the first source that shows them.
import { attempt } from '#lib/crm-error.ts'
import { addDays, localDate } from '#lib/time.ts'
import type { Hall, Phase, PhaseOf } from '#crm/iiko/cursor.ts'
import {
  afterRefusal,
  afterSuccess,
  isTooBroad,
  knownHall,
  leftOutOf,
  type Source,
  withReportsOf,
} from '#crm/iiko/hall.ts'
import { mapDays, readDays, type ScanContext } from '#crm/iiko/scan.ts'
import type { PullContext, Step } from '#crm/iiko/step.ts'

/** Fewer days at once when the answer is too large or takes too long. */
export async function receipts(context: PullContext, phase: PhaseOf<'hall'>, rest: readonly Phase[]): Promise<Step> {
  const now = context.session.clock.now()
  const last = addDays(phase.from, phase.days - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const leftOut = []
  let { hall } = context.cursor
  for (const [index, source] of phase.sources.entries()) {
    const left = { ...phase, sources: phase.sources.slice(index) }
    const scan = scanOf(context, source, hall)
    const { value, error } = await attempt(async () => readDays(scan, days))
    if (value) {
      const scanned = await mapDays(scan, days, value)
      const next = addDays(days.to, 1)
      const columns = { ...value.columns, source }
      const seen = { since: scan.since, columns, outletNames: Object.fromEntries(scanned.outlets) }
      const after = { ...afterSuccess(hall, source), ...seen, next: next < phase.to ? next : phase.to }
      const phases = next <= phase.to ? [{ ...left, from: next }, ...rest] : rest
      return { ...scanned, watermarks: { hall: after }, phases }
    }
    if (isTooBroad(error) && days.from !== days.to) {
      return { phases: [{ ...left, days: Math.ceil(phase.days / 2) }, ...rest], watermarks: { hall } }
    }
    if (context.isBackfill && hall.source === null)
      hall = await knownHall(context.session, days, context.restaurants[0].timezone)
    const refused = source === 'cloud' ? afterRefusal(hall, error, now) : null
    if (!refused) throw error
    leftOut.push(...leftOutOf(hall, error))
    hall = refused
  }
  return { phases: rest, watermarks: { hall }, leftOut }
}

function scanOf(context: PullContext, source: Source, hall: Hall): ScanContext {
  const { session, cloud, plan, restaurants } = context
  const isNew = hall.source !== null && hall.source !== source
  return {
    ...context,
    withReports: withReportsOf(source, session, cloud, hall),
    columns: hall.columns?.source === source ? hall.columns : null,
    outlets: new Map(Object.entries(hall.outletNames)),
    since: isNew ? localDate(session.clock.now(), restaurants[0].timezone) : hall.since,
    isPart: source === 'cloud' && plan.isPart,
  }
}
