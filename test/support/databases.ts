// What the global setup hands to the test workers.
import { inject } from 'vitest'

export interface TestDatabase {
  /** As the Worker connects: rows only. */
  readonly url: string
  /** As migrations do. */
  readonly ownerUrl: string
  /** The Neon endpoint before it. */
  readonly endpoint: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** By the `VITEST_POOL_ID` of the worker that it is for. */
    databases: Readonly<Record<string, TestDatabase>>
    /** What wrangler.toml names. */
    wrangler: { readonly crons: readonly string[]; readonly queues: readonly string[]; readonly deadQueue: string }
  }
}

/** The database of this test worker: each of those that run at a time has one of its own. */
export function ownDatabase(): TestDatabase {
  const worker = process.env['VITEST_POOL_ID'] ?? 'without a name'
  const database = inject('databases')[worker]
  if (!database) throw new Error(`no database was made for test worker ${worker}`)
  return database
}
