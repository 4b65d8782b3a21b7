// A consent under way, in two steps that are each good once: the state, which anybody may hold who was sent the link,
// and the ticket, which only the browser gets that came back from the vendor with the code.
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import * as z from 'zod'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { sha256 } from '#crypto/digest.ts'
import { isMintedToken, mintToken } from '#crypto/minted-token.ts'
import { open, seal, type SealContext } from '#crypto/seal.ts'
import { hexBytes } from '#db/bytea.ts'
import { oauthStates } from '#db/schema/oauth-states.ts'
import { isOfTenant } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'

/** The purpose of its token. */
const STATE = 'consent'
const TICKET_BYTES = 32
/** A code lives for 20 minutes; the rest is for its exchange. */
const TICKET_SECONDS = 15 * 60

/** What a callback brought. */
export interface Parked {
  readonly crmType: string
  readonly apiUrl: string
  readonly code: string
}

const Stored = z.object({ crmType: z.string(), apiUrl: z.string(), code: z.string(), ticket: z.string() })

export interface ConsentState {
  readonly hash: Uint8Array
  readonly businessId: string
  readonly returnUrl: string | null
  readonly brand: string | null
  readonly isExpired: boolean
  /** Sealed; null: nobody has come back with it yet. */
  readonly parked: Uint8Array | null
}

/** 43 characters of base64url. */
export async function mintState(context: Context): Promise<string> {
  return mintToken(await context.addressKey(), STATE)
}

/** A made-up state costs no look into the database: anybody may call back. */
export async function findState(context: Context, state: string): Promise<ConsentState | null> {
  if (!(await isMintedToken(await context.addressKey(), STATE, state))) return null
  const hash = await sha256(state)
  const { businessId, returnUrl, brand, parked, expiresAt, stateHash } = oauthStates
  const [row] = await context.db
    .select({ businessId, returnUrl, brand, parked, isExpired: sql<boolean>`${expiresAt} <= now()` })
    .from(oauthStates)
    .where(eq(stateHash, hash))
  return row ? { hash, ...row } : null
}

/** The ticket for what came back. Null: somebody came back with this state before. */
export async function parkCode(context: Context, state: ConsentState, parked: Parked): Promise<string | null> {
  const random = crypto.getRandomValues(new Uint8Array(TICKET_BYTES))
  const ticket = random.toBase64({ alphabet: 'base64url', omitPadding: true })
  const sealed = await seal(JSON.stringify({ ...parked, ticket }), await context.keyring(), placeOf(state))
  const { stateHash, ticketHash, expiresAt } = oauthStates
  const rows = await context.db
    .update(oauthStates)
    .set({
      ticketHash: await sha256(ticket),
      parked: sealed,
      expiresAt: sql`now() + interval '1 second' * ${TICKET_SECONDS}::int`,
    })
    .where(and(eq(stateHash, state.hash), isNull(ticketHash), gt(expiresAt, sql`now()`)))
    .returning({ stateHash })
  return rows.length > 0 ? ticket : null
}

/**
 * The ticket that was made for this very code. Null for any other: who began the flow knows its state, and must not get
 * the ticket of the person whom he sent the link to.
 */
export async function ticketOf(context: Context, state: ConsentState, again: Parked): Promise<string | null> {
  if (!state.parked) return null
  const { ticket, ...first } = await readParked(context, state, state.parked)
  const isSame = first.crmType === again.crmType && first.apiUrl === again.apiUrl && first.code === again.code
  return isSame ? ticket : null
}

interface TicketRow extends Record<string, unknown> {
  state_hash: Uint8Array
  business_id: string
  subject: string
  brand: string | null
  parked: Uint8Array
  is_won: boolean
}

export interface Redeemed extends Parked {
  readonly businessId: string
  readonly subject: string
  readonly brand: string | null
}

/** What the ticket stands for, once. Throws Problem: `not_found` (also another business's), `ticket_used`. */
export async function redeemTicket(
  context: Context,
  { ticket, tenant }: { readonly ticket: string; readonly tenant: string | null },
): Promise<Redeemed> {
  const hash = hexBytes(await sha256(ticket))
  const { rows } = await context.db.execute<TicketRow>(sql`
    with known as (
      select state_hash from oauth_states
      where ticket_hash = ${hash}::bytea and ${isOfTenant(tenant, oauthStates.businessId)}
    ), won as (
      update oauth_states s set used_at = now() from known
      where s.state_hash = known.state_hash and s.used_at is null and s.expires_at > now()
      returning s.state_hash, s.business_id
    ), audited as (${auditLines(
      context,
      { action: 'consent.confirmed' },
      sql`select business_id, null::uuid as integration_id from won`,
    )})
    select s.state_hash, s.business_id, s.subject, s.brand, s.parked, exists (select from won) as is_won
    from oauth_states s join known using (state_hash)`)
  const [row] = rows
  if (!row) throw new Problem('not_found')
  if (!row.is_won) throw new Problem('ticket_used')
  const { business_id: businessId, subject, brand } = row
  const { ticket: _, ...parked } = await readParked(context, { hash: row.state_hash, businessId }, row.parked)
  return { ...parked, businessId, subject, brand }
}

type Owner = Pick<ConsentState, 'hash' | 'businessId'>

/** No integration is there yet, so the state stands in its place. */
function placeOf({ hash, businessId }: Owner): SealContext {
  return { table: 'oauth_states', column: 'parked', integrationId: hash.toHex(), businessId }
}

async function readParked(context: Context, owner: Owner, parked: Uint8Array): Promise<z.infer<typeof Stored>> {
  return Stored.parse(JSON.parse(await open(parked, await context.keyring(), placeOf(owner))))
}
