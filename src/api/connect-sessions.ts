// Connect sessions: a product's backend makes one, a person's browser opens its link, and both may call as little as
// api/auth/session-routes.ts says.
import * as z from 'zod'
import type { Principal } from '#api/auth/verify-token.ts'
import { connectPage, type FirstScreen } from '#api/connect-page.ts'
import { PAGE } from '#api/plain-page.ts'
import { type Route, route } from '#api/route.ts'
import { FOR_ADMINS, serviceOrigin } from '#api/shared.ts'
import { createConnectSession } from '#connect-sessions/create.ts'
import { endConnectSession } from '#connect-sessions/end.ts'
import { openConnectSession } from '#connect-sessions/open.ts'
import { findSessionPage } from '#connect-sessions/page.ts'
import {
  ConnectSession,
  CreateConnectSession,
  OpenConnectSession,
  OpenedConnectSession,
} from '#connect-sessions/schema.ts'
import { Problem } from '#lib/errors.ts'
import { type Scope, SCOPES } from '#lib/scopes.ts'

const tag = 'Connect sessions'

const create = route({
  operationId: 'createConnectSession',
  method: 'post',
  path: '/v1/connect-sessions',
  tag,
  summary: 'Let one person connect or see one business',
  description: [
    'For 30 minutes, by a link and a token that allow no more than the permissions, and no more than the caller may.',
    'Never removes anything, never makes sessions. With `integrationId` the link asks for new credentials of the stored',
    'account and may wait for its owner for a week; 30 minutes are left from its first use on.',
  ].join(' '),
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: CreateConnectSession,
  answers: { 201: { description: 'Made', schema: ConnectSession } },
  problems: ['origin_not_allowed', 'not_found'],
  handle: async ({ context, tenant, principal, body, request }) => {
    const businessId = (body.businessId ?? principal.businessId)?.toLowerCase() ?? null
    if (businessId === null && body.integrationId === undefined)
      throw new Problem('invalid_request', { errors: [{ path: 'businessId', code: 'required', message: FOR_ADMINS }] })
    if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
    const by = { subject: principal.subject, scopes: scopesOf(principal) }
    const session = { request: body, businessId, ...by, serviceOrigin: serviceOrigin(context, request) }
    return { status: 201, body: await createConnectSession(context, session) }
  },
})

const end = route({
  operationId: 'endConnectSession',
  method: 'delete',
  path: '/v1/connect-sessions/{id}',
  tag,
  summary: 'End a connect session',
  description: 'Its tokens are refused from the next request on: 401 `session_ended`.',
  scope: 'integrations:write',
  query: z.strictObject({}),
  answers: { 204: { description: 'Ended' } },
  handle: async ({ context, tenant, params }) => {
    if (!(await endConnectSession(context, params.id, tenant))) throw new Problem('not_found')
    return { status: 204 }
  },
})

const open = route({
  operationId: 'openConnectSession',
  method: 'post',
  path: '/v1/connect-sessions/open',
  tag,
  summary: 'Open the link of a connect session in a browser',
  description: [
    'The first browser gets a token of its own, and the token of the link is void from then on: opened once more, in',
    'another browser, it is 401 `session_ended`. The same browser may repeat the call with the same `browserSecret`. A',
    'link is good without it too: its token is a Bearer token until a browser opens the link.',
  ].join(' '),
  scope: null,
  body: OpenConnectSession,
  answers: { 200: { description: 'Opened', schema: OpenedConnectSession } },
  problems: ['unauthenticated', 'session_ended'],
  handle: async ({ context, body }) => ({ status: 200, body: await openConnectSession(context, body) }),
})

interface Page {
  readonly operationId: string
  readonly path: `/${string}`
  readonly summary: string
  readonly screen: FirstScreen
}

function page({ screen, ...named }: Page): Route {
  return route({
    ...named,
    method: 'get',
    tag,
    description: 'It names the business. The token stays in the fragment, which no server is sent.',
    scope: null,
    query: z.object({
      s: z.string().optional().meta({ description: 'The id of the session.' }),
    }),
    answers: {
      200: { description: 'The page', ...PAGE },
      404: { description: 'The session is over, or never was', ...PAGE },
    },
    handle: async ({ context, query, language }) =>
      connectPage(context, { session: await findSessionPage(context, query.s ?? ''), screen, asked: language }),
  })
}

export const connectSessionRoutes: readonly Route[] = [
  create,
  end,
  open,
  page({
    operationId: 'showConnectPage',
    path: '/connect',
    summary: 'The page of a link for connecting',
    screen: 'choose',
  }),
  page({ operationId: 'showAppPage', path: '/app', summary: 'The page of a link for looking', screen: 'home' }),
]

/** What the session may have at most. An admin's is of one business like any other. */
function scopesOf({ isAdmin, scopes }: Principal): readonly Scope[] {
  return SCOPES.filter((scope) => scope !== 'admin' && (isAdmin || scopes.has(scope)))
}
