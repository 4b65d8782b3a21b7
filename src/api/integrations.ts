import * as z from 'zod'
import { createIntegration } from '#integrations/create.ts'
import { deleteIntegration } from '#integrations/delete.ts'
import { getIntegration } from '#integrations/get.ts'
import { ListIntegrations, listIntegrations } from '#integrations/list.ts'
import {
  etagOf,
  isTagList,
  namesSettings,
  type LocalizedView,
  namesTag,
  presentIntegration,
} from '#integrations/present.ts'
import type { IntegrationRow } from '#integrations/queries.ts'
import { rotateWebhookToken } from '#integrations/rotate-webhook-token.ts'
import { CreateIntegration, Integration, UpdateIntegration } from '#integrations/schema.ts'
import { testAndResume } from '#integrations/resume.ts'
import { ConnectionReport } from '#integrations/test-connection.ts'
import { updateIntegration } from '#integrations/update.ts'
import { registerWebhook, unregisterWebhook } from '#integrations/webhook-registration.ts'
import { leaveMarketplace } from '#marketplace/leave-marketplace.ts'
import type { Context } from '#context.ts'
import { Problem } from '#lib/errors.ts'
import type { Language } from '#lib/localized.ts'
import { requireCrmType } from '#api/auth/session-principal.ts'
import { may, type Principal, samplesFor } from '#api/auth/verify-token.ts'
import { type JsonReply, JsonText } from '#api/reply.ts'
import { typeOf } from '#api/files.ts'
import { route } from '#api/route.ts'
import { FOR_ADMINS, orNotFound, listOf } from '#api/shared.ts'

const tag = 'Integrations'
const MERGE_PATCH = 'application/merge-patch+json'
const path = '/v1/integrations/{id}'
export const IntegrationList = listOf(Integration, 'IntegrationList')

const list = route({
  operationId: 'listIntegrations',
  method: 'get',
  path: '/v1/integrations',
  tag,
  summary: 'Integrations, newest first',
  description: 'A tenant sees its own; an admin sees all and may filter.',
  scope: 'integrations:read',
  query: ListIntegrations,
  answers: { 200: { description: 'A page', schema: IntegrationList } },
  handle: async ({ context, tenant, principal, query, request, language }) => {
    const page = await listIntegrations(context, { ...query, tenant })
    const items = await Promise.all(
      page.items.map(async (row) => presentIntegration(context, row, viewOf(principal, request, language))),
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
  description:
    'Sync stays off until it is switched on, which needs a passed connection test.\n\nWhere a former integration of this CRM was deleted with `keep=transactions`, the CRM is asked for the account: if it is the same one, the new integration has the id of the former one and goes on with its transactions.',
  scope: 'integrations:write',
  takesIdempotencyKey: true,
  body: CreateIntegration,
  answers: { 201: { description: 'Created', schema: Integration, headers: ['etag', 'location'] } },
  problems: ['not_found', 'integration_exists', 'credentials_required', 'branch_not_claimed', 'conflict'],
  handle: async ({ context, tenant, principal, body, request, language }) => {
    const businessId = (body.businessId ?? principal.businessId)?.toLowerCase()
    if (!businessId)
      throw new Problem('invalid_request', { errors: [{ path: 'businessId', code: 'required', message: FOR_ADMINS }] })
    if (tenant !== null && businessId !== tenant) throw new Problem('not_found')
    requireCrmType(principal, body.crmType)
    const row = await createIntegration(context, businessId, body)
    const { json, headers } = await present(context, row, viewOf(principal, request, language))
    return { status: 201, body: json, headers: { ...headers, location: `/v1/integrations/${row.id}` } }
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
  handle: async ({ context, tenant, principal, params, headers, request, language }) => {
    const { 'if-none-match': ifNoneMatch = null } = headers
    const row = orNotFound(await getIntegration(context, params.id, tenant))
    const { json, headers: tags } = await present(context, row, viewOf(principal, request, language))
    return namesTag(ifNoneMatch, tags.etag)
      ? { status: 304, headers: tags }
      : { status: 200, body: json, headers: tags }
  },
})

const update = route({
  operationId: 'updateIntegration',
  method: 'patch',
  path,
  tag,
  summary: 'Change settings, or switch sync on and off',
  description:
    'Switching on runs the connection test when the settings as they will be have not passed it; if it fails the answer is 422 `connection_test_failed` with the `report`, and nothing of the request is applied. Credentials of another account than the stored `connection.account` are 409 `other_account`. New credentials for what the CRM’s refusal had stopped (`stoppedBy: vendor`) are tested at once, and sync goes on when they pass. Changing `apiUrl`, `additionalConfig` or `credentials` without `syncEnabled: true` makes the connection `untested` and switches sync off. An active run under the old settings is cancelled.\n\n`application/json` replaces `additionalConfig`; `application/merge-patch+json` (RFC 7396) merges it: a member that is null is removed. `If-Match` compares the first part of the tag, which stands for what a PATCH can change.',
  scope: 'integrations:write',
  headers: z.object({
    'if-match': z
      .string()
      .refine(isTagList, 'expected an ETag as it was sent, quotes included')
      .optional()
      .meta({ description: 'The `ETag` of the version that is to be changed, quotes included.' }),
  }),
  body: UpdateIntegration,
  bodyTypes: ['application/json', MERGE_PATCH],
  answers: { 200: { description: 'Changed', schema: Integration, headers: ['etag'] } },
  problems: [
    'credentials_required',
    'branch_not_claimed',
    'other_account',
    'conflict',
    'precondition_failed',
    'connection_test_failed',
  ],
  handle: async (handled) => {
    const { context, tenant, principal, params, headers, body, request, language } = handled
    const { 'if-match': ifMatch = null } = headers
    const precondition = async (row: IntegrationRow) => {
      requireCrmType(principal, row.crmType)
      if (ifMatch === null || namesSettings(ifMatch, row)) return
      const { headers: current } = await present(context, row, viewOf(principal, request, language))
      throw new Problem('precondition_failed', { headers: current })
    }
    const mergesConfig = typeOf(request) === MERGE_PATCH
    const samples = samplesFor(principal)
    const isReconnect = principal.session !== null && principal.session.integrationId !== null
    const input = { integrationId: params.id, tenant, language, requestUrl: request.url, ...samples, isReconnect }
    return changed(
      context,
      { request, language },
      orNotFound(await updateIntegration(context, { ...input, change: body, mergesConfig, precondition })),
    )
  },
})

const remove = route({
  operationId: 'deleteIntegration',
  method: 'delete',
  path,
  tag,
  summary: 'Remove an integration with everything that belongs to it',
  description:
    'Credentials, runs, webhook inbox and transactions are out of reach at once and gone for good; stored rows are deleted within minutes. Our address is taken out of the CRM’s webhook settings, also after the answer where the CRM is slow; one that stays there because the CRM did not answer is refused with 404.\n\nWith `keep=transactions` the transactions and their history stay, readable under `GET /v1/businesses/{id}/transactions`, until the business goes. Creating an integration for the same CRM and account takes them up again, with their id.',
  scope: 'integrations:write',
  query: z.strictObject({
    keep: z
      .enum(['transactions'])
      .optional()
      .meta({ description: 'What stays: the transactions. Nothing when left out.' }),
  }),
  answers: { 204: { description: 'Removed' } },
  handle: async ({ context, tenant, params, query, request }) => {
    const keepsSales = query.keep === 'transactions'
    const input = { id: params.id, tenant, requestUrl: request.url, keepsSales }
    if (!(await deleteIntegration(context, input))) throw new Problem('not_found')
    await leaveMarketplace(context, { integrationId: params.id })
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
    'Always 200: `ok` and the capabilities say what works, in the language of `Accept-Language`. `sample` shows customers: it is empty without `transactions:read`, and masked for a connect session without `view`. Ten a minute for one integration, those of a PATCH included; beyond that 429.',
  scope: 'integrations:write',
  answers: { 200: { description: 'The report', schema: ConnectionReport } },
  handle: async ({ context, tenant, principal, params, language, request }) => {
    const samples = samplesFor(principal)
    const input = { integrationId: params.id, tenant, language, requestUrl: request.url, ...samples }
    return { status: 200, body: orNotFound(await testAndResume(context, input)) }
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
  takesIdempotencyKey: true,
  answers: { 200: { description: 'The integration with its new URL', schema: Integration, headers: ['etag'] } },
  problems: ['conflict'],
  handle: async ({ context, tenant, params, request, language }) => {
    const input = { integrationId: params.id, tenant, requestUrl: request.url }
    return changed(context, { request, language }, orNotFound(await rotateWebhookToken(context, input)))
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
  handle: async ({ context, tenant, params, request, language }) =>
    changeRegistration({ context, tenant, request, language, integrationId: params.id }, registerWebhook),
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
  handle: async ({ context, tenant, params, request, language }) =>
    changeRegistration({ context, tenant, request, language, integrationId: params.id }, unregisterWebhook),
})

export const integrationRoutes = [list, create, get, update, remove, test, webhookToken, register, unregister]

interface Changing {
  readonly context: Context
  readonly tenant: string | null
  readonly request: Request
  readonly language: Language
  readonly integrationId: string
}

async function changeRegistration(
  { context, tenant, request, language, integrationId }: Changing,
  change: (context: Context, row: IntegrationRow, requestUrl: string) => Promise<unknown>,
): Promise<Changed> {
  const row = orNotFound(await getIntegration(context, integrationId, tenant))
  await change(context, row, request.url)
  return changed(context, { request, language }, orNotFound(await getIntegration(context, integrationId, tenant)))
}

type Changed = JsonReply<200, Integration, 'etag'>

/** These routes need `integrations:write`, which shows all. */
async function changed(
  context: Context,
  { request, language }: Pick<Changing, 'request' | 'language'>,
  row: IntegrationRow,
): Promise<Changed> {
  const { json, headers } = await present(context, row, { requestUrl: request.url, showsAddress: true, language })
  return { status: 200, body: json, headers }
}

function viewOf(principal: Principal, { url }: Request, language: Language): LocalizedView {
  return { requestUrl: url, showsAddress: may(principal, 'integrations:write'), language }
}

async function present(context: Context, row: IntegrationRow, view: LocalizedView) {
  const json = new JsonText(await presentIntegration(context, row, view))
  return { json, headers: { etag: await etagOf(row, json.text), vary: 'accept-language' } }
}
