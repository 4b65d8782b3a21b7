import { Business, PutBusiness, putBusiness } from '#businesses/put-business.ts'
import { route } from '#api/route.ts'

export const businessRoutes = [
  route({
    operationId: 'putBusiness',
    method: 'put',
    path: '/v1/businesses/{id}',
    tag: 'Businesses',
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
]
