// The consent flow of every CRM that has one. Callback and notice need no token: a state and a signature protect them.
import * as z from 'zod'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery, OAuthFlow } from '#crm/oauth.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { Problem } from '#lib/errors.ts'
import { handleDisconnectNotice } from '#oauth/disconnect.ts'
import { finishConsent } from '#oauth/finish-consent.ts'
import { startConsent } from '#oauth/start-consent.ts'
import { consentPage } from '#api/oauth-page.ts'
import { type Route, route, vendorCallback } from '#api/route.ts'

const tag = 'Consent'

const ConsentUrl = z.strictObject({ url: z.string() }).meta({ id: 'ConsentUrl' })

function authorize(crmType: CrmType, title: string): Route {
  return route({
    method: 'get',
    path: `/v1/oauth/${crmType}/authorize`,
    tag,
    summary: `Begin connecting ${title} by consent`,
    description:
      'Redirects to the consent page; with `Accept: application/json` its address is the answer instead. The link is for this business and this caller, and works once within 20 minutes.',
    scope: 'integrations:write',
    query: z.strictObject({
      businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
    }),
    headers: z.object({ accept: z.string().optional() }),
    answers: {
      200: { description: 'With `Accept: application/json`: where to send the person', schema: ConsentUrl },
      302: { description: 'To the consent page' },
    },
    handle: async ({ context, tenant, principal, query, headers: { accept = '' } }) => {
      const businessId = (query.businessId ?? principal.businessId)?.toLowerCase()
      if (!businessId) {
        throw new Problem('invalid_request', {
          errors: [{ path: 'query.businessId', message: 'is required for admins' }],
        })
      }
      if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
      const url = await startConsent(context, { crmType, businessId, subject: principal.subject })
      if (accept.includes('application/json')) return { status: 200, body: { url } }
      return { status: 302, headers: { location: url } }
    },
  })
}

function callback(crmType: CrmType, title: string, oauth: OAuthFlow): Route {
  return vendorCallback({
    method: 'get',
    path: `/v1/oauth/${crmType}/callback`,
    tag,
    summary: `Where ${title} sends a person back to`,
    description: 'A page for that person, in the language of `Accept-Language`. Other parameters are ignored.',
    scope: null,
    query: oauth.queries.callback,
    answers: {
      200: { description: 'Connected, and what the connection test found', contentTypes: ['text/html'] },
      400: { description: 'Why not, and what to do', contentTypes: ['text/html'] },
      409: { description: 'The business has another CRM', contentTypes: ['text/html'] },
      502: { description: 'The CRM did not answer as it should', contentTypes: ['text/html'] },
      503: { description: 'The operator has not registered the service with the CRM', contentTypes: ['text/html'] },
    },
    handle: async ({ context, language, request }) => {
      const back = { crmType, query: queryOf(request), language, requestUrl: request.url }
      return consentPage(await finishConsent(context, back), language)
    },
  })
}

function disconnect(crmType: CrmType, title: string, oauth: OAuthFlow): Route {
  return vendorCallback({
    method: 'get',
    path: `/v1/oauth/${crmType}/disconnect`,
    tag,
    summary: `Where ${title} reports that the app was switched off in an account`,
    description: 'Signed by the vendor. It triggers a check of the account’s connection; repeating it is harmless.',
    scope: null,
    query: oauth.queries.disconnect,
    answers: { 200: { description: 'Accepted', schema: z.strictObject({ heard: z.literal(true) }) } },
    handle: async ({ context, request }) => {
      await handleDisconnectNotice(context, { crmType, query: queryOf(request) })
      return { status: 200, body: { heard: true } }
    },
  })
}

function queryOf(request: Request): CallbackQuery {
  return Object.fromEntries(new URL(request.url).searchParams)
}

export const oauthRoutes: readonly Route[] = CONNECTORS.flatMap(({ type, title, oauth }) =>
  oauth ? [authorize(type, title), callback(type, title, oauth), disconnect(type, title, oauth)] : [],
)
