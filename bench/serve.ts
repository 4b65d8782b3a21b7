// Workers of a bench or a proof, on its database: the service as it is deployed, and such as stand beside it or do one
// part of its work.
import { randomBytes } from 'node:crypto'
import { basename, join } from 'node:path'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import { mintToken } from '#dev/token.ts'
import { buildWorker, bundleEntry } from './bundle.ts'
import { type Served, serveWorker, type WorkerOptions } from './workerd.ts'

const JWT_SECRET = randomBytes(32).toString('base64url')
const TOKEN_SECONDS = 6 * 3600
export const ENCRYPTION_KEYS = `bench:${Buffer.alloc(32, 1).toString('base64')}`
export const ADDRESS_KEY = Buffer.alloc(32, 2).toString('base64')

/** What a Worker is served on: a BenchEnv, say. */
interface Base {
  readonly directory: string
  readonly databaseUrl: string
  readonly endpoint: string
}

interface ServeOptions extends WorkerOptions {
  readonly bindings?: Readonly<Record<string, string>>
}

/** What the service is bound to, but for queue and files. */
export function serviceBindings({ databaseUrl, endpoint }: Omit<Base, 'directory'>) {
  return {
    ...{ DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: endpoint, ENVIRONMENT: 'development' },
    ...{ ENCRYPTION_KEYS, ADDRESS_KEY },
    ...{ AUTH_JWT_SECRET: JWT_SECRET, AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE },
  }
}

/** For the service, however it is served. `businessId` null: for all businesses. */
export async function tokenFor(businessId: string | null, scope: string): Promise<string> {
  return mintToken(JWT_SECRET, { businessId, scope, ttlSeconds: TOKEN_SECONDS })
}

/** The service as it is deployed. */
export async function serveService(base: Base, { bindings, ...options }: ServeOptions = {}): Promise<Served> {
  return serveWorker(join(base.directory, 'service'), buildWorker(), {
    ...{ ...options, hasBudget: true },
    bindings: { ...serviceBindings(base), ...bindings },
  })
}

/** A Worker of this folder, bound to all that the service is bound to. */
export async function serveEntry(base: Base, entry: string, { bindings, ...options }: ServeOptions = {}) {
  const directory = join(base.directory, basename(entry, '.ts'))
  const script = await bundleEntry(join(import.meta.dirname, entry), `${directory}.js`)
  return serveWorker(directory, script, { ...options, bindings: { ...serviceBindings(base), ...bindings } })
}
