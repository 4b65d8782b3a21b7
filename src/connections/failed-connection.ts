import { sql } from 'drizzle-orm'

/** What a connection becomes that needs a person: sync is off, and `lastError` says why. */
export function failedConnection(lastError: string) {
  return {
    connectionStatus: 'failed',
    connectionCheckedAt: sql`now()`,
    lastError,
    syncEnabled: false,
    nextSyncAt: null,
    // A change of the integration that has read sync as on must not switch it on again.
    updatedAt: sql`clock_timestamp()`,
  } as const
}
