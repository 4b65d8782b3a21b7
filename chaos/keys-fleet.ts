// A fleet of integrations whose every kind of secret is sealed, stored without the API, which would take minutes.
import { randomBytes, randomUUID } from 'node:crypto'
import { ADDRESS_KEY } from '#bench/serve.ts'
import { importAddressKey } from '#crypto/address-key.ts'
import { sha256 } from '#crypto/digest.ts'
import { importKeyring, type Keyring } from '#crypto/keyring.ts'
import { open, seal } from '#crypto/seal.ts'
import { mintWebhookToken } from '#integrations/webhook-token.ts'
import { SEALED_COLUMNS, type SealedColumn } from '#keys/sealed-columns.ts'
import type { Service } from './service.ts'

export interface Member {
  readonly id: string
  readonly businessId: string
  /** The path of its webhook address, as somebody has entered it in a CRM. */
  readonly address: string
}

const CRM = 'yclients'
const BATCH = 500

const bytes = (value: Uint8Array) => `'\\x${value.toHex()}'::bytea`

/** Each has credentials, an address, a grant, a consent under way and a kept answer. */
export async function storeFleet(service: Service, size: number, keys: string): Promise<Member[]> {
  const [keyring, addressKey] = await Promise.all([importKeyring(keys), importAddressKey(ADDRESS_KEY)])
  const members: Member[] = []
  for (let begun = 0; begun < size; begun += BATCH) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(BATCH, size - begun) }, async () => {
        const token = await mintWebhookToken({ addressKey: async () => addressKey }, CRM)
        return rowOf({ id: randomUUID(), businessId: randomUUID(), address: `/webhooks/${CRM}/${token}` }, keyring)
      }),
    )
    for (const [table, columns] of Object.entries(INSERTED)) {
      await service.query(`insert into ${table} (${columns}) values ${rows.map((row) => row.values[table]).join(',')}`)
    }
    members.push(...rows.map(({ member }) => member))
  }
  return members
}

/** In the order of their foreign keys. */
const INSERTED: Readonly<Record<string, string>> = {
  businesses: 'id, name, timezone, currency',
  crm_integrations:
    'id, business_id, crm_type, additional_config, api_key, api_secret, extra_secret, session_token, webhook_token, webhook_token_hash',
  oauth_grants: 'integration_id, access_until, previous_token',
  oauth_states: 'state_hash, business_id, subject, expires_at, parked',
  idempotency_keys: 'key_hash, business_id, claim_id, claimed_until, answer',
}

async function rowOf(member: Member, keyring: Keyring) {
  const { id, businessId, address } = member
  const token = address.slice(address.lastIndexOf('/') + 1)
  const hash = new Uint8Array(randomBytes(32))
  const sealed = async (table: string, column: string, integrationId: string, text = `${column} of ${integrationId}`) =>
    bytes(await seal(text, keyring, { table, column, integrationId, businessId }))
  const own = async (column: string, text?: string) => sealed('crm_integrations', column, id, text)
  const secrets = await Promise.all([
    ...['api_key', 'api_secret', 'extra_secret', 'session_token'].map(async (column) => own(column)),
    own('webhook_token', token),
  ])
  const values: Readonly<Record<string, string>> = {
    businesses: `('${businessId}', 'Салон', 'Europe/Moscow', 'RUB')`,
    crm_integrations: `('${id}', '${businessId}', '${CRM}', '{"companyId":1}', ${secrets.join(', ')}, ${bytes(await sha256(token))})`,
    oauth_grants: `('${id}', now(), ${await sealed('oauth_grants', 'previous_token', id)})`,
    oauth_states: `(${bytes(hash)}, '${businessId}', 's', now() + interval '1 hour', ${await sealed('oauth_states', 'parked', hash.toHex())})`,
    idempotency_keys: `(${bytes(hash)}, '${businessId}', '${id}', now(), ${await sealed('idempotency_keys', 'answer', hash.toHex())})`,
  }
  return { member, values }
}

interface Opened {
  readonly values: number
  /** What these keys do not open. */
  readonly unopened: number
}

/** Opens everything that is sealed in the database. */
export async function openAll(service: Service, keys: string): Promise<Opened> {
  const keyring = await importKeyring(keys)
  const found = { values: 0, unopened: 0 }
  for (const column of SEALED_COLUMNS) {
    for (const row of await sealedRows(service, column)) {
      const { table, sealedAs = column.column } = column
      const place = { table, column: sealedAs, integrationId: row.key, businessId: row.business }
      found.values += 1
      if (!(await opens(row.sealed, keyring, place))) found.unopened += 1
    }
  }
  return found
}

async function sealedRows(service: Service, { table, column, key, keyType, business }: SealedColumn) {
  const id = keyType === 'uuid' ? `t.${key}::text` : `encode(t.${key}, 'hex')`
  return service.query<{ key: string; business: string; sealed: Uint8Array }>(
    `select ${id} as key, coalesce(${business}::text, '') as business, t.${column} as sealed from ${table} t where t.${column} is not null`,
  )
}

async function opens(...[sealed, keyring, place]: Parameters<typeof open>): Promise<boolean> {
  return open(new Uint8Array(sealed), keyring, place).then(
    () => true,
    () => false,
  )
}
