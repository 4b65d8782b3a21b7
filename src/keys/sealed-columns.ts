// Every column of the database that holds sealed values. test/keys/ fails for a bytea column that is neither here nor
// known to hold something else, so a new one is not forgotten when a key is changed.

export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The column in the seal, where it is not its own: what moves from one column to another opens in both. */
  readonly sealedAs?: string
  /** The table's primary key, whose text stands in the seal as the integration. */
  readonly key: string
  readonly keyType: 'uuid' | 'bytea'
  /** The business in the seal, in terms of a row `t`; none: the empty text. */
  readonly business: string
}

const ofIntegration = (column: string): SealedColumn => ({
  ...{ table: 'crm_integrations', column, key: 'id', keyType: 'uuid', business: 't.business_id' },
})

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  ...['api_key', 'api_secret', 'extra_secret', 'session_token', 'webhook_token'].map(ofIntegration),
  {
    ...{ table: 'oauth_grants', column: 'previous_token', key: 'integration_id', keyType: 'uuid' },
    business: '(select i.business_id from crm_integrations i where i.id = t.integration_id)',
  },
  { table: 'oauth_states', column: 'parked', key: 'state_hash', keyType: 'bytea', business: 't.business_id' },
  ...['secret', 'former_secret'].map((column) => ({
    ...{ table: 'event_endpoints', column, sealedAs: 'secret', key: 'id', keyType: 'uuid' as const },
    business: `coalesce(t.business_id::text, '')`,
  })),
  { table: 'idempotency_keys', column: 'answer', key: 'key_hash', keyType: 'bytea', business: 't.business_id' },
]
