// The part of the environment about how long what is stored is kept.
import * as z from 'zod'

const expectedDays = (daysMin: number) => `expected a whole number of days from ${daysMin} to 36500`
/** `daysMin`: what the database keeps at least. */
const days = (defaultDays: number, daysMin = 1) =>
  z
    .string()
    .regex(/^\d{1,5}$/, expectedDays(daysMin))
    .transform(Number)
    .refine((value) => value >= daysMin && value <= 36_500, expectedDays(daysMin))
    .default(defaultDays)

/** Chosen, not measured: as long as a question about them is likely, and no longer, since they grow with every sync. */
export const retentionVariables = () => ({
  // A month of runs covers a monthly report; at a sync every 5 minutes an integration makes 8,640 runs in 30 days.
  RETENTION_RUNS_DAYS: days(30),
  // A year of former states answers questions about yearly accounts. Only changed sales take space here.
  RETENTION_CHANGES_DAYS: days(365),
  // Counted from the last read of a record, so only those are deleted that the CRM has not shown for three months.
  RETENTION_QUARANTINE_DAYS: days(90),
  // As long as runs, so that a hook can be compared with the run that found the same change.
  RETENTION_WEBHOOKS_DAYS: days(30),
  // Bodies hold personal data, so they go first: a week is enough to replay them after a failure over a weekend.
  RETENTION_WEBHOOK_BODIES_DAYS: days(7),
  // A year and a month, so that last year's change is still found at the same time of this year.
  RETENTION_AUDIT_DAYS: days(400, 90),
  // Attempts of an event last 28 hours; a week shows what an endpoint answered over a weekend.
  RETENTION_EVENTS_DAYS: days(7),
})
