// What the scripts for an operator have in common: a database by its owner's connection string, and failures that are
// told in a sentence.
import pg from 'pg'

/** A database that sleeps takes some seconds to wake. */
const CONNECT_MS = 30_000

/** The message says it all: a person reads it, and no stack helps. */
export class ScriptError extends Error {
  override readonly name: string = 'ScriptError'
}

/** Throws ScriptError when it does not answer or does not let us in. */
export async function openDatabase(databaseUrl: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS })
    // The query that is cut off tells it; an error that nobody listens to would end the process.
    client.on('error', () => undefined)
    await client.connect()
    return client
  } catch (error) {
    throw new ScriptError(`The database of DATABASE_URL cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

/** Never the address itself, which holds a password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  if (error instanceof pg.DatabaseError || !('code' in error)) return error.message
  return String(error.code)
}

/** Ends the process with 1, and with the sentence of a ScriptError. */
export async function runScript(script: () => Promise<void>): Promise<void> {
  try {
    await script()
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
