import * as z from 'zod'
import { createIntegration } from '#integrations/create.ts'
import { deleteIntegration } from '#integrations/delete.ts'
import { getIntegration } from '#integrations/get.ts'
import { ListIntegrations, listIntegrations } from '#integrations/list.ts'
import { etagOf, presentIntegration } from '#integrations/present.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import { rotateWebhookToken } from '#integrations/rotate-webhook-token.ts'
import { CreateIntegration, Integration, UpdateIntegration } from '#integrations/schema.ts'
import { ConnectionReport, testIntegration } from '#integrations/test-connection.ts'
import { updateIntegration } from '#integrations/update.ts'
import type { View } from '#integrations/webhook-setup.ts'
import { registerWebhook, unregisterWebhook } from '#integrations/webhook-registration.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import { may, type Principal } from '#api/auth/verify-token.ts'
import { type JsonReply, JsonText } from '#api/reply.ts'
import { route } from '#api/route.ts'
import { FOR_ADMINS, orNotFound, listOf } from '#api/shared.ts'

const tag = 'Integrations'
const path = '/v1/integrations/{id}'

const list = route({
  operationId: 'listIntegrations',
  method: 'get',
  path: '/v1/integrations',
  tag,
  summary: 'Integrations, newest first',
  description: 'A tenant sees its own; an admin sees all and may filter.',
  scope: 'integrations:read',
  query: ListIntegrations,
  answers: { 200: { description: 'A page', schema: listOf(Integration, 'IntegrationList') } },
  handle: async ({ context, tenant, principal, query, request }) => {
    const page = await listIntegrations(context, { ...query, tenant })
    const items = await Promise.all(
      page.items.map(async (row) => presentIntegration(context, row, viewOf(principal, request))),
    )
    return { status: 200, body: { ...page, items } }
  },
})

const create = route({
  operationId: 'createIntegration',
  method: 'post',
  path: '/v1/integrations',
  tag,
  summary: 'Connect a business to its CRM',
  description: 'Sync stays off until it is switched on, which needs a passed connection test.',
  scope: 'integrations:write',
  body: CreateIntegration,
  answers: { 201: { description: 'Created', schema: Integration, headers: ['etag', 'location'] } },
  problems: ['not_found', 'integration_exists', 'credentials_required'],
  handle: async ({ context, tenant, principal, body, request }) => {
    const businessId = (body.businessId ?? principal.businessId)?.toLowerCase()
    if (!businessId)
      throw new Problem('invalid_request', { errors: [{ path: 'businessId', code: 'required', message: FOR_ADMINS }] })
    if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
    const row = await createIntegration(context, businessId, body)
    const { json, etag } = await present(context, row, viewOf(principal, request))
    return { status: 201, body: json, headers: { etag, location: `/v1/integrations/${row.id}` } }
  },
})

const get = route({
  operationId: 'getIntegration',
  method: 'get',
  path,
  tag,
  summary: 'One integration',
  description: '`If-None-Match` with the last `ETag` answers 304 while nothing has changed, statistics included.',
  scope: 'integrations:read',
  query: z.strictObject({}),
  headers: z.object({
    'if-none-match': z.string().optional().meta({ description: 'The `ETag` of the version that the caller has.' }),
  }),
  answers: {
    200: { description: 'The integration', schema: Integration, headers: ['etag'] },
    304: { description: 'Not changed', headers: ['etag'] },
  },
  handle: async ({ context, tenant, principal, params, headers: { 'if-none-match': ifNoneMatch = null }, request }) => {
    const row = orNotFound(await getIntegration(context, params.id, tenant))
    const { json, etag } = await present(context, row, viewOf(principal, request))
    if (namesTag(ifNoneMatch, etag)) return { status: 304, headers: { etag } }
    return { status: 200, body: json, headers: { etag } }
  },
})

const update = route({
  operationId: 'updateIntegration',
  method: 'patch',
  path,
  tag,
  summary: 'Change settings, or switch sync on and off',
  description:
    'Switching on runs the connection test when the settings as they will be have not passed it; if it fails the answer is 422 `connection_test_failed` with the `report`, and nothing of the request is applied. Changing `apiUrl`, `additionalConfig` or `credentials` without `syncEnabled: true` makes the connection `untested` and switches sync off. An active run under the old settings is cancelled.',
  scope: 'integrations:write',
  headers: z.object({
    'if-match': z.string().optional().meta({ description: 'The `ETag` of the version that is to be changed.' }),
  }),
  body: UpdateIntegration,
  answers: { 200: { description: 'Changed', schema: Integration, headers: ['etag'] } },
  problems: ['credentials_required', 'conflict', 'precondition_failed', 'connection_test_failed'],
  handle: async (handled) => {
    const { context, tenant, principal, params, headers, body, request, language } = handled
    const { 'if-match': ifMatch = null } = headers
    const precondition =
      ifMatch === null
        ? null
        : async (row: IntegrationRow) => {
            const { etag } = await present(context, row, viewOf(principal, request))
            if (!namesTag(ifMatch, etag)) throw new Problem('precondition_failed', { headers: { etag } })
          }
    const showsSales = may(principal, 'transactions:read')
    const input = { integrationId: params.id, tenant, language, requestUrl: request.url, showsSales }
    return changed(
      context,
      request,
      orNotFound(await updateIntegration(context, { ...input, change: body, precondition })),
    )
  },
})

const remove = route({
  operationId: 'deleteIntegration',
  method: 'delete',
  path,
  tag,
  summary: 'Remove an integration with everything that belongs to it',
  description: 'Credentials, runs, webhook inbox and transactions are gone for good.',
  scope: 'integrations:write',
  query: z.strictObject({}),
  answers: { 204: { description: 'Removed' } },
  handle: async ({ context, tenant, params, request }) => {
    const input = { id: params.id, tenant, requestUrl: request.url }
    if (!(await deleteIntegration(context, input))) throw new Problem('not_found')
    return { status: 204 }
  },
})

const test = route({
  operationId: 'testConnection',
  method: 'post',
  path: `${path}/test`,
  tag,
  summary: 'Test the connection',
  description:
    'Always 200: `ok` and the capabilities say what works, in the language of `Accept-Language`. `sample` shows customers: it is empty without `transactions:read`. Ten a minute for one integration, those of a PATCH included; beyond that 429.',
  scope: 'integrations:write',
  answers: { 200: { description: 'The report', schema: ConnectionReport } },
  handle: async ({ context, tenant, principal, params, language, request }) => {
    const showsSales = may(principal, 'transactions:read')
    const input = { integrationId: params.id, tenant, language, requestUrl: request.url, showsSales }
    return { status: 200, body: orNotFound(await testIntegration(context, input)) }
  },
})

const webhookToken = route({
  operationId: 'rotateWebhookToken',
  method: 'post',
  path: `${path}/webhook-token`,
  tag,
  summary: 'A new inbound webhook URL',
  description: 'The old one stops working at once. `webhookUrl` of the answer is the new one.',
  scope: 'integrations:write',
  answers: { 200: { description: 'The integration with its new URL', schema: Integration, headers: ['etag'] } },
  problems: ['conflict'],
  handle: async ({ context, tenant, params, request }) => {
    const input = { integrationId: params.id, tenant, requestUrl: request.url }
    return changed(context, request, orNotFound(await rotateWebhookToken(context, input)))
  },
})

const register = route({
  operationId: 'registerWebhook',
  method: 'post',
  path: `${path}/webhook-registration`,
  tag,
  summary: 'Enter the webhook URL in the CRM’s own settings',
  description:
    'Beside what others have there. `webhookSetup.registration` says what became of it; where the CRM has no API for it, `steps` say how a person does it.',
  scope: 'integrations:write',
  answers: { 200: { description: 'The integration', schema: Integration, headers: ['etag'] } },
  handle: async ({ context, tenant, params, request }) =>
    changeRegistration({ context, tenant, request, integrationId: params.id }, registerWebhook),
})

const unregister = route({
  operationId: 'unregisterWebhook',
  method: 'delete',
  path: `${path}/webhook-registration`,
  tag,
  summary: 'Take the webhook URL out of the CRM’s own settings',
  description: 'What others have there stays.',
  scope: 'integrations:write',
  query: z.strictObject({}),
  answers: { 200: { description: 'The integration', schema: Integration, headers: ['etag'] } },
  handle: async ({ context, tenant, params, request }) =>
    changeRegistration({ context, tenant, request, integrationId: params.id }, unregisterWebhook),
})

export const integrationRoutes = [list, create, get, update, remove, test, webhookToken, register, unregister]

interface Changing {
  readonly context: Context
  readonly tenant: string | null
  readonly request: Request
  readonly integrationId: string
}

async function changeRegistration(
  { context, tenant, request, integrationId }: Changing,
  change: (context: Context, row: IntegrationRow, requestUrl: string) => Promise<unknown>,
): Promise<Changed> {
  const row = orNotFound(await getIntegration(context, integrationId, tenant))
  await change(context, row, request.url)
  return changed(context, request, orNotFound(await getIntegration(context, integrationId, tenant)))
}

type Changed = JsonReply<200, Integration, 'etag'>

/** These routes need `integrations:write`, which shows all. */
async function changed(context: Context, request: Request, row: IntegrationRow): Promise<Changed> {
  const { json, etag } = await present(context, row, { requestUrl: request.url, showsAddress: true })
  return { status: 200, body: json, headers: { etag } }
}

function viewOf(principal: Principal, { url }: Request): View {
  return { requestUrl: url, showsAddress: may(principal, 'integrations:write') }
}

async function present(context: Context, row: IntegrationRow, view: View) {
  const json = new JsonText(await presentIntegration(context, row, view))
  return { json, etag: await etagOf(json.text) }
}

/** RFC 9110, 13.1: a list of tags, or `*`. Weak tags match too. */
function namesTag(header: string | null, etag: string): boolean {
  if (header === null) return false
  const tags = new Set(header.split(',').map((one) => one.trim().replace(/^W\//, '')))
  return tags.has('*') || tags.has(etag)
}
