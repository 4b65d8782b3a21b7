// The wire types: strict on the fields that are used, tolerant of all others. The vendor's PHP writes an empty object
// as `[]`, ids and sums as numbers or strings, flags as booleans, numbers or strings.
import * as z from 'zod'

export const id = z.union([z.string().min(1), z.number()]).transform(String)
const amount = z.union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/)])
const flag = z
  .union([z.boolean(), z.number(), z.string()])
  .nullish()
  .transform((value) => value === true || value === 'true' || Number(value) === 1)
const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value == null ? '' : String(value)))
/** An optional number; null, absent and '' are null. */
const integer = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => (value == null || value === '' || Number.isNaN(Number(value)) ? null : Number(value)))

export const orNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (Array.isArray(value) && value.length === 0 ? null : (value ?? null)), schema.nullable())
const list = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? [], z.array(schema))

/** Rows that are not as expected are left out: what they would add is not worth the rest. */
export const readable = <T extends z.ZodType>(schema: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((rows) => rows.flatMap((row) => schema.safeParse(row).data ?? []))

export const Envelope = z.lazy(() =>
  z
    .object({
      success: z.literal(true),
      data: z.unknown(),
      meta: orNull(z.object({ total_count: integer })),
    })
    .refine((envelope) => envelope.data !== undefined),
)
export type Envelope = z.infer<typeof Envelope>

export const Refusal = z.lazy(() =>
  z.object({ success: z.literal(false), meta: z.object({ message: z.string().min(1) }) }),
)

export const Company = z.lazy(() =>
  z.object({
    id,
    title: text,
    timezone: z.union([z.string(), z.number()]).nullish(),
    timezone_name: z.union([z.string(), z.number()]).nullish(),
    currency_short_title: z.string().nullish(),
  }),
)
export type Company = z.infer<typeof Company>

const Client = z.lazy(() =>
  z.object({
    id: id.nullish(),
    name: text,
    surname: text,
    display_name: text,
    phone: text,
    email: text,
    card: text,
  }),
)
export type Client = z.infer<typeof Client>

const Expense = z.lazy(() => z.object({ id: integer, title: text }))

/** What an operation is for. */
export const Purpose = z.object({
  document_id: integer,
  record_id: integer,
  visit_id: integer,
  /** Newer bodies name the record so. */
  record: orNull(z.object({ id: integer })).catch(null),
  amount,
  deleted: flag,
  expense: orNull(Expense),
  expense_id: integer,
  sold_item_type: text,
})
export type Purpose = z.infer<typeof Purpose>

/** A cash movement, in a record or in the list of all movements. */
export const Operation = Purpose.extend({
  id,
  date: z.string(),
  sold_item_id: text,
  client: orNull(Client),
})
export type Operation = z.infer<typeof Operation>

/** What was paid with loyalty: bonuses, certificates, abonements, deposits. */
const LoyaltyOperation = z.lazy(() =>
  z.object({
    id,
    type_id: integer,
    amount,
    created_at: text,
    /** In the details of a visit: the record that it is for, 0 for all. */
    item_record_id: integer,
  }),
)
export type LoyaltyOperation = z.infer<typeof LoyaltyOperation>

export const VisitLoyalty = z.lazy(() =>
  z.object({ loyalty_transactions: readable(LoyaltyOperation) }).transform((details) => details.loyalty_transactions),
)

const SoldLine = z.lazy(() =>
  z.object({
    id,
    type: text,
    title: text,
    amount: amount.nullish(),
    cost_to_pay_total: amount.nullish(),
  }),
)
export type SoldLine = z.infer<typeof SoldLine>

export const SaleDocument = z.lazy(() =>
  z
    .object({
      state: z.object({
        items: readable(SoldLine),
        loyalty_transactions: readable(LoyaltyOperation),
        payment_transactions: readable(z.object({ amount })),
      }),
    })
    .transform(({ state }) => state),
)
export type SaleDocument = z.infer<typeof SaleDocument>

const Service = z.lazy(() =>
  z.object({
    id,
    title: text,
    amount: amount.nullish(),
    cost: amount.nullish(),
    cost_to_pay: amount.nullish(),
  }),
)
const Good = z.lazy(() =>
  z.object({ id, good_id: id.nullish(), title: text, amount: amount.nullish(), cost: amount.nullish() }),
)

export const Visit = z.lazy(() =>
  z.object({
    id,
    visit_id: text,
    date: z.string(),
    last_change_date: z.string().nullish(),
    attendance: integer,
    paid_full: flag,
    deleted: flag,
    client: orNull(Client),
    services: list(Service),
    goods_transactions: list(Good),
    /** An empty list means a sum of 0; an absent one means unknown. */
    finance_transactions: z.array(Purpose.extend({ id })).nullish(),
    documents: readable(z.object({ id, type_id: integer })),
  }),
)
export type Visit = z.infer<typeof Visit>

/**
 * The settings of webhooks: addresses, and switches for events. Switches that are not known here are kept as they are.
 */
export const HookSettings = z.lazy(() =>
  z
    .object({
      urls: z.union([z.array(z.string()), z.record(z.string(), z.string()).transform(Object.values<string>)]),
      active: flag,
    })
    .catchall(z.unknown())
    .transform(({ urls, active, ...rest }) => ({
      ...Object.fromEntries(
        Object.entries(rest).flatMap(([name, value]) => {
          const isSwitch = typeof value === 'boolean' || /^[01]$/.test(String(value))
          return isSwitch && !name.endsWith('id')
            ? [[name, Number(value === true || value === 1 || value === '1')]]
            : []
        }),
      ),
      urls,
      active: Number(active),
    })),
)
export type HookSettings = z.infer<typeof HookSettings> & Readonly<Record<string, unknown>>

/**
 * One event of a webhook: `data` has the fields of the REST object, or is `[]`. `resource` is called `type` at times.
 */
export const HookEvent = z.lazy(() =>
  z.preprocess(
    (event) =>
      typeof event === 'object' && event !== null && 'type' in event ? { resource: event.type, ...event } : event,
    z.object({
      company_id: id,
      resource: z.string(),
      resource_id: id,
      status: text,
      data: orNull(
        Purpose.pick({ document_id: true, record_id: true, visit_id: true, record: true }).extend({
          amount: amount.nullish(),
          last_change_date: z.string().nullish(),
        }),
      ),
    }),
  ),
)
export type HookEvent = z.infer<typeof HookEvent>
