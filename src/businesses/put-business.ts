import { getTableColumns, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { businesses } from '#db/schema/businesses.ts'
import { isoInstant } from '#db/columns.ts'
import { isCurrency } from '#lib/money.ts'
import { canonicalZone, isTimeZone } from '#lib/time.ts'

/** Characters. Longer than registered company names, and still one line in a list. */
const NAME_MAX = 200

export const PutBusiness = z
  .strictObject({
    name: z.string().trim().min(1, 'must not be empty').max(NAME_MAX),
    timezone: z
      .string()
      .refine((zone) => /^[A-Za-z]/.test(zone) && isTimeZone(zone), 'expected an IANA time zone such as Europe/Moscow')
      .overwrite(canonicalZone),
    currency: z.string().refine(isCurrency, 'expected an ISO 4217 code such as RUB'),
  })
  .meta({ id: 'PutBusiness' })
type PutBusiness = z.infer<typeof PutBusiness>

export const Business = z
  .strictObject({
    id: z.guid(),
    name: z.string(),
    timezone: z.string(),
    currency: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Business' })
export type Business = z.infer<typeof Business>

const { testedAt: _, ...shownColumns } = getTableColumns(businesses)

/** Creates or updates; `isNew` tells which. */
export async function putBusiness(
  context: Context,
  id: string,
  values: PutBusiness,
): Promise<{ readonly business: Business; readonly isNew: boolean }> {
  const [row] = await context.db
    .insert(businesses)
    .values({ id, ...values })
    .onConflictDoUpdate({ target: businesses.id, set: { ...values, updatedAt: sql`now()` } })
    // `xmax` is 0 for a row that this statement inserted: no transaction has deleted or locked it.
    .returning({ ...shownColumns, isNew: sql<boolean>`(xmax = 0)` })
  if (!row) throw new Error('an upsert without a row')
  const { isNew, createdAt, updatedAt, ...business } = row
  return { business: { ...business, createdAt: isoInstant(createdAt), updatedAt: isoInstant(updatedAt) }, isNew }
}
