import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { expect, it } from 'vitest'
import * as schema from '#db/schema/index.ts'
import { SEALED_COLUMNS } from '#keys/sealed-columns.ts'

/** Columns of bytes that hold nothing sealed, and what they hold. */
const OTHERS: Readonly<Record<string, string>> = {
  'connect_sessions.browser_hash': 'a hash',
  'crm_integrations.webhook_token_hash': 'a hash',
  'deployment.address_probe': 'a hash',
  'erased_customers.hash': 'a hash',
  'idempotency_keys.key_hash': 'a hash',
  'idempotency_keys.request_hash': 'a hash',
  'kept_integrations.connection_hash': 'a hash',
  'marketplace_tickets.ticket_hash': 'a hash',
  'oauth_states.state_hash': 'a hash',
  'oauth_states.ticket_hash': 'a hash',
  'sealing_keys.probe': 'says which key is which, and stays with its key',
  'webhook_deliveries.body': 'what a CRM sent',
}

it('are all that hold bytes, but for hashes and bodies: a new one is sealed anew, or says why not', () => {
  const tables = Object.values<unknown>(schema).filter((one) => is(one, PgTable))
  const inSchema = tables.flatMap((table) => {
    const { name, columns } = getTableConfig(table)
    return columns.filter((column) => column.getSQLType() === 'bytea').map((column) => `${name}.${column.name}`)
  })
  const known = [...SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`), ...Object.keys(OTHERS)]
  expect(inSchema.toSorted()).toEqual(known.toSorted())
})
