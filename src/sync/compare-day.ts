// Compares a day of a check with what is stored: procedure compare_day in migrations/.
import type { Context } from '#context.ts'
import { arrayOf } from '#db/array.ts'
import type { Calendar } from '#sync/check-calendar.ts'
import { LEASE_SECONDS, type TakenRun } from '#sync/take-run.ts'
import type { Position } from '#sync/write-page.ts'

/** Named in one answer, and then read one by one: some seconds of calls, so that live syncs need not wait longer. */
const DOUBTS_MAX = 10
/** The contract's number: whoever looks at more looks at the cause. */
export const DIFFERENCES_MAX = 1000

/** A stored sale of which the reading says nothing. */
export interface Unshown {
  readonly externalId: string
  readonly occurredAt: string
  readonly locationId: string | null
}

/** The day is compared, or these have to be known first. */
export interface Compared {
  readonly equal?: number
  /** They may be changes that the next sync brings. */
  readonly doubts?: readonly string[]
  readonly unshown?: readonly Unshown[]
  readonly seq: number
  /** By the clock of the database. */
  readonly at: string
  readonly liveWaits: boolean
}

interface Comparison {
  readonly day: string
  readonly calendar: Calendar
  readonly unread: readonly string[]
  /** The change counter when the reading began. */
  readonly startSeq: number
  /** When the reading was over, by the clock of the database. */
  readonly readUntil: string | null
  readonly lateSeconds: number
  /** What is still in doubt stays so. */
  readonly isLastTry: boolean
  /** After the day. */
  readonly cursorJson: string
}

/** Null: another worker has the run, or it is over. */
export async function compareDay(
  context: Context,
  run: TakenRun,
  { pages }: Pick<Position, 'pages'>,
  { day, calendar, unread, startSeq, readUntil, lateSeconds, isLastTry, cursorJson }: Comparison,
): Promise<Compared | null> {
  const params = [
    ...[run.integrationId, run.leaseEpoch, run.id, pages, LEASE_SECONDS, day],
    ...[JSON.stringify(calendar.boundsOf(day)), arrayOf(unread) ?? '{}', startSeq, readUntil, lateSeconds],
    ...[DOUBTS_MAX, DIFFERENCES_MAX, isLastTry, cursorJson],
  ]
  const [[answer] = []] = await context.db.call(CALL, params)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  return answer as Compared | null
}

const CALL = `call compare_day(${Array.from({ length: 15 }, (_, index) => `$${index + 1}`).join(', ')}, null)`
