import * as z from 'zod'
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import { capabilityTitles, type Titled, titled } from '#crm/form.ts'
import { CRM_TYPES } from '#lib/crm-types.ts'
import { CONNECTORS, CREDENTIAL_NAMES } from '#crm/registry.ts'
import { route } from '#api/route.ts'
import { listOf } from '#api/shared.ts'

const Text = z.strictObject({
  en: z.string().meta({ description: 'In English.' }),
  ru: z.string().meta({ description: 'In Russian.' }),
})

const NamedText = z.strictObject({
  name: z.string().meta({ description: 'What it is called in the API.' }),
  title: Text.meta({ description: 'What it is called for a person.' }),
})

const Way = z.lazy(() =>
  z.strictObject({
    name: z.enum(['marketplace', 'credentials', 'consent', 'upload', 'file_address']).meta({
      description:
        'By a click in the vendor’s marketplace, by keys, by the owner’s consent at the CRM, by files, or by the address of a file.',
    }),
    isAvailable: z.boolean().meta({ description: 'Whether this service is set up for it.' }),
  }),
)

const Setting = z.lazy(() =>
  NamedText.extend({
    help: Text.nullable().meta({ description: 'What to enter.' }),
    options: z
      .array(
        z.strictObject({
          value: z.string().meta({ description: 'In `additionalConfig`.' }),
          title: Text.meta({ description: 'What it is called for a person.' }),
        }),
      )
      .meta({ description: 'What its values are called; empty where they speak for themselves.' }),
    isMain: z.boolean().meta({ description: 'Whether a form asks for it at once; the others may be folded.' }),
  }),
)

const CrmType = z
  .lazy(() =>
    z.strictObject({
      crmType: z.enum(CRM_TYPES).meta({ description: '`crmType` of an integration.' }),
      title: z.string().meta({ description: 'The name of the CRM.' }),
      ways: z.array(Way).meta({ description: 'The ways to connect it.' }),
      minutes: z.int().meta({ description: 'How long it takes to get and enter what has to be entered, about.' }),
      guide: z
        .strictObject({
          en: z.array(z.string()).meta({ description: 'In English.' }),
          ru: z.array(z.string()).meta({ description: 'In Russian.' }),
        })
        .meta({ description: 'What the owner does, step by step.' }),
      apiUrl: z
        .strictObject({
          required: z.boolean().meta({ description: 'Whether it has to be entered.' }),
          default: z.string().nullable().meta({ description: 'What is used when it is left out.' }),
          label: Text.meta({ description: 'What it is called.' }),
          help: Text.meta({ description: 'What it looks like, and where to find it.' }),
        })
        .meta({ description: 'About `apiUrl` of an integration.' }),
      credentials: z
        .array(
          z.strictObject({
            name: z.enum([...CREDENTIAL_NAMES.keys()]).meta({ description: 'Its name in `credentials`.' }),
            required: z.boolean().meta({ description: 'Whether the CRM needs it.' }),
            isSecret: z.boolean().meta({ description: 'Whether a form hides what is typed.' }),
            label: Text.meta({ description: 'What it is called in the CRM.' }),
            help: Text.meta({ description: 'Where the owner finds it.' }),
          }),
        )
        .meta({ description: 'What the owner enters, in the order of a form.' }),
      additionalConfigSchema: z
        .record(z.string(), z.unknown())
        .meta({ description: 'JSON Schema of `additionalConfig`; `x-ru` has its texts in Russian.' }),
      settings: z.array(Setting).meta({ description: 'The members of `additionalConfig`, in the order of a form.' }),
      capabilityTitles: z.array(NamedText).meta({
        description: 'Of the lines of a connection test. A name that ends with `*` stands for all that begin so.',
      }),
      capabilities: z
        .strictObject({
          webhooks: z.boolean().meta({ description: 'Reports its changes.' }),
          backfill: z.boolean().meta({ description: 'Past periods can be pulled.' }),
          fetchOne: z.boolean().meta({ description: 'One sale can be read by its id.' }),
          imports: z.boolean().meta({ description: 'Takes files: `POST …/imports`.' }),
        })
        .meta({ description: 'What works with this CRM.' }),
    }),
  )
  .meta({ id: 'CrmType', description: 'A CRM that can be connected, and what it needs.' })

const CrmTypes = listOf(CrmType, 'CrmTypeList')

type AnyConnector = Connector<unknown, unknown>
type Field = AnyConnector['credentials'][number]

function presentField({ name, publicName = name, required, isName, label, help }: Field, isServed: boolean) {
  return { name: publicName, required: required && !isServed, isSecret: isName !== true, label, help }
}

/** The service has tokens of its own, which serve the branches that a business has claimed. */
function hasMarketplace({ marketplace }: AnyConnector, { marketplaces }: Context['config']): boolean {
  return marketplace?.brands.some(({ brand }) => marketplaces[brand] !== undefined) === true
}

function waysOf(connector: AnyConnector, config: Context['config']) {
  const { type, credentials, marketplace, oauth, imports, isFileAddress } = connector
  const { apps } = config
  return [
    ...(marketplace ? [{ name: 'marketplace' as const, isAvailable: hasMarketplace(connector, config) }] : []),
    ...(credentials.length > 0 ? [{ name: 'credentials' as const, isAvailable: true }] : []),
    ...(oauth ? [{ name: 'consent' as const, isAvailable: apps[type]?.some((app) => app.oauth) === true }] : []),
    ...(imports ? [{ name: 'upload' as const, isAvailable: true }] : []),
    ...(isFileAddress ? [{ name: 'file_address' as const, isAvailable: true }] : []),
  ]
}

const USUAL_ADDRESS = {
  label: { en: 'Address of the API', ru: 'Адрес API' },
  help: { en: 'Leave it as it is.', ru: 'Оставьте как есть.' },
}

function presentType(connector: AnyConnector, config: Context['config']) {
  const { type, title, form, credentials, settings } = connector
  const { $schema: _, ...additionalConfigSchema } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' })
  const named = Object.entries<Titled>(form.settings)
  return {
    ...{ crmType: type, title, ways: waysOf(connector, config), minutes: form.minutes, guide: form.guide },
    apiUrl: {
      required: connector.needsApiUrl === true || connector.needsOwnOrigin === true,
      default: connector.defaultApiUrl({}),
      ...(form.apiUrl ?? USUAL_ADDRESS),
    },
    credentials: credentials.map((field) => presentField(field, hasMarketplace(connector, config))),
    additionalConfigSchema: titled(additionalConfigSchema, form),
    settings: named.map(([name, { title, help = null, isMain = false, options = {} }]) => {
      const titled = Object.entries(options).map(([value, title]) => ({ value, title }))
      return { name, title, help, isMain, options: titled }
    }),
    capabilityTitles: Object.entries(capabilityTitles(form)).map(([name, title]) => ({ name, title })),
    capabilities: { ...connector.capabilities, imports: connector.imports !== undefined },
  }
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
    handle: async ({ context: { config } }) => {
      const items = CONNECTORS.map((connector) => presentType(connector, config))
      return { status: 200, body: { items, nextCursor: null } }
    },
  }),
]
