import { eq } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { businesses } from '#db/schema/businesses.ts'
import { type Business, presentBusiness, shownColumns } from '#businesses/put-business.ts'

/** Null: there is none, or the caller belongs to another. */
export async function getBusiness(context: Context, id: string, tenant: string | null): Promise<Business | null> {
  if (tenant !== null && tenant !== id) return null
  const [row] = await context.db.select(shownColumns).from(businesses).where(eq(businesses.id, id))
  return row ? presentBusiness(row) : null
}
