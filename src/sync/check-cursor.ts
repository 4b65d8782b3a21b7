// The state of a check, as JSON in the cursor of its run.
import * as z from 'zod'

const day = z.iso.date()

export const CheckCursor = z.strictObject({
  /** First and last days of periods to go; the first one is under way. */
  ranges: z.array(z.tuple([day, day])),
  /** The day to compare next; null: the period is being read. */
  day: day.nullable().default(null),
  /** The connector's own, while it is being read. */
  pull: z.unknown().default(null),
  /** After the last day: from which day on the CRM's own totals are to be read; null: from the first. */
  totals: day.nullable().default(null),
  /** Locations that the CRM does not show now. */
  unread: z.array(z.string()).default([]),
  /** No list was left out for all locations. */
  isComplete: z.boolean().default(true),
  /** It has shown sales: a reading without any proves nothing. */
  hasShown: z.boolean().default(false),
  /** The change counter when the reading of the period began. */
  startSeq: z.int().nullable().default(null),
  /** When it was over, by the clock of the database. */
  readUntil: z.string().nullable().default(null),
  /** Records of the day that are to be read again after a sync that begins after `since`, and how often that was so. */
  doubts: z
    .strictObject({ ids: z.array(z.string()), since: z.string(), rounds: z.int() })
    .nullable()
    .default(null),
  /** Since when a sync that was waited for in vain has not come: what is in doubt on later days waits no longer. */
  unsyncedSince: z.string().nullable().default(null),
})
export type CheckCursor = z.infer<typeof CheckCursor>

/** After the first period. */
export function nextPeriod({ ranges, unsyncedSince }: CheckCursor): CheckCursor {
  return CheckCursor.parse({ ranges: ranges.slice(1), unsyncedSince })
}

/** As a run begins with it: see src/checks/start-check.ts. */
export function toCheckCursor(ranges: CheckCursor['ranges']): string {
  return JSON.stringify({ ranges })
}
