// The state of a pull, as JSON: watermarks, and a plan with the phases that are left.
import * as z from 'zod'
import { Organization } from '#crm/iiko/schema.ts'

const day = z.iso.date()
const instant = z.iso.datetime()
/** In a terminal's local time. */
const local = z.iso.datetime({ local: true, offset: false })
const Span = z.lazy(() => z.strictObject({ from: local, to: local }))

/** A restaurant as orders are mapped: completed by the settings and the business, fixed for a plan. */
const Restaurant = z.lazy(() =>
  z.strictObject({
    id: z.string(),
    name: z.string().nullable(),
    currency: z.string(),
    callingCode: z.string().nullable(),
    timezone: z.string(),
  }),
)
export type Restaurant = z.infer<typeof Restaurant>

/** What is kept for a day. */
const Outlets = z.lazy(() =>
  z.strictObject({
    readAt: instant,
    /** The restaurants that are chosen. */
    organizations: z.array(Organization).min(1),
    /** The key opens other restaurants too. */
    isPart: z.boolean(),
    of: z.record(z.string(), z.strictObject({ timezone: z.string().nullable(), tableIds: z.array(z.string()) })),
    /** Kinds by the ids of payment types. */
    paymentTypes: z.record(z.string(), z.string()),
  }),
)
export type Outlets = z.infer<typeof Outlets>

/** Restaurant by restaurant, span by span; the first of each is next. */
const Spans = {
  organizationIds: z.array(z.string()).min(1),
  /** Null: the spans of the first restaurant are still to be made from `from` and `to`. */
  spans: z.array(Span).nullable(),
  from: instant,
  to: instant,
}
const HallSource = z.enum(['cloud', 'server'])
const Phase = z.lazy(() =>
  z.discriminatedUnion('feed', [
    /** Deliveries by the time they are planned for. `seed`: the first revision that an answer named. */
    z.strictObject({ feed: z.literal('planned'), ...Spans, startedAt: instant, seed: z.string().nullable() }),
    /** Table orders by the time they were opened. */
    z.strictObject({ feed: z.literal('tables'), ...Spans }),
    /** Deliveries that changed since the last sync. */
    z.strictObject({ feed: z.literal('changed') }),
    /** Stored orders, read again by their ids in ascending order, from `after` on. */
    z.strictObject({ feed: z.literal('recheck'), from: instant, to: instant, after: z.string() }),
    /** Receipts of the till by accounting day, at most `days` in one report, from the first source that shows them. */
    z.strictObject({
      feed: z.literal('hall'),
      sources: z.array(HallSource).min(1),
      from: day,
      to: day,
      days: z.int().min(1),
    }),
  ]),
)
export type Phase = z.infer<typeof Phase>
export type PhaseOf<F extends Phase['feed']> = Extract<Phase, { feed: F }>

/** The used columns of a source's sales report, kept for a day. */
const Columns = z.lazy(() => z.strictObject({ source: HallSource, readAt: instant, names: z.array(z.string()) }))
export type Columns = z.infer<typeof Columns>

/** The source of receipts of the till. */
const Hall = z.lazy(() =>
  z.strictObject({
    /** What showed them last; null: nothing yet. */
    source: HallSource.nullable(),
    /** Receipts before this day come from another source, so that this one need not show them. Null: none do. */
    since: day.nullable(),
    /** The cloud refused its reports and is not asked again before. */
    cloudAfter: instant.nullable(),
    /** iikoServer has accepted these credentials before. */
    serverWorks: z.boolean(),
    columns: Columns.nullable(),
    /** All accounting days before this one, back to the first sync, have been read. */
    next: day.nullable(),
    /** The names of outlets by their ids, as far as reports have named them since the last wide scan. */
    outletNames: z.record(z.string(), z.string()),
  }),
)
export type Hall = z.infer<typeof Hall>

export const Cursor = z.lazy(() =>
  z.strictObject({
    version: z.literal(2),
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
    hall: Hall,
    plan: z
      .strictObject({
        /** The start of the run that the plan was made for; another run makes its own. */
        startedAt: instant,
        plannedAt: instant,
        restaurants: z.array(Restaurant).min(1),
        /** Empty: a finished backfill. */
        phases: z.array(Phase),
        /** The key opens other restaurants too. */
        isPart: z.boolean(),
        done: z.int(),
      })
      .nullable(),
  }),
)
export type Cursor = z.infer<typeof Cursor>
export type Plan = NonNullable<Cursor['plan']>
