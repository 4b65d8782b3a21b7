import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { OAuthFlow, RegisteredApp } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { sha256 } from '#crypto/digest.ts'
import { hexBytes } from '#db/bytea.ts'
import { violatedConstraint } from '#db/errors.ts'
import { oauthStates } from '#db/schema/oauth-states.ts'
import { Problem } from '#lib/errors.ts'

/** 256 bits: a state cannot be guessed, and two never collide. */
const STATE_BYTES = 32
/** The usual lifetime of a vendor's code. Shorter refuses codes that still work; longer keeps unused states open. */
const STATE_SECONDS = 20 * 60

export interface ConsentStart {
  readonly crmType: CrmType
  readonly businessId: string
  /** The `sub` of the access token. */
  readonly subject: string
}

/** Returns the address of the consent page. Throws Problem: `misconfigured`, `not_found` (no such business). */
export async function startConsent(context: Context, start: ConsentStart): Promise<string> {
  const flow = flowOf(context, start.crmType)
  if (!flow) {
    throw new Problem('misconfigured', {
      detail: 'The operator has not registered this service with the CRM yet. A long-lived token works without that.',
    })
  }
  const random = crypto.getRandomValues(new Uint8Array(STATE_BYTES))
  const state = random.toBase64({ alphabet: 'base64url', omitPadding: true })
  try {
    const { businessId, subject } = start
    const expiresAt = sql`now() + interval '1 second' * ${STATE_SECONDS}::int`
    await context.db.insert(oauthStates).values({ stateHash: await sha256(state), businessId, subject, expiresAt })
  } catch (error) {
    throw violatedConstraint(error) === null ? error : new Problem('not_found', { cause: error })
  }
  return flow.oauth.consentUrl(flow.app, state)
}

/** Null: the CRM has no consent flow, or the operator has not registered the service. */
export function flowOf(
  context: Context,
  crmType: CrmType,
): { readonly oauth: OAuthFlow; readonly app: RegisteredApp } | null {
  const { oauth } = connectorOf(crmType)
  const app = context.config.apps[crmType]
  return oauth && app?.oauth ? { oauth, app } : null
}

export type UsedState =
  | { readonly type: 'valid'; readonly businessId: string; readonly subject: string }
  | { readonly type: 'unknown' | 'used' | 'expired' }

interface StateRow extends Record<string, unknown> {
  business_id: string
  subject: string
  is_claimed: boolean
  is_used: boolean
}

/** A state is valid once: the first request that brings it uses it up. */
export async function useState(context: Context, state: string): Promise<UsedState> {
  const hash = hexBytes(await sha256(state))
  const { rows } = await context.db.execute<StateRow>(sql`
    with claimed as (
      update oauth_states set used_at = now()
      where state_hash = ${hash}::bytea and used_at is null and expires_at > now() returning state_hash)
    select s.business_id, s.subject, s.used_at is not null as is_used, exists (select from claimed) as is_claimed
    from oauth_states s where s.state_hash = ${hash}::bytea`)
  const [row] = rows
  if (!row) return { type: 'unknown' }
  if (row.is_claimed) return { type: 'valid', businessId: row.business_id, subject: row.subject }
  return { type: row.is_used ? 'used' : 'expired' }
}
