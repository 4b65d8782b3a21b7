// The wire types: strict on the fields that are used, tolerant of all others. Times are Unix seconds, ids are integers
// that may exceed 32 bits; `null` stands for an empty list or field.
import * as z from 'zod'

const id = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String)
const seconds = z.int().nonnegative()
const money = z.union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/)])
const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() ?? '')
/** Texts that some accounts have as numbers. */
const label = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? '').trim())
const list = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? [], z.array(schema))

/** A list: rows that are not parsed yet, and whether there is a next page. */
export const List = z.lazy(() =>
  z.object({
    _embedded: z.record(z.string(), z.unknown()),
    _links: z.object({ next: z.object({ href: z.string() }).nullish() }).nullish(),
  }),
)

export const Account = z.lazy(() =>
  z.object({
    id,
    name: text,
    country: z.string().nullish(),
    currency: z.string().nullish(),
    customers_mode: z.string().nullish(),
    _embedded: z.object({ datetime_settings: z.object({ timezone: z.string().nullish() }).nullish() }).nullish(),
  }),
)
export type Account = z.infer<typeof Account>

const Link = z.lazy(() => z.object({ id, is_main: z.boolean().nullish() }))
const contacts = z.lazy(() => z.object({ contacts: list(Link) }).nullish())

export const Lead = z.lazy(() =>
  z.object({
    id,
    status_id: z.int(),
    pipeline_id: z.int(),
    /** Whole units. The other field has the fraction; accounts have it since 2026. */
    price: money.nullish(),
    price_with_minor_units: money.nullish(),
    updated_at: seconds.nullish(),
    created_at: seconds.nullish(),
    closed_at: seconds.nullish(),
    is_deleted: z.boolean().nullish(),
    _embedded: contacts,
  }),
)
export type Lead = z.infer<typeof Lead>

/** Enough to tell that a deal is no sale. */
export const LeadStage = z.lazy(() =>
  z.object({
    ...{ id, status_id: z.int(), pipeline_id: z.int() },
    is_deleted: z.unknown().optional(),
    closed_at: z.unknown().optional(),
  }),
)
export type LeadStage = z.infer<typeof LeadStage>

/** The fields that every row has and that place it in a walk. */
export const Stamp = z.lazy(() => z.object({ id, updated_at: seconds.nullish(), closed_at: seconds.nullish() }))
export type Stamp = z.infer<typeof Stamp>

/** All that the vendor shows of a lead in the bin. */
export const BinnedLead = z.lazy(() => z.object({ id, is_deleted: z.literal(true) }))

export const Event = z.lazy(() => z.object({ type: z.string(), entity_id: id, created_at: seconds }))
export type Event = z.infer<typeof Event>

export const Field = z.lazy(() =>
  z.object({
    field_code: z.string().nullish(),
    values: list(z.object({ value: z.unknown(), enum_code: z.string().nullish() })),
  }),
)
export type Field = z.infer<typeof Field>

export const Contact = z.lazy(() =>
  z.object({
    id,
    name: text,
    first_name: text,
    last_name: text,
    custom_fields_values: list(Field),
  }),
)
export type Contact = z.infer<typeof Contact>

export const Customer = z.lazy(() => z.object({ id, name: text, updated_at: seconds.nullish(), _embedded: contacts }))
export type Customer = z.infer<typeof Customer>

export const Purchase = z.lazy(() =>
  z.object({
    id,
    price: money.nullish(),
    completed_at: seconds.nullish(),
    created_at: seconds.nullish(),
    updated_at: seconds.nullish(),
    is_deleted: z.boolean().nullish(),
    customer_id: id.nullish(),
    _embedded: z.object({ customer: z.object({ id }).nullish() }).nullish(),
  }),
)
export type Purchase = z.infer<typeof Purchase>

export const Invoice = z.lazy(() =>
  z.object({
    id,
    updated_at: seconds.nullish(),
    created_at: seconds.nullish(),
    is_deleted: z.boolean().nullish(),
    custom_fields_values: list(Field),
  }),
)
export type Invoice = z.infer<typeof Invoice>

export const Payer = z.lazy(() =>
  z.object({ name: text, phone: text, email: text, entity_type: text, entity_id: id.nullish() }),
)
export type Payer = z.infer<typeof Payer>

/** The sum is that of the line, discount and quantity included; where it is missing it follows from the rest. */
export const InvoiceLine = z.lazy(() =>
  z.object({
    description: label,
    quantity: money.nullish(),
    unit_price: money.nullish(),
    product_id: id.nullish().catch(null),
    total_sum: money.nullish(),
    // PHP writes an empty object as an array.
    discount: z.preprocess(
      (value) => (Array.isArray(value) ? null : value),
      z.object({ type: z.enum(['amount', 'percentage']).nullish(), value: money.nullish() }).nullish(),
    ),
  }),
)
export type InvoiceLine = z.infer<typeof InvoiceLine>

export const Catalog = z.lazy(() => z.object({ id, type: z.string().nullish() }))

export const TokenAnswer = z.lazy(() =>
  z.object({
    access_token: z.string().min(1),
    refresh_token: z.string().min(1),
    expires_in: z.int().positive(),
  }),
)

/** The claims of an access token. Its signature is not verified: the token goes back to the vendor. */
export const Claims = z.lazy(() => z.object({ account_id: id.nullish(), api_domain: z.string().nullish() }))
export type Claims = z.infer<typeof Claims>

export const Subdomain = z.lazy(() => z.object({ domain: z.string().min(1) }))

/** The address of a webhook, and the names of its events. */
export const Hook = z.lazy(() =>
  z.object({
    destination: z.string(),
    settings: list(z.string()),
    disabled: z.boolean().nullish(),
  }),
)
export type Hook = z.infer<typeof Hook>
