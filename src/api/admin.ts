import * as z from 'zod'
import { engineHealth } from '#health/engine-health.ts'
import { EngineHealth } from '#health/schema.ts'
import { route } from '#api/route.ts'
import { listOf } from '#api/shared.ts'
import { AuditLine, ListAudit, listAudit } from '#audit/list.ts'

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
  handle: async ({ context, language }) => ({ status: 200, body: await engineHealth(context, language) }),
})

const audit = route({
  operationId: 'listAudit',
  method: 'get',
  path: '/v1/admin/audit',
  tag: 'Administration',
  summary: 'Who changed what, newest first',
  description:
    'A line for every change of an integration, its formats, files, runs and consents, for exports, and for what the service switched off by itself. Lines are never changed, and are kept for 400 days.',
  scope: 'admin',
  query: ListAudit,
  answers: { 200: { description: 'A page', schema: listOf(AuditLine, 'AuditLineList') } },
  handle: async ({ context, query }) => ({ status: 200, body: await listAudit(context, query) }),
})

export const adminRoutes = [health, audit]
