// Asks why a sale counts as it does.
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Connected } from '#test/tenants.ts'

/** `query`: what follows the id. However many were asked for within a minute: the limit has a test of its own. */
export async function explain(tenant: Connected, externalId: string, query = '', language = 'ru') {
  await tenant.context.db.execute(sql`update businesses set tested_at = '{}' where id = ${tenant.businessId}::uuid`)
  const path = `${tenant.path}/explanation?externalId=${encodeURIComponent(externalId)}${query}`
  const { status, json, text } = await tenant.call('GET', path, undefined, { 'accept-language': language })
  expect(status, text).toBe(200)
  return json
}
