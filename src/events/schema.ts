import * as z from 'zod'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { EVENT_TYPES } from '#events/types.ts'

/** As long as addresses of integrations, with a path of some length. */
const URL_MAX = 2000
const DESCRIPTION_MAX = 200

const url = z
  .string()
  .trim()
  .min(1)
  .max(URL_MAX)
  .meta({ description: 'Where events are sent by POST: a public https address. Redirects are not followed.' })
const types = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .max(EVENT_TYPES.length)
  .nullable()
  .meta({ description: 'The types that it hears of; null: all, also those that are added later.' })
const description = z
  .string()
  .max(DESCRIPTION_MAX)
  .nullable()
  .meta({ description: 'For people.', examples: ['Production'] })

export const CreateEndpoint = z
  .strictObject({
    url,
    types: types.optional(),
    businessId: z.guid().optional().meta({
      description: 'The business that it hears of. An admin who leaves it out makes one that hears of all.',
    }),
    description: description.optional(),
  })
  .meta({ id: 'CreateEndpoint', description: 'A new endpoint for events.' })
export type CreateEndpoint = z.infer<typeof CreateEndpoint>

export const UpdateEndpoint = z
  .strictObject({
    url: url.optional(),
    types: types.optional(),
    description: description.optional(),
    isEnabled: z.boolean().optional().meta({
      description: 'Whether it hears of anything. What waited when it was switched off is sent when it is on again.',
    }),
  })
  .meta({ id: 'UpdateEndpoint', description: 'What to change; what is left out stays.' })
export type UpdateEndpoint = z.infer<typeof UpdateEndpoint>

export const Endpoint = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the endpoint.' }),
    businessId: z.guid().nullable().meta({ description: 'The business that it hears of; null: of all.' }),
    url,
    types,
    description,
    isEnabled: z.boolean().meta({ description: 'Whether it hears of anything.' }),
    disabledAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When it was switched off for failing for five days; null: it was not.' }),
    failingSince: z.iso.datetime().nullable().meta({ description: 'Since when it has taken no event.' }),
    formerSecretUntil: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Until when the secret before the last rotation signs as well.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was created.' }),
    updatedAt: z.iso.datetime().meta({ description: 'When it was last changed.' }),
  })
  .meta({ id: 'Endpoint', description: 'Where events are sent to.' })
export type Endpoint = z.infer<typeof Endpoint>

export const EndpointWithSecret = Endpoint.extend({
  secret: z.string().meta({ description: 'Signs the events (`whsec_…`). It is shown this once.' }),
}).meta({ id: 'EndpointWithSecret', description: 'An endpoint, and the secret that was just made.' })

export interface EndpointRow extends Record<string, unknown> {
  readonly id: string
  readonly business_id: string | null
  readonly url: string
  readonly types: Endpoint['types']
  readonly description: string | null
  readonly is_enabled: boolean
  readonly disabled_at: string | null
  readonly failing_since: string | null
  readonly former_until: string | null
  readonly created_at: string
  readonly updated_at: string
}

export function presentEndpoint(row: EndpointRow, now: Date): Endpoint {
  const formerUntil = isoInstantOrNull(row.former_until)
  return {
    ...{ id: row.id, businessId: row.business_id, url: row.url, types: row.types, description: row.description },
    isEnabled: row.is_enabled,
    disabledAt: isoInstantOrNull(row.disabled_at),
    failingSince: isoInstantOrNull(row.failing_since),
    formerSecretUntil: formerUntil !== null && Date.parse(formerUntil) > now.getTime() ? formerUntil : null,
    createdAt: isoInstant(row.created_at),
    updatedAt: isoInstant(row.updated_at),
  }
}
