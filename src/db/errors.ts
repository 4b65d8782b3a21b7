// What went wrong with a statement, whatever wraps it.
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { DatabaseError } from '#db/client.ts'

/** The error under whatever wraps it: a single query is wrapped, a batch is not. */
function driverError(error: unknown): DatabaseError | null {
  const inner = error instanceof DrizzleQueryError ? error.cause : error
  return inner instanceof DatabaseError ? inner : null
}

/** Postgres' five-character code, or null when the statement may not have reached Postgres at all. */
function sqlState(error: unknown): string | null {
  return driverError(error)?.code ?? null
}

/** True when no answer says what became of the statement: connection lost, endpoint down, time out. */
export function isConnectionFailure(error: unknown): boolean {
  if (error instanceof DrizzleQueryError || error instanceof DatabaseError) return sqlState(error) === null
  return false
}

export function violatedConstraint(error: unknown): string | null {
  return driverError(error)?.constraint ?? null
}
