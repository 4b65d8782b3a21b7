// The state of a pull, as JSON: watermarks, and a plan with the phases that are left.
import * as z from 'zod'

const day = z.iso.date()
const instant = z.iso.datetime()
/** In a terminal's local time. */
const local = z.iso.datetime({ local: true, offset: false })
const Span = z.strictObject({ from: local, to: local })

/** A restaurant as orders are mapped: completed by the settings and the business, fixed for a plan. */
const Restaurant = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  currency: z.string(),
  callingCode: z.string().nullable(),
  timezone: z.string(),
})
export type Restaurant = z.infer<typeof Restaurant>

/** What is read once a day, by organization. */
const Outlets = z.strictObject({
  on: day,
  of: z.record(z.string(), z.strictObject({ timezone: z.string().nullable(), tableIds: z.array(z.string()) })),
})
export type Outlets = z.infer<typeof Outlets>

/** Restaurant by restaurant, span by span; the first of each is next. */
const Spans = {
  organizationIds: z.array(z.string()).min(1),
  /** Null: the spans of the first restaurant are still to be made from `from` and `to`. */
  spans: z.array(Span).nullable(),
  from: instant,
  to: instant,
}
const Phase = z.discriminatedUnion('feed', [
  /** Deliveries by the time they are planned for. `seed`: the first revision that an answer named. */
  z.strictObject({ feed: z.literal('planned'), ...Spans, startedAt: instant, seed: z.string().nullable() }),
  /** Table orders by the time they were opened. */
  z.strictObject({ feed: z.literal('tables'), ...Spans }),
  /** Deliveries that changed since the last sync. */
  z.strictObject({ feed: z.literal('changed') }),
  /** Stored orders, read again by their ids in ascending order, from `after` on. */
  z.strictObject({ feed: z.literal('recheck'), from: instant, to: instant, after: z.string() }),
  /** Receipts of iikoServer by accounting day, at most `days` in one report. */
  z.strictObject({ feed: z.literal('server'), from: day, to: day, days: z.int().min(1) }),
])
export type Phase = z.infer<typeof Phase>
export type PhaseOf<F extends Phase['feed']> = Extract<Phase, { feed: F }>

export const Cursor = z.strictObject({
  version: z.literal(1),
  /** Older sales are not read. */
  since: instant,
  /** The revision up to which changes of these restaurants are read, and when that was. */
  cloud: z
    .strictObject({
      organizationIds: z.array(z.string()),
      /** An int64. */
      revision: z.string().regex(/^\d+$/),
      at: instant,
      seededAt: instant,
    })
    .nullable(),
  /** When iiko refused a revision that it had sent itself. */
  refusedAt: instant.nullable(),
  outlets: Outlets.nullable(),
  /** Table orders opened before this have been read. */
  tablesTo: instant.nullable(),
  /** The day of the last wide scan, by source. */
  recheckedOn: day.nullable(),
  rescannedOn: day.nullable(),
  /** All accounting days before this one, back to the first sync, have been read. */
  serverNext: day.nullable(),
  /** The server has accepted these credentials before. */
  serverWorks: z.boolean(),
  plan: z
    .strictObject({
      /** The start of the run that the plan was made for; another run makes its own. */
      startedAt: instant,
      plannedAt: instant,
      restaurants: z.array(Restaurant).min(1),
      /** Empty: a finished backfill. */
      phases: z.array(Phase),
      /** The columns of the server's report; null until they were read. */
      columns: z.array(z.string()).nullable(),
      done: z.int(),
    })
    .nullable(),
})
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>
