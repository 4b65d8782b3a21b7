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
  /** Of the vendor's registrations; null: that of the business's integration, else the usual one. */
  readonly brand: string | null
  /** The page of the product that the person's browser is sent back to with the ticket; null: a page of ours. */
  readonly returnUrl: string | null
  /** A page of ours instead. */
  readonly ownPage: string | null
}

export interface StartedConsent {
  /** The address of the consent page. */
  readonly url: string
  /** What to show the person before he goes there. */
  readonly business: { readonly id: string; readonly name: string }
}

/** Throws Problem: `misconfigured`, `origin_not_allowed`, `not_found` (no such business), `too_many_requests`. */
export async function startConsent(context: Context, start: ConsentStart): Promise<StartedConsent> {
  const { crmType, businessId, subject, returnUrl, ownPage } = start
  const [usual] = flowsOf(context, crmType)
  if (!usual) throw notRegistered()
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
  const hash = hexBytes(await sha256(state))
  const stated = { businessId, subject, crmType, brand: start.brand, returnUrl: returnUrl ?? ownPage }
  const { name, brand } = await storeState(context, { ...stated, hash, usualBrand: usual.app.brand })
  const flow = flowOf(context, crmType, brand)
  if (!flow) throw notRegistered()
  return { url: flow.oauth.consentUrl(flow.app, state), business: { id: businessId, name } }
}

function notRegistered(): Problem {
  return new Problem('misconfigured', {
    detail: {
      en: 'The operator has not registered this service with the CRM yet. A long-lived token works without that.',
      ru: 'Оператор ещё не зарегистрировал этот сервис в CRM. Долгосрочный токен работает и без этого.',
    },
  })
}

interface NewState extends Pick<ConsentStart, 'businessId' | 'subject' | 'crmType' | 'brand' | 'returnUrl'> {
  readonly hash: string
  readonly usualBrand: string | null
}

interface LockedBusiness extends Record<string, unknown> {
  readonly name: string
  /** Seconds until the first of its open states expires. */
  readonly wait: number | null
}

/** The business is locked, so that many at once are no more than the limit. */
async function storeState(
  context: Context,
  { businessId, subject, crmType, brand, usualBrand, returnUrl, hash }: NewState,
): Promise<{ readonly name: string; readonly brand: string | null }> {
  const open = sql`oauth_states s where s.business_id = b.id and s.used_at is null and s.expires_at > now()`
  const [locked, stored] = await context.db.batch([
    context.db.execute<LockedBusiness>(sql`
      select b.name, (select ceil(extract(epoch from min(s.expires_at) - now()))::int from ${open}) as wait
      from businesses b where b.id = ${businessId}::uuid for no key update`),
    context.db.execute<{ brand: string | null }>(sql`
      with stored as (
      insert into oauth_states (state_hash, business_id, subject, brand, return_url, expires_at)
      select ${hash}::bytea, b.id, ${subject}, coalesce(${brand}, (
          select i.additional_config ->> 'brand' from crm_integrations i
          where i.business_id = b.id and i.crm_type = ${crmType}), ${usualBrand}), ${returnUrl},
        now() + interval '1 second' * ${STATE_SECONDS}::int
      from businesses b where b.id = ${businessId}::uuid and (select count(*) from ${open}) < ${OPEN_MAX}::int
      returning business_id, brand
      ), audited as (${auditLines(
        context,
        { action: 'consent.started' },
        sql`select business_id, null::uuid as integration_id from stored`,
      )})
      select brand from stored`),
  ])
  const [business] = locked.rows
  if (!business) throw new Problem('not_found')
  const [state] = stored.rows
  if (state) return { name: business.name, brand: state.brand }
  throw new Problem('too_many_requests', {
    detail: {
      en: `${OPEN_MAX} consents of this business are under way already.`,
      ru: `Для этой компании уже начато согласий: ${OPEN_MAX}. Завершите одно из них или подождите.`,
    },
    headers: { 'retry-after': String(business.wait ?? STATE_SECONDS) },
  })
}

export interface Flow {
  readonly oauth: OAuthFlow
  readonly app: RegisteredApp
}

/** Null: the CRM has no consent flow, or the service is not registered with it. Null brand: the first registration. */
export function flowOf(context: Context, crmType: CrmType, brand: string | null): Flow | null {
  return flowsOf(context, crmType).find(({ app }) => brand === null || app.brand === brand) ?? null
}

/** By each registration of the service. */
export function flowsOf({ config }: Context, crmType: CrmType): readonly Flow[] {
  const { oauth } = connectorOf(crmType)
  return oauth ? (config.apps[crmType] ?? []).flatMap((app) => (app.oauth ? [{ oauth, app }] : [])) : []
}
