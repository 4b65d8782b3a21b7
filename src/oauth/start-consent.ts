import { sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import { isProductPage } from '#config.ts'
import type { Context } from '#context.ts'
import type { CrmType } from '#lib/crm-types.ts'
import type { OAuthFlow, RegisteredApp } from '#crm/oauth.ts'
import { connectorOf } from '#crm/registry.ts'
import { sha256 } from '#crypto/digest.ts'
import { hexBytes } from '#db/bytea.ts'
import { Problem } from '#lib/errors.ts'
import { mintState } from '#oauth/states.ts'

/** The usual lifetime of a vendor's code. Shorter refuses codes that still work; longer keeps unused states open. */
const STATE_SECONDS = 20 * 60
/** A page that begins a consent whenever it is shown may be reloaded so often meanwhile. Chosen, not measured. */
const OPEN_MAX = 50

export interface ConsentStart {
  readonly crmType: CrmType
  readonly businessId: string
  /** The `sub` of the access token. */
  readonly subject: string
  /** The page of the product that the person's browser is sent back to with the ticket; null: a page of ours. */
  readonly returnUrl: string | null
}

/**
 * Returns the address of the consent page. Throws Problem: `misconfigured`, `origin_not_allowed`, `not_found` (no such
 * business), `too_many_requests`.
 */
export async function startConsent(context: Context, start: ConsentStart): Promise<string> {
  const flow = flowOf(context, start.crmType)
  if (!flow) {
    throw new Problem('misconfigured', {
      detail: {
        en: 'The operator has not registered this service with the CRM yet. A long-lived token works without that.',
        ru: 'Оператор ещё не зарегистрировал этот сервис в CRM. Долгосрочный токен работает и без этого.',
      },
    })
  }
  const { businessId, subject, returnUrl } = start
  // The ticket is handed to this page, so it has to be the product's own.
  if (returnUrl !== null && !isProductPage(context.config, returnUrl)) {
    throw new Problem('origin_not_allowed', {
      errors: [
        {
          ...({ path: 'query.returnUrl', code: 'not_allowed' } as const),
          message: {
            en: 'must be an address of an origin in CORS_ORIGINS',
            ru: 'должен быть адресом из CORS_ORIGINS',
          },
        },
      ],
    })
  }
  const state = await mintState(context)
  await storeState(context, { businessId, subject, returnUrl, hash: hexBytes(await sha256(state)) })
  return flow.oauth.consentUrl(flow.app, state)
}

interface NewState extends Pick<ConsentStart, 'businessId' | 'subject' | 'returnUrl'> {
  readonly hash: string
}

interface LockedBusiness extends Record<string, unknown> {
  /** Seconds until the first of its open states expires. */
  readonly wait: number | null
}

/** The business is locked, so that many at once are no more than the limit. */
async function storeState(context: Context, { businessId, subject, returnUrl, hash }: NewState): Promise<void> {
  const open = sql`oauth_states s where s.business_id = b.id and s.used_at is null and s.expires_at > now()`
  const [locked, stored] = await context.db.batch([
    context.db.execute<LockedBusiness>(sql`
      select (select ceil(extract(epoch from min(s.expires_at) - now()))::int from ${open}) as wait
      from businesses b where b.id = ${businessId}::uuid for no key update`),
    context.db.execute(sql`
      with stored as (
      insert into oauth_states (state_hash, business_id, subject, return_url, expires_at)
      select ${hash}::bytea, b.id, ${subject}, ${returnUrl}, now() + interval '1 second' * ${STATE_SECONDS}::int
      from businesses b where b.id = ${businessId}::uuid and (select count(*) from ${open}) < ${OPEN_MAX}::int
      returning business_id
      ), audited as (${auditLines(
        context,
        { action: 'consent.started' },
        sql`select business_id, null::uuid as integration_id from stored`,
      )})
      select from stored`),
  ])
  const [business] = locked.rows
  if (!business) throw new Problem('not_found')
  if (stored.rows.length > 0) return
  throw new Problem('too_many_requests', {
    detail: {
      en: `${OPEN_MAX} consents of this business are under way already.`,
      ru: `Для этой компании уже начато согласий: ${OPEN_MAX}. Завершите одно из них или подождите.`,
    },
    headers: { 'retry-after': String(business.wait ?? STATE_SECONDS) },
  })
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
