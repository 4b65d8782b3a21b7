// The state of a pull, as JSON. Each branch has its own: watermarks, and a plan with the phases that are left and the
// position in the first of them. A round goes through all branches.
import * as z from 'zod'

const day = z.iso.date()
const instant = z.iso.datetime()

/** `from` moves forward window by window; `to` is fixed. */
const Phase = z.lazy(() =>
  z.discriminatedUnion('feed', [
    z.strictObject({ feed: z.literal('changed'), from: instant, to: instant }),
    z.strictObject({ feed: z.enum(['visits', 'sales']), from: day, to: day }),
  ]),
)
export type Phase = z.infer<typeof Phase>

/** The position in a window: the next page, the total and page size of the last answer, and the rows to request. */
const PagePosition = z.lazy(() =>
  z.strictObject({
    page: z.int().min(1),
    total: z.int().nullable(),
    size: z.int().min(0),
    count: z.int().min(1),
  }),
)
export type PagePosition = z.infer<typeof PagePosition>

/** What the branch says of itself, kept for a day. */
const KeptCompany = z.lazy(() =>
  z.strictObject({
    title: z.string().nullable(),
    timezone: z.string().nullable(),
    currency: z.string().nullable(),
    readAt: instant,
  }),
)
export type KeptCompany = z.infer<typeof KeptCompany>

/** What is known of the branch: its own answer, completed by the settings and the business. */
export const AccountContext = z.lazy(() =>
  z.strictObject({
    companyId: z.string(),
    title: z.string().nullable(),
    timezone: z.string(),
    currency: z.string(),
  }),
)
export type AccountContext = z.infer<typeof AccountContext>

const BranchCursor = z.lazy(() =>
  z.strictObject({
    /** Everything that changed before this is stored. Null before the first sync has ended. */
    changedTo: instant.nullable(),
    /** The branch's day of the last wide scan. */
    rescannedOn: day.nullable(),
    /** Some sales are stored without their documents, which the user might not read. */
    missesDocuments: z.boolean(),
    company: KeptCompany.nullable().default(null),
    plan: z
      .strictObject({
        account: AccountContext,
        phases: z.array(Phase),
        position: PagePosition.nullable(),
        /** Ids that the current window of days has shown so far. Stored ids that it does not show are missing. */
        shown: z.array(z.string()),
        /** External ids that were shown incompletely or not at all. Each is read alone before anything is decided. */
        toVerify: z.array(z.string()),
        /** Those that are gone: they go out in one page, so that the engine can count them before it cancels any. */
        gone: z.array(z.string()).default([]),
        windowDays: z.int().min(1),
        done: z.int(),
        total: z.int(),
        /** Every sale document is read, also those of sales that are stored and unchanged. */
        readsAll: z.boolean(),
        isWide: z.boolean(),
        /** External ids on the present page whose documents were read. */
        completed: z.array(z.string()),
        // The watermarks when all phases are done.
        changedTo: instant.nullable(),
        rescannedOn: day.nullable(),
        missesDocuments: z.boolean(),
      })
      .nullable(),
  }),
)
export type BranchCursor = z.infer<typeof BranchCursor>
export type Plan = NonNullable<BranchCursor['plan']>

export const Cursor = z.lazy(() =>
  z.strictObject({
    version: z.literal(2),
    branches: z.record(z.string(), BranchCursor),
    /** Null: the last round is over. */
    round: z
      .strictObject({
        /** The start of the run that the round belongs to; another run begins its own. */
        startedAt: instant,
        /** Branches to go; the first one is under way. */
        left: z.array(z.string()),
        /** Branches that were refused. */
        refused: z.array(z.string()),
        done: z.int(),
      })
      .nullable(),
  }),
)
export type Cursor = z.infer<typeof Cursor>
export type Round = NonNullable<Cursor['round']>
