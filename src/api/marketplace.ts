// Installs from vendors' marketplaces. The browser and the vendor come without a token of ours: a signature, a token of
// the vendor's and the vendor's own answers protect them, and an arrival connects nothing by itself.
import * as z from 'zod'
import { presentIntegration } from '#integrations/present.ts'
import { Integration } from '#integrations/schema.ts'
import { Problem } from '#lib/errors.ts'
import { claimInstall } from '#marketplace/claim-install.ts'
import { Install, ListInstalls, listInstalls } from '#marketplace/list-installs.ts'
import { receiveEvent } from '#marketplace/receive-event.ts'
import { startInstall } from '#marketplace/start-install.ts'
import { MARKETPLACES } from '#marketplace/vendor.ts'
import { readWebhook } from '#webhooks/read-request.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { insufficient } from '#api/auth/insufficient.ts'
import { requireCrmType } from '#api/auth/session-principal.ts'
import { may } from '#api/auth/verify-token.ts'
import { PAGE } from '#api/plain-page.ts'
import { arrivedPage, refusalPage } from '#api/marketplace-page.ts'
import { type Route, route, vendorCallback } from '#api/route.ts'
import { FOR_ADMINS, listOf } from '#api/shared.ts'

const tag = 'Marketplace'

/** An event takes some hundred bytes. */
const EVENT_BYTES_MAX = 16 * 1024

const arrivedPath = '/v1/marketplace/arrived'

/** In the style of `operationId`. */
function nameOf(brand: string): string {
  return `${brand[0]?.toUpperCase()}${brand.slice(1)}`
}

function install({ marketplace: { brand, title }, settings }: (typeof MARKETPLACES)[number]): Route {
  return vendorCallback({
    operationId: `receive${nameOf(brand)}Install`,
    method: 'get',
    path: `/v1/marketplace/${brand}/install`,
    tag,
    summary: `Where ${title} sends the owner’s browser after “Connect”`,
    description:
      'Sends the browser on to `MARKETPLACE_RETURN_URL` (else to a plain page of ours) with `#ticket=…`, which `claim` takes once within an hour. Nothing is connected before. Signed data says who clicked; a wrong signature is refused. Without any, only an admin’s `confirm` lets the ticket be claimed.',
    scope: null,
    query: settings.arrivalQuery,
    answers: {
      302: { description: 'On to the product, with the ticket in the fragment', headers: ['location'] },
      400: { description: 'Why not, and what to do', ...PAGE },
      503: { description: 'The operator has no app in this marketplace', ...PAGE },
    },
    problems: [],
    handle: async ({ context, language, request }) => {
      const { searchParams, origin } = new URL(request.url)
      const started = await startInstall(context, brand, searchParams)
      if ('refusal' in started) return refusalPage(started.refusal, language)
      const { publicUrl, marketplaceReturnUrl } = context.config
      const url = new URL(marketplaceReturnUrl ?? `${publicUrl ?? origin}${arrivedPath}`)
      url.hash = new URLSearchParams({ ticket: started.ticket }).toString()
      return { status: 302, headers: { location: url.href } }
    },
  })
}

const arrived = vendorCallback({
  operationId: 'showArrival',
  method: 'get',
  path: arrivedPath,
  tag,
  summary: 'Where a browser ends without a `MARKETPLACE_RETURN_URL`',
  description: 'It says how the business goes on with the ticket in the fragment.',
  scope: null,
  answers: { 200: { description: 'A page that says how to go on', ...PAGE } },
  handle: async ({ language }) => arrivedPage(language),
})

const EventHeard = z
  .strictObject({ heard: z.literal(true).meta({ description: 'The event was received.' }) })
  .meta({ id: 'EventHeard', description: 'The event was received.' })

function events({ marketplace: { brand, title } }: (typeof MARKETPLACES)[number]): Route {
  return vendorCallback({
    operationId: `receive${nameOf(brand)}Event`,
    method: 'post',
    path: `/v1/marketplace/${brand}/events`,
    tag,
    summary: `Where ${title} reports that the app was removed or frozen in a branch`,
    description:
      'In the vendor’s form, with the service’s own token there. `uninstall` takes the branch out of the integration, `freeze` lets it wait; other events change nothing.',
    scope: null,
    answers: { 200: { description: 'Accepted', schema: EventHeard } },
    problems: ['unauthenticated'],
    handle: async ({ context, request }) => {
      const received = await readWebhook(request, EVENT_BYTES_MAX)
      await receiveEvent(context, brand, received ? parseBody(new TextDecoder().decode(received.bytes)) : null)
      return { status: 200, body: { heard: true } }
    },
  })
}

/** JSON, else a form. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return Object.fromEntries(new URLSearchParams(text))
  }
}

const ClaimInstall = z
  .strictObject({
    ticket: z
      .string()
      .min(1)
      .max(8000)
      .meta({ description: 'From the fragment of the address that the browser came to.' }),
    businessId: z.guid().optional().meta({ description: 'Needed by admins only; a tenant’s own by default.' }),
    confirm: z.boolean().optional().meta({
      description:
        'By admins only: the branches are this business’s, however long ago the installation was begun, and although nothing says who began it.',
    }),
  })
  .meta({ id: 'ClaimInstall', description: 'An installation to finish.' })

const claim = route({
  operationId: 'claimInstall',
  method: 'post',
  path: '/v1/marketplace/installs/claim',
  tag,
  summary: 'Connect the branches that the owner has just installed the app in',
  description:
    'The marketplace has to wait for us there: the installation was begun within the hour and a signature says by whom, else 409 `not_claimable`. The branches come into the business’s integration, which is made where there is none, the marketplace is told, the connection tested and sync switched on. Where the marketplace does not answer, the answer is the integration as it is, and the rest follows by itself within the hour. A branch of another business is 409 `already_claimed` until the app was removed there.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: ClaimInstall,
  answers: { 200: { description: 'The integration', schema: Integration } },
  problems: [
    'not_found',
    'ticket_used',
    'integration_exists',
    'not_claimable',
    'already_claimed',
    'other_account',
    'crm_unavailable',
  ],
  handle: async ({ context, tenant, principal, body, language, request }) => {
    const businessId = (body.businessId ?? principal.businessId)?.toLowerCase()
    if (!businessId) {
      throw new Problem('invalid_request', {
        errors: [{ path: 'businessId', code: 'required', message: FOR_ADMINS }],
      })
    }
    if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
    if (body.confirm === true && !may(principal, 'admin')) throw insufficient(ADMINS_ONLY)
    const isConfirmed = body.confirm === true
    const requestUrl = request.url
    const { session } = principal
    const row = await claimInstall(context, {
      ...{ ticket: body.ticket, businessId, isConfirmed, requestUrl, reconnects: session?.integrationId ?? null },
      permit: (crmType) => requireCrmType(principal, crmType),
    })
    return {
      status: 200,
      body: await presentIntegration(context, row, { requestUrl, showsAddress: true, language }),
    }
  },
})

const ADMINS_ONLY: LocalizedText = {
  en: 'Only an admin may confirm.',
  ru: 'Подтвердить может только администратор.',
}

const list = route({
  operationId: 'listInstalls',
  method: 'get',
  path: '/v1/admin/installs',
  tag,
  summary: 'Branches that were installed from a marketplace, newest claim first',
  description: 'Each branch once, with the business that holds or held it last.',
  scope: 'admin',
  query: ListInstalls,
  answers: { 200: { description: 'A page', schema: listOf(Install, 'InstallList') } },
  handle: async ({ context, query }) => ({ status: 200, body: await listInstalls(context, query) }),
})

export const marketplaceRoutes: readonly Route[] = [
  ...MARKETPLACES.flatMap((known) => [install(known), events(known)]),
  arrived,
  claim,
  list,
]
