// Customers to erase, and a search for what is left of them.
import { sql } from 'drizzle-orm'
import { createWriter, transaction, type Writer } from '#test/pages.ts'
import { caller, type Connected, createSalonTenant } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly phone: string
  readonly email: string
}

/** Nobody else in the database is called so. */
export function somebody(): Person {
  const digits = String(crypto.getRandomValues(new Uint32Array(1))[0])
    .padStart(10, '0')
    .slice(-7)
  const code = 900 + (digits.charCodeAt(0) % 50)
  return {
    id: `c-${digits}`,
    name: `Вероника ${digits}ская`,
    phone: `+7${code}${digits}`,
    email: `v${digits}@example.com`,
  }
}

export const customerOf = ({ id, name, phone, email }: Person) => ({
  externalId: id,
  name,
  phone,
  email,
  card: `card-${id}`,
})

export async function erase(tenant: Connected, body: unknown) {
  const admin = caller(tenant.context, await adminToken())
  const { status, json, text } = await admin('POST', `/v1/businesses/${tenant.businessId}/erasures`, body)
  if (status !== 200) throw new Error(text)
  return json
}

/** The tables and files in which something of the person stands, in any form that a dump shows. */
export async function tracesOf(tenant: Connected, { name, phone, email, id }: Person): Promise<string[]> {
  const words = [name, phone.slice(-10), email, `card-${id}`]
  const hex = words.map((word) => new TextEncoder().encode(word).toHex())
  const pattern = [...words, ...hex].join('|').replaceAll('.', String.raw`\.`)
  const { db, files } = tenant.context
  const tables = await db.execute<{ name: string; is_own: boolean }>(sql`
    select c.relname as name, exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'integration_id') as is_own
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and not c.relispartition`)
  const parts = tables.rows.map(
    ({ name: table, is_own: isOwn }) => sql`
      select ${table} as name where exists (select from ${sql.identifier(table)} t where t::text ~ ${pattern}
        and ${isOwn ? sql`integration_id = ${tenant.integrationId}::uuid` : sql`true`})`,
  )
  const found = (await db.execute<{ name: string }>(sql.join(parts, sql` union all `))).rows.map((row) => row.name)
  const { objects } = await files.list({ prefix: `imports/${tenant.integrationId}/` })
  for (const { key } of objects) {
    const file = (await (await files.get(key))?.text()) ?? ''
    if (words.some((word) => file.includes(word))) found.push(key)
  }
  return found
}

/** Sales of the customer and of others, one with a former state. */
export async function filled(person: Person): Promise<Writer> {
  const writer = await createWriter(await createSalonTenant())
  const customer = customerOf(person)
  await writer.write([
    transaction('a', { customer, amountMinor: 500 }),
    transaction('b', { customer: { ...customer, phone: null, email: null } }),
    transaction('c'),
    transaction('d', { customer }),
  ])
  await writer.write([
    transaction('a', { customer, amountMinor: 700, sourceUpdatedAt: '2026-11-02T10:00:00Z' }),
    transaction('d', { sourceUpdatedAt: '2026-11-02T10:00:00Z' }),
  ])
  return writer
}

export const without = ({ id }: Person) => ({ externalId: id, name: null, phone: null, email: null, card: null })
