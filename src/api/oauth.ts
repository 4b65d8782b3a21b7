// The consent flow of every CRM that has one. The callback and the vendor's notice are open: what they carry proves itself.
import * as z from 'zod'
import type { CrmType } from '#lib/crm-types.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { Problem } from '#lib/errors.ts'
import { handleDisconnectNotice } from '#oauth/disconnect.ts'
import { finishConsent } from '#oauth/finish-consent.ts'
import { startConsent } from '#oauth/start-consent.ts'
import { consentPage } from '#api/oauth-page.ts'
import { type Route, route } from '#api/route.ts'

const tag = 'Consent'
const text = z.string().max(4096).optional()

const ConsentUrl = z.strictObject({ url: z.string() }).meta({ id: 'ConsentUrl' })

function authorize(crmType: CrmType, title: string): Route {
  return route({
    method: 'get',
    path: `/v1/oauth/${crmType}/authorize`,
    tag,
    summary: `Begin connecting ${title} by consent`,
    description:
      'Redirects to the consent page; with `Accept: application/json` its address is the answer instead. The link belongs to the business and whoever asked for it, works once and for 20 minutes.',
    scope: 'integrations:write',
    query: z.strictObject({
      businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
    }),
    answers: {
      200: { description: 'With `Accept: application/json`: where to send the person', schema: ConsentUrl },
      302: { description: 'To the consent page' },
    },
    handle: async ({ context, tenant, principal, query, request }) => {
      const businessId = (query.businessId ?? principal.businessId)?.toLowerCase()
      if (!businessId) {
        throw new Problem('invalid_request', {
          errors: [{ path: 'query.businessId', message: 'is required for admins' }],
        })
      }
      if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
      const url = await startConsent(context, { crmType, businessId, subject: principal.subject })
      const wantsJson = request.headers.get('accept')?.includes('application/json') ?? false
      return wantsJson ? Response.json({ url }) : new Response(null, { status: 302, headers: { location: url } })
    },
  })
}

function callback(crmType: CrmType, title: string): Route {
  return route({
    method: 'get',
    path: `/v1/oauth/${crmType}/callback`,
    tag,
    summary: `Where ${title} sends a person back to`,
    description:
      'A page for that person, in the language of `Accept-Language`. What else the address holds is not looked at.',
    scope: null,
    query: z.object({
      ...{ code: text, state: text, referer: text },
      ...{ client_id: text, error: text, from_widget: text },
    }),
    answers: {
      200: { description: 'Connected, and what the connection test found', contentType: 'text/html' },
      400: { description: 'Why not, and what to do', contentType: 'text/html' },
    },
    handle: async ({ context, query, language, request }) =>
      consentPage(await finishConsent(context, { crmType, query, language, requestUrl: request.url }), language),
  })
}

function disconnect(crmType: CrmType, title: string): Route {
  return route({
    method: 'get',
    path: `/v1/oauth/${crmType}/disconnect`,
    tag,
    summary: `Where ${title} tells that the app was switched off in an account`,
    description:
      'Signed by the vendor. It makes us look whether the account’s connection still works; that may be repeated.',
    scope: null,
    query: z.object({ account_id: text, client_uuid: text, signature: text }),
    answers: { 200: { description: 'Heard', schema: z.strictObject({ heard: z.literal(true) }) } },
    handle: async ({ context, query }) => {
      await handleDisconnectNotice(context, { crmType, query })
      return Response.json({ heard: true })
    },
  })
}

export const oauthRoutes: readonly Route[] = CONNECTORS.filter(({ oauth }) => oauth !== undefined).flatMap(
  ({ type, title }) => [authorize(type, title), callback(type, title), disconnect(type, title)],
)
