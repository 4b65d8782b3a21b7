import * as z from 'zod'
import { admitToMetrics, metricsText } from '#health/metrics.ts'
import { route } from '#api/route.ts'

const metrics = route({
  operationId: 'getMetrics',
  method: 'get',
  path: '/v1/admin/metrics',
  tag: 'Health',
  summary: 'The state of the engine, for Prometheus',
  description:
    'In the text format 0.0.4. Needs no access token but the deployment’s `METRICS_TOKEN`, as `Authorization: Bearer`; 404 where none is set.',
  scope: null,
  query: z.strictObject({}),
  answers: { 200: { description: 'What was measured just now', contentTypes: ['text/plain'] } },
  problems: ['unauthenticated', 'not_found'],
  handle: async ({ context, request }) => {
    await admitToMetrics(context, request.headers.get('authorization'))
    return { status: 200, contentType: 'text/plain', content: await metricsText(context) }
  },
})

export const metricsRoutes = [metrics]
