import { route } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'
import { explainSale } from '#explanations/explain-sale.ts'
import { ExplainSale, Explanation } from '#explanations/schema.ts'

const explain = route({
  operationId: 'explainSale',
  method: 'get',
  path: '/v1/integrations/{id}/explanation',
  tag: 'Transactions',
  summary: 'Why a sale counts as it does',
  description:
    'What the CRM says of it now, read on the spot, by which rule it counts so, what is stored, what brought it, and what changed when. It works for sales that are not stored, too. The CRM is called, so it counts as a connection test: ten a minute for one integration; beyond that 429.',
  scope: 'transactions:read',
  query: ExplainSale,
  answers: { 200: { description: 'The explanation', schema: Explanation } },
  handle: async ({ context, tenant, params, query, language }) => {
    const explanation = await explainSale(context, { ...query, integrationId: params.id, tenant, language })
    return { status: 200, body: orNotFound(explanation) }
  },
})

export const explanationRoutes = [explain]
