// The service with other keys. Keys are of the whole database of a test worker, so a test that changes them puts back
// what others expect.
import { sql } from 'drizzle-orm'
import { importKeyring } from '#crypto/keyring.ts'
import { reseal } from '#keys/reseal.ts'
import { createTestContext, type TestContext } from '#test/context.ts'

const key = (byte: number) => btoa(String.fromCharCode(...Array.from({ length: 32 }, () => byte)))
/** As vitest.config.ts has it. */
export const OLD = `test:${key(7)}`
export const NEW = `k2:${key(9)}`

export function withKeys<C extends Pick<TestContext, 'keyring'>>(context: C, keys: string): C {
  const ring = importKeyring(keys)
  return { ...context, keyring: async () => ring }
}

/** For the end of a test that has sealed with NEW. */
export async function restoreKeys(): Promise<void> {
  const context = createTestContext()
  await reseal(withKeys(context, `${OLD},${NEW}`))
  await forgetStart()
}

/** As a database that no Worker has used yet. */
export async function forgetStart(): Promise<void> {
  const { db } = createTestContext()
  await db.batch([db.execute(sql`delete from deployment`), db.execute(sql`delete from sealing_keys`)])
}
