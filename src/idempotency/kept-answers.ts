// Answers that are kept for requests with an `Idempotency-Key`: a repeated request gets the first one's answer and has
// no second effect. Knows nothing of HTTP but that an answer has a status, headers and a body.
import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { sha256 } from '#crypto/digest.ts'
import { open, seal, type SealContext, SealError } from '#crypto/seal.ts'
import { hexBytes } from '#db/bytea.ts'
import { idempotencyKeys } from '#db/schema/idempotency-keys.ts'

const KEPT_HOURS = 24
/**
 * How long a request that shows no life counts as under way. A CRM that is asked by it may take a minute; much longer,
 * and the repeat of a request whose worker died would be refused for as long.
 */
const CLAIM_SECONDS = 120

/** What the same key of another subject, business or route has nothing to do with. */
export interface KeyOwner {
  readonly subject: string
  readonly businessId: string | null
  /** Method and path, ids included. */
  readonly route: string
  readonly key: string
}

const KeptAnswer = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
})
export type KeptAnswer = z.infer<typeof KeptAnswer>

export interface Claim {
  readonly hash: Uint8Array<ArrayBuffer>
  readonly id: string
  readonly businessId: string | null
}

/** What is known of the first request with the key. */
export interface Earlier {
  /** Null: its body is still being read. */
  readonly requestHash: Uint8Array | null
  /** Null: it is still under way. `unreadable`: the key that sealed its answer has been removed. */
  readonly answer: KeptAnswer | 'unreadable' | null
}

interface KeyRow extends Record<string, unknown> {
  readonly is_first: boolean
  readonly request_hash: Uint8Array | null
  readonly answer: Uint8Array | null
}

const lifeSpan = sql`interval '1 hour' * ${KEPT_HOURS}::int`
const claimTime = sql`now() + interval '1 second' * ${CLAIM_SECONDS}::int`

/** Claims a key for a request, or says what is known of the request that claimed it before. */
export async function claimKey(
  context: Context,
  owner: KeyOwner,
  requestHash: Uint8Array<ArrayBuffer> | null,
): Promise<{ readonly claim: Claim } | { readonly earlier: Earlier }> {
  const { subject, businessId, route, key } = owner
  const hash = await sha256(JSON.stringify([subject, businessId, route, key]))
  const claim = { hash, id: crypto.randomUUID(), businessId }
  const { rows } = await context.db.execute<KeyRow>(sql`
    with claimed as (
      insert into idempotency_keys as k (key_hash, business_id, claim_id, request_hash, claimed_until)
      values (${hexBytes(hash)}::bytea, ${businessId}::uuid, ${claim.id}::uuid,
        ${requestHash && hexBytes(requestHash)}::bytea, ${claimTime})
      on conflict (key_hash) do update set claim_id = excluded.claim_id, request_hash = excluded.request_hash,
        claimed_until = excluded.claimed_until, answer = null, created_at = now()
      where k.created_at < now() - ${lifeSpan} or k.answer is null and k.claimed_until < now()
      returning key_hash)
    select true as is_first, null::bytea as request_hash, null::bytea as answer from claimed
    union all
    select false, k.request_hash, k.answer from idempotency_keys k
    where k.key_hash = ${hexBytes(hash)}::bytea and not exists (select from claimed)`)
  const [row] = rows
  if (row?.is_first) return { claim }
  // No row: another request claims it at this moment.
  const { request_hash: known = null, answer = null } = row ?? {}
  return { earlier: { requestHash: known, answer: answer && (await openAnswer(context, claim, answer)) } }
}

/** Says that the request is still at work. */
export async function renewClaim(context: Context, claim: Claim): Promise<void> {
  await context.db.update(idempotencyKeys).set({ claimedUntil: claimTime }).where(isOurs(claim))
}

export async function keepAnswer(
  context: Context,
  claim: Claim,
  { requestHash, answer }: { readonly requestHash: Uint8Array<ArrayBuffer>; readonly answer: KeptAnswer },
): Promise<void> {
  const sealed = await seal(JSON.stringify(answer), await context.keyring(), placeOf(claim))
  await context.db.update(idempotencyKeys).set({ requestHash, answer: sealed }).where(isOurs(claim))
}

/** Gives the key up: a repeat begins anew. */
export async function dropClaim(context: Context, claim: Claim): Promise<void> {
  await context.db.delete(idempotencyKeys).where(isOurs(claim))
}

const DROPPED_MAX = 5000

/** Answers that name what is deleted go with the business; more than a batch of them goes at night. */
export async function dropAnswersOf({ db }: Context, business: string): Promise<void> {
  const { keyHash, businessId } = idempotencyKeys
  const some = db.select({ keyHash }).from(idempotencyKeys).where(eq(businessId, business)).limit(DROPPED_MAX)
  await db.delete(idempotencyKeys).where(inArray(keyHash, some))
}

function isOurs({ hash, id }: Claim) {
  return and(eq(idempotencyKeys.keyHash, hash), eq(idempotencyKeys.claimId, id), isNull(idempotencyKeys.answer))
}

async function openAnswer(context: Context, claim: Claim, sealed: Uint8Array): Promise<KeptAnswer | 'unreadable'> {
  try {
    return KeptAnswer.parse(JSON.parse(await open(sealed, await context.keyring(), placeOf(claim))))
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    context.log.error('kept_answer_unreadable', { code: error.code })
    return 'unreadable'
  }
}

function placeOf({ hash, businessId }: Claim): SealContext {
  return { table: 'idempotency_keys', column: 'answer', integrationId: hash.toHex(), businessId: businessId ?? '' }
}
