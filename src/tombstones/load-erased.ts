// Reads the tombstones of a business, and remembers them for as long as the isolate lives.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { createBoundedCache } from '#lib/bounded-cache.ts'
import { emailOf, type Erased, NOBODY_ERASED, type Trait } from '#tombstones/erased.ts'
import { traitHasher } from '#tombstones/traits.ts'

/** By integration. An entry may be outdated: `write_page` refuses whoever knows of fewer erasures than there are. */
const erasedCache = createBoundedCache<string, Erased>(1000)

/** What this isolate knows without asking. */
export function knownErased(integrationId: string): Erased {
  return erasedCache.get(integrationId) ?? NOBODY_ERASED
}

interface ErasedRow extends Record<string, unknown> {
  readonly business_id: string
  readonly crm_type: string
  readonly erasures: number
  readonly traits: readonly { readonly trait: Trait['trait']; readonly hash: string }[]
}

/** The tombstones that count for an integration. `count`: so many erasures there are; without it they are read anew. */
export async function loadErased(context: Context, integrationId: string, count?: number): Promise<Erased> {
  const known = knownErased(integrationId)
  if (known.count === count) return known
  const { rows } = await context.db.execute<ErasedRow>(sql`
    select b.id as business_id, i.crm_type, b.erasures, coalesce(e.traits, '[]') as traits
    from crm_integrations i join businesses b on b.id = i.business_id
    left join lateral (
      select json_agg(json_build_object('trait', e.trait, 'hash', encode(e.hash, 'hex'))) as traits
      from erased_customers e where e.business_id = b.id) e on true
    where i.id = ${integrationId}::uuid`)
  const [row] = rows
  if (!row || row.erasures === 0) return NOBODY_ERASED
  return erasedCache.set(integrationId, await erasedOf(context, row))
}

async function erasedOf(context: Context, row: ErasedRow): Promise<Erased> {
  const hashOf = await traitHasher(context)
  const scope = { businessId: row.business_id, crmType: row.crm_type }
  const hashes = new Set(row.traits.map(({ trait, hash }) => `${trait}:${hash}`))
  const hasTrait = (trait: Trait) => hashes.has(`${trait.trait}:${hashOf(trait, scope)}`)
  const hasIds = row.traits.some(({ trait }) => trait === 'id')
  return {
    count: row.erasures,
    hasTrait,
    hasIds,
    isErased: ({ externalId, phone, email }) =>
      (phone !== null && hasTrait({ trait: 'phone', value: phone })) ||
      (email !== null && hasTrait({ trait: 'email', value: emailOf(email) })) ||
      (hasIds && externalId !== null && hasTrait({ trait: 'id', value: externalId })),
  }
}
