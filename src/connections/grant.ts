// The stored pair of single-use tokens, and the three statements that guard it: a fence taken before the vendor is
// called, a swap that replaces only the pair that was sent, and the mark of a revoked grant. now() is always Postgres',
// and times are relative, so clocks of isolates are never compared.
import { and, eq, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { TokenSet } from '#crm/oauth.ts'
import { open, seal, type SealContext } from '#crypto/seal.ts'
import { hexBytes } from '#db/bytea.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { oauthGrants } from '#db/schema/oauth-grants.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Secret } from '#lib/secret.ts'

export interface GrantOwner {
  readonly id: string
  readonly businessId: string
}

export interface Grant {
  readonly generation: number
  readonly access: Secret
  readonly refresh: Secret
  /** The refresh token before this pair; null once the pair has worked. */
  readonly previous: Secret | null
  readonly apiUrl: string
  /** Of the registration that it was given to; null where the vendor has only one. */
  readonly brand: string | null
  /** How long the access token needs no refresh; zero or less: it needs one now. */
  readonly freshMs: number
  /** The access token has not expired. */
  readonly isUsable: boolean
  /** Another worker is refreshing it, or died while it did. */
  readonly isFenced: boolean
}

/** Tokens are refreshed this long before they expire, and short-lived ones at half their life. */
const EARLY_SECONDS = 300

const Pair = z.object({ oauth: z.object({ access: z.string().min(1), refresh: z.string().min(1) }) })

export function encodePair({ access, refresh }: Pick<TokenSet, 'access' | 'refresh'>): string {
  return JSON.stringify({ oauth: { access: access.reveal(), refresh: refresh.reveal() } })
}

/** Null: a key that a person entered. */
function decodePair(text: string): { readonly access: Secret; readonly refresh: Secret } | null {
  if (!isPair(text)) return null
  const parsed = Pair.safeParse(JSON.parse(text))
  if (!parsed.success) return null
  const { access, refresh } = parsed.data.oauth
  return { access: new Secret(access), refresh: new Secret(refresh) }
}

export function isPair(text: string): boolean {
  return text.startsWith('{"oauth":')
}

const pairPlace = ({ id, businessId }: GrantOwner): SealContext => {
  return { table: 'crm_integrations', column: 'api_key', integrationId: id, businessId }
}
const previousPlace = ({ id, businessId }: GrantOwner): SealContext => {
  return { table: 'oauth_grants', column: 'previous_token', integrationId: id, businessId }
}

/** Throws CrmError `auth` when there is none. */
export async function readGrant(context: Context, owner: GrantOwner): Promise<Grant> {
  const { apiKey, apiUrl } = crmIntegrations
  const { accessUntil, brand, fenceUntil, generation, integrationId, previousToken, refreshedAt } = oauthGrants
  const early = sql`least(interval '1 second' * ${EARLY_SECONDS}::int, (${accessUntil} - ${refreshedAt}) / 2)`
  const [row] = await context.db
    .select({
      ...{ apiKey, apiUrl, brand, generation, previousToken },
      freshMs: sql<number>`(extract(epoch from ${accessUntil} - now() - ${early}) * 1000)::float8`,
      isUsable: sql<boolean>`${accessUntil} > now() + interval '30 seconds'`,
      isFenced: sql<boolean>`coalesce(${fenceUntil} > now(), false)`,
    })
    .from(oauthGrants)
    .innerJoin(crmIntegrations, eq(crmIntegrations.id, integrationId))
    .where(eq(integrationId, owner.id))
  if (!row?.apiKey) throw new CrmError('auth', { reason: 'grant_missing' })
  const { apiKey: sealed, previousToken: sealedPrevious, ...state } = row
  const keyring = await context.keyring()
  const pair = decodePair(await open(sealed, keyring, pairPlace(owner)))
  if (!pair) throw new CrmError('auth', { reason: 'grant_missing' })
  const previous = sealedPrevious && new Secret(await open(sealedPrevious, keyring, previousPlace(owner)))
  return { ...state, ...pair, previous, apiUrl: row.apiUrl ?? '' }
}

/** One attempt to refresh one pair. */
export interface Attempt {
  readonly owner: GrantOwner
  readonly generation: number
  /** Unique to this attempt. */
  readonly id: string
}

const NO_FENCE = { fenceOwner: null, fenceUntil: null } as const

const after = (ms: number): SQL => sql`now() + interval '1 millisecond' * ${ms}::float8`

/** The pair of that generation, as long as no other has replaced it. */
function isStill({ id }: GrantOwner, generation: number): SQL | undefined {
  return and(eq(oauthGrants.integrationId, id), eq(oauthGrants.generation, generation))
}

/** Records the intent to refresh. False: another worker did first, or the pair has been replaced. */
export async function takeFence(
  context: Context,
  { owner, generation, id }: Attempt,
  fenceMs: number,
): Promise<boolean> {
  const { fenceOwner, fenceUntil } = oauthGrants
  const isFree = or(isNull(fenceUntil), lte(fenceUntil, sql`now()`), eq(fenceOwner, id))
  const taken = await context.db
    .update(oauthGrants)
    .set({ fenceOwner: id, fenceUntil: after(fenceMs) })
    .where(and(isStill(owner, generation), isFree))
    .returning({ generation: oauthGrants.generation })
  return taken.length > 0
}

/** For an attempt that did not use the token: the next attempt need not wait. */
export async function releaseFence(context: Context, { owner, id }: Attempt): Promise<void> {
  await context.db
    .update(oauthGrants)
    .set(NO_FENCE)
    .where(and(eq(oauthGrants.integrationId, owner.id), eq(oauthGrants.fenceOwner, id)))
}

/** For a call whose answer cannot come any more: leaves the vendor `restMs` to finish it. */
export async function shortenFence(context: Context, { owner, id }: Attempt, restMs: number): Promise<void> {
  await context.db
    .update(oauthGrants)
    .set({ fenceUntil: sql`least(${oauthGrants.fenceUntil}, ${after(restMs)})` })
    .where(and(eq(oauthGrants.integrationId, owner.id), eq(oauthGrants.fenceOwner, id)))
}

export interface Swap {
  readonly set: TokenSet
  /** The refresh token that was sent to get it. */
  readonly spent: Secret
  /** The account's new address; null: unchanged. */
  readonly movedTo: string | null
}

/**
 * Replaces the pair by its successor; sent twice it does so once. The caller reads again to see which attempt won.
 * Lock order: integration, then grant.
 */
export async function storePair(
  context: Context,
  { owner, generation }: Attempt,
  { set, spent, movedTo }: Swap,
): Promise<void> {
  const keyring = await context.keyring()
  const sealed = await seal(encodePair(set), keyring, pairPlace(owner))
  const previous = await seal(spent.reveal(), keyring, previousPlace(owner))
  await context.db.batch([
    context.db.execute(sql`select id from crm_integrations where id = ${owner.id}::uuid for no key update`),
    context.db.execute(sql`
      with swapped as (
        update oauth_grants set generation = generation + 1, refreshed_at = now(), revoked_at = null,
          access_until = now() + interval '1 second' * ${set.expiresInSeconds}::float8,
          previous_token = ${hexBytes(previous)}::bytea, fence_owner = null, fence_until = null
        where integration_id = ${owner.id}::uuid and generation = ${generation}::int
        returning integration_id)
      update crm_integrations i set api_key = ${hexBytes(sealed)}::bytea,
        api_url = coalesce(${movedTo}, i.api_url)
      from swapped where i.id = swapped.integration_id`),
  ])
}

/** Forgets the token before this pair, since the pair has worked. */
export async function confirmPair(context: Context, owner: GrantOwner, generation: number): Promise<void> {
  await context.db
    .update(oauthGrants)
    .set({ previousToken: null })
    .where(and(isStill(owner, generation), isNotNull(oauthGrants.previousToken)))
}

/** Marks a grant whose stored pair the vendor refused. False: the pair was replaced meanwhile, so nothing is proved. */
export async function markRevoked(context: Context, { owner, generation }: Attempt): Promise<boolean> {
  const revoked = await context.db
    .update(oauthGrants)
    .set({ revokedAt: sql`coalesce(${oauthGrants.revokedAt}, now())`, ...NO_FENCE })
    .where(isStill(owner, generation))
    .returning({ generation: oauthGrants.generation })
  return revoked.length > 0
}
