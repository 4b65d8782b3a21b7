import * as z from 'zod'
import type { Connector } from '#crm/connector.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { CONNECTORS, CREDENTIAL_NAMES } from '#crm/registry.ts'
import { route } from '#api/route.ts'
import { listOf } from '#api/shared.ts'

const Text = z.strictObject({
  en: z.string().meta({ description: 'In English.' }),
  ru: z.string().meta({ description: 'In Russian.' }),
})

const CrmType = z
  .strictObject({
    crmType: z.enum(CRM_TYPES).meta({ description: '`crmType` of an integration.' }),
    title: z.string().meta({ description: 'The name of the CRM.' }),
    credentials: z
      .array(
        z.strictObject({
          name: z.enum([...CREDENTIAL_NAMES.keys()]).meta({ description: 'Its name in `credentials`.' }),
          required: z.boolean().meta({ description: 'Whether the CRM needs it.' }),
          label: Text.meta({ description: 'What it is called in the CRM.' }),
          help: Text.meta({ description: 'Where the owner finds it.' }),
        }),
      )
      .meta({ description: 'What the owner enters, in the order of a form.' }),
    additionalConfigSchema: z
      .record(z.string(), z.unknown())
      .meta({ description: 'JSON Schema of `additionalConfig`.' }),
    capabilities: z
      .strictObject({
        webhooks: z.boolean().meta({ description: 'Reports its changes.' }),
        backfill: z.boolean().meta({ description: 'Past periods can be pulled.' }),
        fetchOne: z.boolean().meta({ description: 'One sale can be read by its id.' }),
        imports: z.boolean().meta({ description: 'Takes files: `POST …/imports`.' }),
      })
      .meta({ description: 'What works with this CRM.' }),
  })
  .meta({ id: 'CrmType', description: 'A CRM that can be connected, and what it needs.' })

const CrmTypes = listOf(CrmType, 'CrmTypeList')

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
    description: 'All that a form for connecting one has to show.',
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
