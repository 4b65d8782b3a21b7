// Where a pull stands: durable marks, and the phases of the plan at hand. JSON.
import * as z from 'zod'

const day = z.iso.date()
const instant = z.iso.datetime()
/** On a terminal's wall clock. */
const local = z.iso.datetime({ local: true, offset: false })
const Span = z.strictObject({ from: local, to: local })

/** A restaurant as orders are read by: completed by settings and fallback, fixed for a plan. */
const Restaurant = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  currency: z.string(),
  callingCode: z.string().nullable(),
  timezone: z.string(),
})
export type Restaurant = z.infer<typeof Restaurant>

/** What is asked for once a day, by organization. */
const Outlets = z.strictObject({
  on: day,
  of: z.record(z.string(), z.strictObject({ timezone: z.string().nullable(), tableIds: z.array(z.string()) })),
})
export type Outlets = z.infer<typeof Outlets>

/** Restaurant by restaurant, span by span; the first of both is at work. */
const Spans = {
  organizationIds: z.array(z.string()).min(1),
  /** Null: those of the first restaurant are still to be made from `from` and `to`. */
  spans: z.array(Span).nullable(),
  from: instant,
  to: instant,
}
const Phase = z.discriminatedUnion('feed', [
  /** Deliveries by the time they are planned for. `seed`: the first revision that an answer has named. */
  z.strictObject({ feed: z.literal('planned'), ...Spans, startedAt: instant, seed: z.string().nullable() }),
  /** Table orders by the time they were opened. */
  z.strictObject({ feed: z.literal('tables'), ...Spans }),
  /** Deliveries that changed since the last look. */
  z.strictObject({ feed: z.literal('changed') }),
  /** Stored orders, read again by their ids, which go up from `after`. */
  z.strictObject({ feed: z.literal('recheck'), from: instant, to: instant, after: z.string() }),
  /** Receipts of iikoServer by accounting day, at most so many days in one report. */
  z.strictObject({ feed: z.literal('server'), from: day, to: day, days: z.int().min(1) }),
])
export type Phase = z.infer<typeof Phase>
export type PhaseOf<F extends Phase['feed']> = Extract<Phase, { feed: F }>

export const Cursor = z.strictObject({
  version: z.literal(1),
  /** What was sold before this is not looked for. */
  since: instant,
  /** Up to where changes of these restaurants are known, and how old that knowledge is. */
  cloud: z
    .strictObject({
      organizationIds: z.array(z.string()),
      /** An int64. */
      revision: z.string().regex(/^\d+$/),
      at: instant,
      seededAt: instant,
    })
    .nullable(),
  /** When iiko refused a revision that it had given itself. */
  refusedAt: instant.nullable(),
  outlets: Outlets.nullable(),
  /** Table orders opened before this have been read. */
  tablesTo: instant.nullable(),
  /** The day of the last wide look, by source. */
  recheckedOn: day.nullable(),
  rescannedOn: day.nullable(),
  /** Accounting days before this one have been read, as far as anybody wants them. */
  serverNext: day.nullable(),
  /** The server has let us in with these credentials. */
  serverWorks: z.boolean(),
  plan: z
    .strictObject({
      /** Of the work that the plan was made for: another one makes its own. */
      startedAt: instant,
      plannedAt: instant,
      restaurants: z.array(Restaurant).min(1),
      /** None: a backfill that is over. */
      phases: z.array(Phase),
      /** What the server's reports know; null until it was asked. */
      columns: z.array(z.string()).nullable(),
      done: z.int(),
    })
    .nullable(),
})
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>
