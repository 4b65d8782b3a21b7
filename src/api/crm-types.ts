import * as z from 'zod'
import type { Connector } from '#crm/connector.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { CONNECTORS, CREDENTIAL_NAMES } from '#crm/registry.ts'
import { route } from '#api/route.ts'

const Text = z.strictObject({ en: z.string(), ru: z.string() })

const CrmType = z
  .strictObject({
    crmType: z.enum(CRM_TYPES),
    title: z.string(),
    credentials: z.array(
      z.strictObject({ name: z.enum([...CREDENTIAL_NAMES.keys()]), required: z.boolean(), label: Text, help: Text }),
    ),
    additionalConfigSchema: z
      .record(z.string(), z.unknown())
      .meta({ description: 'JSON Schema of `additionalConfig`.' }),
    capabilities: z.strictObject({
      ...{ webhooks: z.boolean(), backfill: z.boolean(), fetchOne: z.boolean() },
      imports: z.boolean().meta({ description: 'Takes files: `POST …/imports`.' }),
    }),
  })
  .meta({ id: 'CrmType' })

const CrmTypes = z.strictObject({ items: z.array(CrmType), nextCursor: z.null() }).meta({ id: 'CrmTypeList' })

type Field = Connector<unknown, unknown>['credentials'][number]

function presentField({ name, publicName = name, required, label, help }: Field) {
  return { name: publicName, required, label, help }
}

export const crmTypeRoutes = [
  route({
    operationId: 'listCrmTypes',
    method: 'get',
    path: '/v1/crm-types',
    tag: 'CRM types',
    summary: 'The CRMs that can be connected, and what each needs',
    scope: 'any',
    query: z.strictObject({}),
    answers: { 200: { description: 'All types', schema: CrmTypes } },
    handle: async () => {
      const items = CONNECTORS.map(({ type, title, credentials, settings, ...connector }) => {
        const { $schema: _, ...additionalConfigSchema } = z.toJSONSchema(settings, {
          io: 'input',
          unrepresentable: 'any',
        })
        const capabilities = { ...connector.capabilities, imports: connector.imports !== undefined }
        return {
          crmType: type,
          title,
          credentials: credentials.map(presentField),
          additionalConfigSchema,
          capabilities,
        }
      })
      return { status: 200, body: { items, nextCursor: null } }
    },
  }),
]
