import * as z from 'zod'
import { ListAllIntegrations, listIntegrations, RetestFilter } from '#integrations/list.ts'
import { presentIntegration } from '#integrations/present.ts'
import { findRetest, orderRetest } from '#retests/order.ts'
import { Retest } from '#retests/schema.ts'
import { IntegrationList } from '#api/integrations.ts'
import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'

const tag = 'Health'

const list = route({
  operationId: 'listAllIntegrations',
  method: 'get',
  path: '/v1/admin/integrations',
  tag,
  summary: 'Integrations of all businesses, newest first',
  description:
    'Each with what a tenant sees of its own. Filters narrow each other. With `staleSince` a page comes from 20,000 integrations at most: it may have fewer items than `limit`, or none, and `nextCursor` goes on with the next 20,000.',
  scope: 'admin',
  query: ListAllIntegrations,
  answers: { 200: { description: 'A page', schema: IntegrationList } },
  handle: async ({ context, query, request, language }) => {
    const page = await listIntegrations(context, { ...query, tenant: null })
    const view = { requestUrl: request.url, showsAddress: true, language }
    const items = await Promise.all(page.items.map(async (row) => presentIntegration(context, row, view)))
    return { status: 200, body: { ...page, items } }
  },
})

const retest = route({
  operationId: 'retestIntegrations',
  method: 'post',
  path: '/v1/admin/integrations/retest',
  tag,
  summary: 'Test the connections of many integrations again',
  description:
    'Of those that the filter matches, a thousand at most, those first that were not tested for the longest; `leftOut` says how many more there are. One test a second begins, within the limits of each CRM, and shows in `connection` of its integration. Nothing else changes: no sync goes on or off.',
  scope: 'admin',
  takesIdempotencyKey: true,
  body: RetestFilter.meta({ id: 'RetestFilter', description: 'Which integrations. Without a member: all.' }),
  answers: { 202: { description: 'How many, and until when', schema: Retest, headers: ['location'] } },
  handle: async ({ context, body }) => {
    const ordered = await orderRetest(context, body)
    return { status: 202, body: ordered, headers: { location: `/v1/admin/integrations/retest/${ordered.id}` } }
  },
})

const progress = route({
  operationId: 'getRetest',
  method: 'get',
  path: '/v1/admin/integrations/retest/{retestId}',
  tag,
  summary: 'How far the tests of many integrations are',
  description: 'It is kept for 30 days.',
  scope: 'admin',
  query: z.strictObject({}),
  answers: { 200: { description: 'So far', schema: Retest } },
  handle: async ({ context, params }) => ({
    status: 200,
    body: orNotFound(await findRetest(context, params.retestId)),
  }),
})

export const adminIntegrationRoutes = [list, retest, progress]
