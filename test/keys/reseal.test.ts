import { type SQL, sql } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'
import { open, seal } from '#crypto/seal.ts'
import { createDb } from '#db/client.ts'
import { hexBytes } from '#db/bytea.ts'
import { updateIntegration } from '#integrations/update.ts'
import { reseal } from '#keys/reseal.ts'
import { SEALED_COLUMNS, type SealedColumn } from '#keys/sealed-columns.ts'
import { createTestContext } from '#test/context.ts'
import { query } from '#test/pages.ts'
import { NEW, OLD, restoreKeys, withKeys } from '#test/rings.ts'
import { caller, createSalonTenant, request, type Salon, serveInProcess, sync } from '#test/tenants.ts'
import { adminToken, tenantToken } from '#test/tokens.ts'

const BOTH = `${NEW},${OLD}`

afterEach(async () => {
  await createTestContext().db.execute(sql`delete from event_endpoints where octet_length(secret) < 3`)
  await restoreKeys()
})

/** Rows for the tables that a new integration has none of; each has the key as a parameter. */
const ROWS: Readonly<Record<string, (salon: Salon, key: string) => SQL>> = {
  event_endpoints: ({ businessId }, key) => sql`insert into event_endpoints (id, business_id, url, secret, is_enabled)
    values (${key}::uuid, ${businessId}::uuid, 'https://example.com', '\\x00', false)`,
  oauth_grants: (_, key) => sql`insert into oauth_grants (integration_id, access_until) values (${key}::uuid, now())`,
  oauth_states: ({ businessId }, key) => sql`
    insert into oauth_states (state_hash, business_id, subject, expires_at)
    values (decode(${key}, 'hex'), ${businessId}::uuid, 's', now())`,
  idempotency_keys: ({ businessId }, key) => sql`
    insert into idempotency_keys (key_hash, business_id, claim_id, claimed_until)
    values (decode(${key}, 'hex'), ${businessId}::uuid, gen_random_uuid(), now())`,
}

async function placeIn(salon: Salon, { table, column, sealedAs = column, keyType }: SealedColumn) {
  const isOwn = keyType === 'uuid'
  const id = isOwn ? salon.integrationId : crypto.getRandomValues(new Uint8Array(32)).toHex()
  const row = ROWS[table]
  if (row) await query(salon, row(salon, id))
  return { table, column: sealedAs, integrationId: id, businessId: salon.businessId }
}

const where = ({ key, keyType }: SealedColumn, id: string) =>
  keyType === 'uuid' ? sql`${sql.raw(key)} = ${id}::uuid` : sql`${sql.raw(key)} = decode(${id}, 'hex')`

async function sealedIn(salon: Salon, column: SealedColumn, id: string): Promise<Uint8Array> {
  const [row] = await query(
    salon,
    sql`select ${sql.raw(column.column)} as v from ${sql.raw(column.table)} where ${where(column, id)}`,
  )
  if (!(row?.['v'] instanceof Uint8Array)) throw new Error('nothing is sealed there')
  return row['v']
}

describe('sealing anew', () => {
  it.each(SEALED_COLUMNS.map((one) => [`${one.table}.${one.column}`, one] as const))(
    'makes what an old key has sealed in %s open with the new one alone',
    async (_, column) => {
      const salon = await createSalonTenant()
      const place = await placeIn(salon, column)
      const old = await seal('a secret', await salon.context.keyring(), place)
      await query(
        salon,
        sql`update ${sql.raw(column.table)} set ${sql.raw(column.column)} = ${hexBytes(old)}::bytea
          where ${where(column, place.integrationId)}`,
      )
      await reseal(withKeys(salon.context, BOTH))
      const fresh = await sealedIn(salon, column, place.integrationId)
      expect(await open(fresh, await withKeys(salon.context, NEW).keyring(), place)).toBe('a secret')
    },
  )

  it('counts for each key what it seals, and forgets one that seals nothing', async () => {
    const salon = await createSalonTenant()
    const admin = caller(salon.context, await adminToken())
    await admin('POST', '/v1/admin/reseal')
    const { json } = await admin('GET', '/v1/admin/health')
    expect(json.keys).toMatchObject([{ id: 'test', isFirst: true, isKnown: true }])
    const { values } = json.keys[0]
    expect(values).toBeGreaterThan(1)
    const { keys, resealed } = await reseal(withKeys(salon.context, BOTH))
    expect(keys).toMatchObject([{ id: 'k2', isFirst: true, values }])
    expect(resealed).toBe(values)
    expect(await reseal(withKeys(salon.context, BOTH))).toMatchObject({ resealed: 0, unreadable: 0 })
  })

  it('leaves what it cannot open as it is, and says how much that is', async () => {
    const salon = await createSalonTenant()
    const column = SEALED_COLUMNS.find((one) => one.column === 'extra_secret')
    if (!column) throw new Error('no such column')
    // Sealed for another column.
    const damaged = hexBytes(await sealedIn(salon, { ...column, column: 'api_key' }, salon.integrationId))
    await query(
      salon,
      sql`update crm_integrations set extra_secret = ${damaged}::bytea where id = ${salon.integrationId}::uuid`,
    )
    expect((await reseal(withKeys(salon.context, BOTH))).unreadable).toBe(1)
    expect(hexBytes(await sealedIn(salon, column, salon.integrationId))).toBe(damaged)
    await query(salon, sql`update crm_integrations set extra_secret = null where id = ${salon.integrationId}::uuid`)
  })

  it('keeps what was stored after it read', async () => {
    const salon = await createSalonTenant()
    const { config, clock, random } = salon.context
    let isChanged = false
    const db = createDb({
      ...{ databaseUrl: config.databaseUrl, endpoint: config.neonEndpoint, clock, random },
      fetch: async (input, init) => {
        if (!isChanged && typeof init?.body === 'string' && init.body.includes('skip locked')) {
          isChanged = true
          await salon.call('PATCH', salon.path, { credentials: { apiKey: 'entered meanwhile' } })
        }
        return fetch(input, init)
      },
    })
    await reseal({ ...withKeys(salon.context, BOTH), db })
    const column = SEALED_COLUMNS[0]
    if (column?.column !== 'api_key') throw new Error('another column comes first')
    const kept = await sealedIn(salon, column, salon.integrationId)
    const { integrationId, businessId } = salon
    const place = { table: 'crm_integrations', column: 'api_key', integrationId, businessId }
    expect(await open(kept, await salon.context.keyring(), place)).toBe('entered meanwhile')
  })

  it('is not undone by a change that had read before it', async () => {
    const salon = await createSalonTenant()
    const change = { syncIntervalMinutes: 8 }
    await updateIntegration(withKeys(salon.context, BOTH), {
      ...{ integrationId: salon.integrationId, tenant: null, change, showsSales: false, language: 'en' },
      requestUrl: 'https://api.example.com',
      precondition: async () => void (await reseal(withKeys(salon.context, BOTH))),
    })
    expect(await reseal(withKeys(salon.context, BOTH))).toMatchObject({ resealed: 0 })
  })

  it('breaks no sync and no address that was entered in a CRM before', async () => {
    const salon = await createSalonTenant()
    const { webhookUrl } = (await salon.call('GET', salon.path)).json
    await reseal(withKeys(salon.context, BOTH))
    const rotated = createTestContext(serveInProcess(salon.sandbox), { ENCRYPTION_KEYS: NEW })
    const tenant = { ...salon, context: rotated, call: caller(rotated, await tenantToken(salon.businessId)) }
    expect((await tenant.call('GET', salon.path)).json.webhookUrl).toBe(webhookUrl)
    expect((await sync(tenant)).status).toBe('succeeded')
    const { status } = await request(rotated, new URL(webhookUrl).pathname, { method: 'POST', body: '{}' })
    expect(status).toBe(200)
  })
})
