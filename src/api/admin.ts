import * as z from 'zod'
import { engineHealth } from '#health/engine-health.ts'
import { EngineHealth } from '#health/schema.ts'
import { reseal, Resealed } from '#keys/reseal.ts'
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

const resealKeys = route({
  operationId: 'resealKeys',
  method: 'post',
  path: '/v1/admin/reseal',
  tag: 'Administration',
  summary: 'Seal anew what another key than the first has sealed',
  description:
    'As much as is done within 20 seconds; the rest is done by another call or at night. Syncs go on meanwhile, and nothing has to be entered again.',
  scope: 'admin',
  answers: { 200: { description: 'What was done, and what each key seals now', schema: Resealed } },
  handle: async ({ context }) => ({ status: 200, body: await reseal(context) }),
})

export const adminRoutes = [health, audit, resealKeys]
