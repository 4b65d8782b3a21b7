import type { Route } from '#api/route.ts'
import { spelled } from '#api/openapi/headers.ts'
import { type Json, parametersOf } from '#api/openapi/schemas.ts'

const uuid = (name: string, description: string): Json => ({
  ...{ name, in: 'path', required: true, description },
  schema: { type: 'string', format: 'uuid' },
})
const word = (name: string, description: string): Json => ({
  ...{ name, in: 'path', required: true, description },
  schema: { type: 'string' },
})

/** The parameters of paths, by themselves and the part of the path before them. */
const OF_PATHS: Readonly<Record<string, readonly [name: string, parameter: Json]>> = {
  'businesses/{id}': ['BusinessId', uuid('id', 'The business.')],
  'connect-sessions/{id}': ['ConnectSessionId', uuid('id', 'The connect session.')],
  'integrations/{id}': ['IntegrationId', uuid('id', 'The integration.')],
  'runs/{runId}': ['RunId', uuid('runId', 'The run.')],
  'imports/{runId}': ['ImportRunId', uuid('runId', 'The run of the import.')],
  'transactions/{transactionId}': ['TransactionId', uuid('transactionId', 'The transaction, by its `id`.')],
  'webhook-deliveries/{deliveryId}': ['DeliveryId', uuid('deliveryId', 'The delivery.')],
  'webhook-endpoints/{id}': ['EndpointId', uuid('id', 'The endpoint.')],
  'deliveries/{deliveryId}': ['EventDeliveryId', uuid('deliveryId', 'The delivery.')],
  'uploads/{uploadId}': ['UploadId', uuid('uploadId', 'The upload, by the `id` that it was opened with.')],
  'retest/{retestId}': ['RetestId', uuid('retestId', 'The order, by its `id`.')],
  'webhooks/{crmType}': ['WebhookCrmType', word('crmType', 'The CRM that calls, as `crmType` of the integration.')],
  '{crmType}/{token}': ['WebhookToken', word('token', 'The secret part of the integration’s `webhookUrl`.')],
}

const LANGUAGE: Json = {
  ...{ name: 'Accept-Language', in: 'header', required: false },
  description: 'The language of every text that a person may read: `ru` or `en`, which is the default; weights count.',
  schema: { type: 'string', examples: ['ru'] },
}

const IDEMPOTENCY_KEY: Json = {
  ...{ name: 'Idempotency-Key', in: 'header', required: false },
  description: [
    'A name of your own for this request. Repeated with the same body within 24 hours, it is answered as the first time,',
    'with `Idempotency-Replayed: true`, and has no second effect. With another body: 422 `idempotency_key_reused`; while',
    'the first is under way: 409 `request_in_progress`. Answers 429 and 5xx are not kept. Once an integration is deleted,',
    'no answer of its own calls is given again: they are 404. Its creation is answered as the first time, so that no',
    'repeat brings it back. 409 `idempotent_answer_lost`: the service can no longer read the answer.',
  ].join(' '),
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$', examples: ['import-2026-03-02'] },
}

export function parameterComponents(): Json {
  return { ...Object.fromEntries(Object.values(OF_PATHS)), AcceptLanguage: LANGUAGE, IdempotencyKey: IDEMPOTENCY_KEY }
}

export function parameters({ path, params, query, headers, takesIdempotencyKey }: Route): readonly Json[] {
  return [
    ...ofPath(path, params === null ? [] : described('path', params)),
    ...(query === null ? [] : described('query', query)),
    ...(headers === null ? [] : described('header', headers)),
    ...(takesIdempotencyKey ? [reference('IdempotencyKey')] : []),
    reference('AcceptLanguage'),
  ]
}

function ofPath(path: string, own: readonly Json[]): readonly Json[] {
  const parts = path.split('/')
  return parts.flatMap((part, at) => {
    if (!part.startsWith('{')) return []
    const place = `${parts[at - 1]}/${part}`
    const known = OF_PATHS[place]
    const parameter = own.find((one) => part === `{${String(one['name'])}}`) ?? (known && reference(known[0]))
    if (!parameter) throw new Error(`${place} needs a description in ${path}`)
    return [parameter]
  })
}

function reference(name: string): Json {
  return { $ref: `#/components/parameters/${name}` }
}

function described(place: 'path' | 'query' | 'header', schema: NonNullable<Route['query']>): readonly Json[] {
  return parametersOf(schema).map(([name, { description, ...schema }, required]) => ({
    name: place === 'header' ? spelled(name) : name,
    ...{ in: place, required, description, schema },
  }))
}
