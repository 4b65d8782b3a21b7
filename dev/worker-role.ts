// The database role of the Worker: it reads and writes rows, and can change no schema.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from './script.ts'

export const WORKER_ROLE = 'crm_worker'
const SQL = readFileSync(join(import.meta.dirname, 'worker-role.sql'), 'utf8')

/** Makes the role, or gives it another password, in the owner's database. The URL that the Worker connects by. */
export async function grantWorker(ownerUrl: string, password = newPassword()): Promise<string> {
  const client = await openDatabase(ownerUrl)
  try {
    await client.query(SQL.replaceAll('CHANGE-ME', password))
  } finally {
    await client.end()
  }
  const url = new URL(ownerUrl)
  url.username = WORKER_ROLE
  url.password = password
  return url.href
}

/** A role is the whole server's: whoever has several databases on one gives the same to all. */
export function newPassword(): string {
  return randomBytes(24).toString('hex')
}
