// The Worker's bindings, with the database of this test worker.
import { env as bindings } from 'cloudflare:test'
import { ownDatabase } from '#test/databases.ts'

const { url, endpoint } = ownDatabase()

export const env: Env & { readonly NEON_FETCH_ENDPOINT: string } = {
  ...bindings,
  DATABASE_URL: url,
  NEON_FETCH_ENDPOINT: endpoint,
}
