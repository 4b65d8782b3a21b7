// The consent flow of every CRM that has one. Callback and notice need no token: a state and a signature protect them,
// and a callback connects nothing by itself.
import * as z from 'zod'
import type { CrmType } from '#lib/crm-types.ts'
import type { CallbackQuery, CallbackSchema, OAuthFlow } from '#crm/oauth.ts'
import { CONNECTORS } from '#crm/registry.ts'
import { presentIntegration } from '#integrations/present.ts'
import { Integration } from '#integrations/schema.ts'
import { ConnectionReport } from '#integrations/test-connection.ts'
import { Problem } from '#lib/errors.ts'
import { handleDisconnectNotice } from '#oauth/disconnect.ts'
import { confirmConsent } from '#oauth/confirm-consent.ts'
import { type CallbackOutcome, receiveCallback } from '#oauth/receive-callback.ts'
import { startConsent } from '#oauth/start-consent.ts'
import { requireCrmType } from '#api/auth/session-principal.ts'
import { samplesFor } from '#api/auth/verify-token.ts'
import { consentPage } from '#api/oauth-page.ts'
import { PAGE } from '#api/plain-page.ts'
import { type Route, route, vendorCallback } from '#api/route.ts'
import { parser } from '#api/validation.ts'
import { FOR_ADMINS, serviceOrigin } from '#api/shared.ts'

const tag = 'Consent'

const ConsentUrl = z
  .strictObject({
    url: z.string().meta({ description: 'The address of the consent page.' }),
    business: z
      .strictObject({
        id: z.guid().meta({ description: 'The id of the business.' }),
        name: z.string().meta({ description: 'Its name: show it before you send the person there.' }),
      })
      .meta({ description: 'Whom the consent is for.' }),
  })
  .meta({ id: 'ConsentUrl', description: 'Where to send the person.' })

/** The type in the style of `operationId`. */
function nameOf(crmType: CrmType): string {
  const words = crmType.split('_').map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`)
  return words.join('')
}

function authorize(crmType: CrmType, title: string, { brands }: OAuthFlow): Route {
  return route({
    operationId: `start${nameOf(crmType)}Consent`,
    method: 'get',
    path: `/v1/oauth/${crmType}/authorize`,
    tag,
    summary: `Begin connecting ${title} by consent`,
    description:
      'The answer is the address of the consent page, for this business, good once within 20 minutes. Afterwards the browser that gave consent is sent to `returnUrl` with `#ticket=…`, which `confirm` takes, or with `#error=…`; nothing is connected before.',
    scope: 'integrations:write',
    // It stores the consent under way.
    quota: 'writes',
    query: z.strictObject({
      businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
      returnUrl: z.string().max(2000).optional().meta({
        description:
          'A page of an origin in CORS_ORIGINS. Without one the browser is sent to the page of the connect session that calls, else to a plain page of ours.',
      }),
      brand: z.enum(brands).optional().meta({
        description: 'Which of the vendor’s registrations. Left out: that of the integration, else the usual one.',
      }),
    }),
    answers: { 200: { description: 'Where to send the person', schema: ConsentUrl } },
    problems: ['origin_not_allowed', 'not_found'],
    handle: async ({ context, tenant, principal, query, request }) => {
      const businessId = (query.businessId ?? principal.businessId)?.toLowerCase()
      if (!businessId) {
        throw new Problem('invalid_request', {
          errors: [{ path: 'query.businessId', code: 'required', message: FOR_ADMINS }],
        })
      }
      if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
      requireCrmType(principal, crmType)
      const { returnUrl = null, brand = null } = query
      const { subject, session } = principal
      const ownPage = session && `${serviceOrigin(context, request)}/connect?s=${session.id}`
      const start = { crmType, businessId, subject, brand, returnUrl, ownPage }
      return { status: 200, body: await startConsent(context, start) }
    },
  })
}

function callback(crmType: CrmType, title: string, oauth: OAuthFlow): Route {
  return vendorCallback({
    operationId: `receive${nameOf(crmType)}Consent`,
    method: 'get',
    path: `/v1/oauth/${crmType}/callback`,
    tag,
    summary: `Where ${title} sends a person back to`,
    description:
      'Keeps the code and sends the browser on with a ticket, or shows a page in the language of `Accept-Language`. The same callback again has the same outcome. Other parameters are ignored.',
    scope: null,
    query: oauth.queries.callback,
    answers: {
      200: {
        description: 'A widget was installed; nothing is connected',
        ...PAGE,
      },
      302: {
        description: 'Back to `returnUrl`, else to a plain page, with the ticket or the error in the fragment',
        headers: ['location'],
      },
      400: { description: 'Why not, and what to do', ...PAGE },
      503: { description: 'The operator has not registered the service with the CRM', ...PAGE },
    },
    problems: ['invalid_request'],
    handle: async ({ context, language, request }) => {
      const outcome = await receiveCallback(context, { crmType, query: readQuery(request, oauth.queries.callback) })
      const location = wayOn(outcome, `${serviceOrigin(context, request)}${pagePath(crmType)}`)
      if (location !== null) return { status: 302, headers: { location } }
      return consentPage(context.config, 'refusal' in outcome.result ? outcome.result.refusal : null, language)
    },
  })
}

/** Null: there is nowhere to go, so the person sees a page. A fragment is in no request and no log of a server. */
function wayOn({ result, returnUrl }: CallbackOutcome, pageUrl: string): string | null {
  if ('refusal' in result && returnUrl === null) return null
  const url = new URL(returnUrl ?? pageUrl)
  url.hash = new URLSearchParams('ticket' in result ? { ticket: result.ticket } : { error: result.refusal }).toString()
  return url.href
}

function pagePath<Type extends string>(crmType: Type) {
  return `/v1/oauth/${crmType}/given` as const
}

function given(crmType: CrmType, title: string): Route {
  return route({
    operationId: `show${nameOf(crmType)}Consent`,
    method: 'get',
    path: pagePath(crmType),
    tag,
    summary: `Where a browser ends that gave consent at ${title} without a \`returnUrl\``,
    description: 'It says that the person has to go back to the settings and finish there.',
    scope: null,
    answers: { 200: { description: 'A page that says how to go on', ...PAGE } },
    handle: async ({ context, language }) => ({ ...consentPage(context.config, null, language), status: 200 }),
  })
}

const Confirmed = Integration.extend({
  report: ConnectionReport.meta({ description: 'What the connection test found.' }),
}).meta({ id: 'ConfirmedConsent', description: 'The integration, and what its connection test found.' })

const ConfirmConsent = z
  .strictObject({
    ticket: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'The ticket from the fragment of the address that the browser was sent to.' }),
    businessId: z.guid().optional().meta({ description: 'For admins: the business that the ticket has to be of.' }),
  })
  .meta({ id: 'ConfirmConsent', description: 'A consent to finish.' })

const DisconnectHeard = z
  .strictObject({ heard: z.literal(true).meta({ description: 'The report was received.' }) })
  .meta({ id: 'DisconnectHeard', description: 'The report was received.' })

function confirm(crmType: CrmType, title: string): Route {
  return route({
    operationId: `confirm${nameOf(crmType)}Consent`,
    method: 'post',
    path: `/v1/oauth/${crmType}/confirm`,
    tag,
    summary: `Finish connecting ${title}`,
    description:
      'Takes the ticket from the browser that gave consent, with a token of the business that began it: another business’s ticket is 404. The consent is exchanged, stored and tested; `report.account` says whose it is. A ticket works once, within 15 minutes: 410 `ticket_used`. An admin has to know whose browser brought the ticket, and says so by `businessId`.',
    scope: 'integrations:write',
    takesIdempotencyKey: true,
    body: ConfirmConsent,
    answers: { 200: { description: 'The integration, and what the connection test found', schema: Confirmed } },
    problems: ['not_found', 'integration_exists', 'other_account', 'ticket_used', 'consent_failed', 'crm_unavailable'],
    handle: async ({ context, tenant, principal, body, language, request }) => {
      const businessId = (body.businessId ?? principal.businessId)?.toLowerCase()
      // Whoever may see all would redeem anybody's ticket, also one of a link that was forwarded.
      if (!businessId) {
        throw new Problem('invalid_request', {
          errors: [{ path: 'businessId', code: 'required', message: FOR_ADMINS }],
        })
      }
      if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
      requireCrmType(principal, crmType)
      const requestUrl = request.url
      const input = { crmType, ticket: body.ticket, tenant: businessId, language, requestUrl, ...samplesFor(principal) }
      const { row, report } = await confirmConsent(context, input)
      return {
        status: 200,
        body: { ...(await presentIntegration(context, row, { requestUrl, showsAddress: true, language })), report },
      }
    },
  })
}

function disconnect(crmType: CrmType, title: string, oauth: OAuthFlow): Route {
  return vendorCallback({
    operationId: `receive${nameOf(crmType)}Disconnect`,
    method: 'get',
    path: `/v1/oauth/${crmType}/disconnect`,
    tag,
    summary: `Where ${title} reports that the app was switched off in an account`,
    description: 'Signed by the vendor. It triggers a check of the account’s connection; repeating it is harmless.',
    scope: null,
    query: oauth.queries.disconnect,
    answers: { 200: { description: 'Accepted', schema: DisconnectHeard } },
    problems: ['invalid_request', 'unauthenticated'],
    handle: async ({ context, request }) => {
      await handleDisconnectNotice(context, { crmType, query: readQuery(request, oauth.queries.disconnect) })
      return { status: 200, body: { heard: true } }
    },
  })
}

/** Throws Problem `invalid_request`. */
function readQuery({ url }: Request, schema: CallbackSchema): CallbackQuery {
  const { searchParams } = new URL(url)
  const known = Object.keys(schema.shape).map((name) => [name, searchParams.get(name) ?? undefined])
  return parser('query', schema)(Object.fromEntries(known))
}

export const oauthRoutes: readonly Route[] = CONNECTORS.flatMap(({ type, title, oauth }) =>
  oauth
    ? [
        authorize(type, title, oauth),
        callback(type, title, oauth),
        given(type, title),
        confirm(type, title),
        disconnect(type, title, oauth),
      ]
    : [],
)
