import { eq, and } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { type Conditions, matches } from '#db/filter.ts'
import { keyset, type Page, Paging } from '#db/keyset.ts'
import { INSTALL_STATES, marketplaceInstalls } from '#db/schema/marketplace-installs.ts'
import { MARKETPLACES } from '#marketplace/vendor.ts'

const STATES = `
\`claimed\`: the marketplace has to be told; \`told\`: our access and the person who clicked are checked; \`checked\`: sync is
to be switched on; \`active\`; \`frozen\`: a payment is due at the marketplace; \`leaving\`: it has to be told that it is
over; \`uninstalled\`; \`expired\`: it was not told in time.`.trim()

const brand = z.enum(MARKETPLACES.map(({ marketplace }) => marketplace.brand))
const time = z.iso.datetime()

export const Install = z
  .lazy(() =>
    z.strictObject({
      id: z.guid().meta({ description: 'Its id here.' }),
      brand: brand.meta({ description: 'The marketplace.' }),
      branchId: z.string().meta({ description: 'The branch, as the marketplace numbers it.' }),
      businessId: z.guid().meta({ description: 'Whose it is, or was last.' }),
      integrationId: z.guid().nullable().meta({ description: 'The integration that it is or was part of.' }),
      state: z.enum(INSTALL_STATES).meta({ description: STATES }),
      begunAt: time.nullable().meta({ description: 'When “Connect” was pressed; null after an admin’s confirmation.' }),
      claimedAt: time.meta({ description: 'When the business claimed it.' }),
      toldAt: time.nullable().meta({ description: 'When the marketplace took our answer.' }),
      activeAt: time.nullable().meta({ description: 'When its sync began.' }),
      endedAt: time.nullable().meta({ description: 'When it was uninstalled or given up.' }),
      nextStepAt: time.nullable().meta({ description: 'When the next try or look is due.' }),
      lastError: z.string().nullable().meta({ description: 'What the last step failed with.' }),
      missingNights: z.int().meta({ description: 'Nights in a row in which the marketplace’s list did not have it.' }),
    }),
  )
  .meta({ id: 'Install', description: 'A branch with our app.' })

const Filter = z.strictObject({
  brand: brand.optional().meta({ description: 'Only of this marketplace.' }),
  state: z.enum(INSTALL_STATES).optional().meta({ description: 'Only in this state.' }),
  businessId: z.guid().optional().meta({ description: 'Only of this business.' }),
  branchId: z.string().max(20).optional().meta({ description: 'Only this branch.' }),
})

const CONDITIONS: Conditions<z.infer<typeof Filter>> = {
  brand: (name) => eq(marketplaceInstalls.brand, name),
  state: (state) => eq(marketplaceInstalls.state, state),
  businessId: (id) => eq(marketplaceInstalls.businessId, id),
  branchId: (id) => eq(marketplaceInstalls.branchId, id),
}

export const ListInstalls = Paging.extend(Filter.shape)

const { claimedAt, id } = marketplaceInstalls
const newest = keyset({ claimedAt: [claimedAt, 'timestamptz'], id: [id, 'uuid'] })

/** Throws Problem `invalid_request` for a foreign cursor. */
export async function listInstalls(
  context: Context,
  request: z.infer<typeof ListInstalls>,
): Promise<Page<z.infer<typeof Install>>> {
  const { isAfter, order, limit, toPage } = newest(request)
  const rows = await context.db
    .select()
    .from(marketplaceInstalls)
    .where(and(matches(request, CONDITIONS), isAfter))
    .orderBy(order)
    .limit(limit)
  const { items, nextCursor } = toPage(rows)
  return { items: items.map(present), nextCursor }
}

function present(row: typeof marketplaceInstalls.$inferSelect): z.infer<typeof Install> {
  return {
    ...{ id: row.id, brand: row.brand, branchId: row.branchId, businessId: row.businessId },
    ...{ integrationId: row.integrationId, state: row.state, begunAt: isoInstantOrNull(row.begunAt) },
    ...{ claimedAt: isoInstant(row.claimedAt), toldAt: isoInstantOrNull(row.toldAt) },
    ...{ activeAt: isoInstantOrNull(row.activeAt), endedAt: isoInstantOrNull(row.endedAt) },
    ...{ nextStepAt: isoInstantOrNull(row.nextStepAt), lastError: row.lastError, missingNights: row.missingNights },
  }
}
