import { getTableColumns, sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines, namesOf, ofBusiness } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { businesses } from '#db/schema/businesses.ts'
import { isoInstant } from '#db/columns.ts'
import { isCurrency } from '#lib/money.ts'
import { canonicalZone, isTimeZone } from '#lib/time.ts'

/** Characters. Longer than registered company names, and still one line in a list. */
const NAME_MAX = 200

export const PutBusiness = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(NAME_MAX)
      .meta({ description: 'What people call the business.' }),
    timezone: z
      .string()
      .refine((zone) => /^[A-Za-z]/.test(zone) && isTimeZone(zone), 'expected an IANA time zone such as Europe/Moscow')
      .overwrite(canonicalZone)
      .meta({ description: 'IANA time zone. Days of the business, and CRM times without an offset, are read in it.' }),
    currency: z
      .string()
      .refine(isCurrency, 'expected an ISO 4217 code such as RUB')
      .meta({ description: 'ISO 4217. It counts where neither the CRM nor its settings name a currency.' }),
  })
  .meta({ id: 'PutBusiness', description: 'The whole business: what is left out is refused.' })
type PutBusiness = z.infer<typeof PutBusiness>

export const Business = z
  .strictObject({
    id: z.guid().meta({ description: 'The id that the caller chose.' }),
    name: z.string().meta({ description: 'What people call the business.' }),
    timezone: z.string().meta({ description: 'IANA time zone.' }),
    currency: z.string().meta({ description: 'ISO 4217.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was first put.' }),
    updatedAt: z.iso.datetime().meta({ description: 'When it was last put.' }),
  })
  .meta({ id: 'Business', description: 'A tenant. It has at most one integration.' })
export type Business = z.infer<typeof Business>

const { testedAt: _, erasures: __, ...columns } = getTableColumns(businesses)
export const shownColumns = columns

export function presentBusiness({ createdAt, updatedAt, ...business }: Business): Business {
  return { ...business, createdAt: isoInstant(createdAt), updatedAt: isoInstant(updatedAt) }
}

/** Creates or updates; `isNew` tells which. */
export async function putBusiness(
  context: Context,
  id: string,
  values: PutBusiness,
): Promise<{ readonly business: Business; readonly isNew: boolean }> {
  const upsert = context.db
    .insert(businesses)
    .values({ id, ...values })
    .onConflictDoUpdate({ target: businesses.id, set: { ...values, updatedAt: sql`now()` } })
    // `xmax` is 0 for a row that this statement inserted: no transaction has deleted or locked it.
    .returning({ ...shownColumns, isNew: sql<boolean>`(xmax = 0)` })
  const change = { action: 'business.put', changes: namesOf(values) } as const
  const line = context.db.execute(auditLines(context, change, ofBusiness(id)))
  const [[row]] = await context.db.batch([upsert, line])
  if (!row) throw new Error('an upsert without a row')
  const { isNew, ...business } = row
  return { business: presentBusiness(business), isNew }
}
