// Where a restaurant's webhooks go, and of what they tell: every update replaces it as a whole.
import * as z from 'zod'

const Filter = z
  .strictObject({ orderStatuses: z.array(z.string()), itemStatuses: z.array(z.string()), errors: z.boolean() })
  .nullish()
const Settings = z.strictObject({
  webHooksUri: z.union([z.literal(''), z.url()]).nullable(),
  authToken: z.string().nullish(),
  webHooksFilter: z.looseObject({ deliveryOrderFilter: Filter, tableOrderFilter: Filter }).nullish(),
})
export type HookSettings = z.infer<typeof Settings>
export const HookUpdate = Settings.extend({ organizationId: z.guid() })

export const NO_HOOKS: HookSettings = { webHooksUri: null, authToken: null, webHooksFilter: null }
