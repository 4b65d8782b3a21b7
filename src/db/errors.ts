// Finds out what went wrong with a statement. Drizzle wraps the error of a single query, but not that of a batch.
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { DatabaseError } from '#db/client.ts'
import { OverloadedError } from '#db/overload.ts'

/** The driver's error without its wrapper; null for any other error. */
function driverError(error: unknown): DatabaseError | null {
  const inner = error instanceof DrizzleQueryError ? error.cause : error
  return inner instanceof DatabaseError ? inner : null
}

/** Postgres' five-character code, or null when it is unknown whether the statement reached Postgres. */
function sqlState(error: unknown): string | null {
  const code = driverError(error)?.code
  // Neon's proxy has an empty one where it lost Postgres.
  return code === undefined || code === '' ? null : code
}

/** True when the outcome of the statement is unknown: connection lost, endpoint down or timeout. */
export function isConnectionFailure(error: unknown): boolean {
  if (error instanceof DrizzleQueryError || error instanceof DatabaseError) return sqlState(error) === null
  return false
}

/** True when the database takes no more for the moment: the statement has not run. */
export function isOverloaded(error: unknown): boolean {
  return driverError(error)?.sourceError instanceof OverloadedError
}

export function violatedConstraint(error: unknown): string | null {
  return driverError(error)?.constraint ?? null
}

/** True when the database has no such function: it lacks the migration that brings it. */
export function isMissingRoutine(error: unknown): boolean {
  // undefined_function
  return sqlState(error) === '42883'
}
