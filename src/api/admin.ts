import * as z from 'zod'
import { EngineHealth, engineHealth } from '#health/engine-health.ts'
import { route } from '#api/route.ts'

const health = route({
  operationId: 'getEngineHealth',
  method: 'get',
  path: '/v1/admin/health',
  tag: 'Health',
  summary: 'How the sync engine is doing',
  description:
    'Backlog, lateness, active runs by age, dead letters and quarantine. `alarms` is empty when all is well.',
  scope: 'admin',
  query: z.strictObject({}),
  answers: { 200: { description: 'What was measured just now', schema: EngineHealth } },
  handle: async ({ context }) => ({ status: 200, body: await engineHealth(context) }),
})

export const adminRoutes = [health]
