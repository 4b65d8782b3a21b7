// What a person types into the page to connect a sandbox, by the labels that the page shows.
import * as z from 'zod'
import type { ServedSandbox } from '#dev/serve-sandbox.ts'

const Text = z.object({ en: z.string() })
const CrmTypes = z.object({
  items: z.array(
    z.object({
      crmType: z.string(),
      apiUrl: z.object({ label: Text }),
      credentials: z.array(z.object({ name: z.string(), label: Text })),
      settings: z.array(z.object({ name: z.string(), title: Text })),
    }),
  ),
})

/** `crmTypes`: the answer of `GET /v1/crm-types`. A line for each field. */
export function pageEntries(crmTypes: unknown, { url, sandbox: { connection, addressed } }: ServedSandbox): string[] {
  const type = CrmTypes.parse(crmTypes).items.find(({ crmType }) => crmType === connection.crmType)
  if (!type) return []
  const settings = Object.entries({ ...connection.additionalConfig, ...addressed?.(url) })
  const entered = [
    ...settings.map(([name, value]) => [type.settings.find((one) => one.name === name)?.title.en, value] as const),
    ...type.credentials.map(({ name, label }) => [label.en, connection.credentials[name]] as const),
    [type.apiUrl.label.en, url] as const,
  ]
  return entered.flatMap(([label, value]) =>
    label !== undefined && (typeof value === 'string' || typeof value === 'number') ? [`${label}: ${value}`] : [],
  )
}
