import * as z from 'zod'
import { getBusiness } from '#businesses/get-business.ts'
import { Business, PutBusiness, putBusiness } from '#businesses/put-business.ts'
import { deleteBusiness } from '#integrations/delete.ts'
import { leaveMarketplace } from '#marketplace/leave-marketplace.ts'
import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'
import { Problem } from '#lib/errors.ts'

const tag = 'Businesses'
const path = '/v1/businesses/{id}'

export const businessRoutes = [
  route({
    operationId: 'putBusiness',
    method: 'put',
    path,
    tag,
    summary: 'Create or update a business',
    description: 'The caller chooses the id. A business that exists gets the new values.',
    scope: 'admin',
    body: PutBusiness,
    answers: {
      200: { description: 'Updated', schema: Business },
      201: { description: 'Created', schema: Business },
    },
    handle: async ({ context, params, body }) => {
      const { business, isNew } = await putBusiness(context, params.id.toLowerCase(), body)
      return { status: isNew ? 201 : 200, body: business }
    },
  }),
  route({
    operationId: 'getBusiness',
    method: 'get',
    path,
    tag,
    summary: 'One business',
    description: 'A tenant sees its own; an admin sees all.',
    scope: 'integrations:read',
    query: z.strictObject({}),
    answers: { 200: { description: 'The business', schema: Business } },
    handle: async ({ context, tenant, params }) => {
      const found = await getBusiness(context, params.id.toLowerCase(), tenant)
      return { status: 200, body: orNotFound(found) }
    },
  }),
  route({
    operationId: 'deleteBusiness',
    method: 'delete',
    path,
    tag,
    summary: 'Remove a business with everything that belongs to it',
    description: [
      'Its integration, credentials, runs and transactions, kept ones too, are out of reach at once and gone for good;',
      'stored rows are deleted within minutes.',
    ].join(' '),
    scope: 'admin',
    query: z.strictObject({}),
    answers: { 204: { description: 'Removed' } },
    problems: ['conflict'],
    handle: async ({ context, params, request }) => {
      const isDeleted = await deleteBusiness(context, { id: params.id.toLowerCase(), requestUrl: request.url })
      if (!isDeleted) throw new Problem('not_found')
      await leaveMarketplace(context, { businessId: params.id.toLowerCase() })
      return { status: 204 }
    },
  }),
]
