import { sql } from 'drizzle-orm'
import { isProductOrigin } from '#config.ts'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { OAuthFlow, RegisteredApp } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { sha256 } from '#crypto/digest.ts'
import { violatedConstraint } from '#db/errors.ts'
import { oauthStates } from '#db/schema/oauth-states.ts'
import { Problem } from '#lib/errors.ts'
import { randomToken } from '#oauth/states.ts'

/** The usual lifetime of a vendor's code. Shorter refuses codes that still work; longer keeps unused states open. */
const STATE_SECONDS = 20 * 60

export interface ConsentStart {
  readonly crmType: CrmType
  readonly businessId: string
  /** The `sub` of the access token. */
  readonly subject: string
  /** The page of the product that the person's browser is sent back to with the ticket; null: a page of ours. */
  readonly returnUrl: string | null
}

/** Returns the address of the consent page. Throws Problem: `misconfigured`, `origin_not_allowed`, `not_found` (no such business). */
export async function startConsent(context: Context, start: ConsentStart): Promise<string> {
  const flow = flowOf(context, start.crmType)
  if (!flow) {
    throw new Problem('misconfigured', {
      detail: 'The operator has not registered this service with the CRM yet. A long-lived token works without that.',
    })
  }
  const { businessId, subject, returnUrl } = start
  if (returnUrl !== null && !isOfProduct(context, returnUrl)) {
    throw new Problem('origin_not_allowed', {
      errors: [{ path: 'query.returnUrl', message: 'must be an address of an origin in CORS_ORIGINS' }],
    })
  }
  const state = randomToken()
  try {
    const expiresAt = sql`now() + interval '1 second' * ${STATE_SECONDS}::int`
    const row = { stateHash: await sha256(state), businessId, subject, returnUrl, expiresAt }
    await context.db.insert(oauthStates).values(row)
  } catch (error) {
    throw violatedConstraint(error) === null ? error : new Problem('not_found', { cause: error })
  }
  return flow.oauth.consentUrl(flow.app, state)
}

/** The ticket is handed to this page, so it has to be the product's own. */
function isOfProduct({ config }: Context, returnUrl: string): boolean {
  if (!URL.canParse(returnUrl)) return false
  const { origin, username, password } = new URL(returnUrl)
  if (username !== '' || password !== '') return false
  return isProductOrigin(config, origin)
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
