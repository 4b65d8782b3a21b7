// Neon's SQL over HTTP, as much of it as drizzle's session asks for: one POST for a statement, one for a batch, values as
// Postgres' own text. Neon's driver speaks it too, but brings a whole PostgreSQL client over WebSockets along, 44 KiB of a
// bundle that may have 240; test/db/neon-http.test.ts holds the two against each other. Protocol: neondatabase/serverless
// and Neon's proxy, sql_over_http.
import type { Fetch } from '#lib/fetch.ts'

/** Postgres refused (`code` is its SQLSTATE), or nobody knows whether the statement reached it (`code` is null). */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: string | null
  readonly constraint: string | null

  constructor(message: string, options: { code?: string | null; constraint?: string | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = options.code ?? null
    this.constraint = options.constraint ?? null
  }
}

export interface NeonHttpOptions {
  readonly databaseUrl: string
  /** The `/sql` URL of a Neon-compatible endpoint; null: Neon's own for the database's host. */
  readonly endpoint: string | null
  readonly fetch: Fetch
}

export interface NeonResult {
  readonly rows: readonly unknown[]
  readonly rowCount: number | null
  readonly command: string
}

interface Form {
  /** Rows as arrays in the order of the columns, else as objects by their names. */
  readonly arrayMode?: boolean
  /** Of a single statement: how long it is waited for, if not as usual. */
  readonly signal?: AbortSignal
}

interface Statement extends PromiseLike<NeonResult> {
  readonly body: { readonly query: string; readonly params: readonly (string | null)[] }
  readonly form: Form
}

export interface NeonHttp {
  /** Sent when it is awaited. Rejects with DatabaseError. */
  query(text: string, params?: readonly unknown[], form?: Form): Statement
  /** All statements in one transaction, one round trip. Rejects with DatabaseError. */
  transaction(statements: readonly Statement[]): Promise<NeonResult[]>
}

interface Result {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly command: string
  readonly rowCount: number | null
}

export function createNeonHttp(options: NeonHttpOptions): NeonHttp {
  return {
    query: (text, params = [], form = {}) => {
      const body = { query: text, params: params.map(toText) }
      const run = async () => read(await send<Result>(options, body, form.signal), form)
      // oxlint-disable-next-line unicorn/no-thenable, promise/no-callback-in-promise -- drizzle awaits a statement, or hands it on unsent
      return { body, form, then: async (done, failed) => run().then(done, failed) }
    },
    transaction: async (statements) => {
      const queries = statements.map(({ body }) => body)
      const { results } = await send<{ readonly results: readonly Result[] }>(options, { queries })
      return results.map((result, index) => read(result, statements[index]?.form ?? {}))
    },
  }
}

interface Refusal {
  readonly message: string
  readonly code?: string | null
  readonly constraint?: string | null
}

/** `Answer` is what the protocol says that a request of this form is answered with. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- see above
async function send<Answer>(
  { databaseUrl, endpoint, fetch }: NeonHttpOptions,
  body: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers = {
    'Neon-Connection-String': databaseUrl,
    'Neon-Raw-Text-Output': 'true',
    'Neon-Array-Mode': 'true',
  }
  let status: number
  let answer: unknown
  try {
    const response = await fetch(endpoint ?? endpointOf(databaseUrl), {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
      ...(signal && { signal }),
    })
    status = response.status
    // Only these two are in the protocol; what else comes is no JSON.
    answer = status === 200 || status === 400 ? await response.json() : await response.body?.cancel()
  } catch (cause) {
    throw new DatabaseError('the database did not answer, or not to the end', { cause })
  }
  // oxlint-disable typescript/no-unsafe-type-assertion -- the endpoint is the database, not a stranger
  if (status === 200) return answer as Answer
  if (status !== 400) throw new DatabaseError(`the endpoint of the database answered ${status}`)
  const { message, code = null, constraint = null } = answer as Refusal
  // oxlint-enable typescript/no-unsafe-type-assertion
  throw new DatabaseError(message, { code, constraint })
}

/** One endpoint serves a whole region: the host's first label names the database and goes. */
function endpointOf(databaseUrl: string): string {
  return `https://${new URL(databaseUrl).hostname.replace(/^[^.]+\./, 'api.')}/sql`
}

/** Postgres' text form. What has none here is refused, not guessed. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `\\x${value.toHex()}`
  throw new TypeError(`a parameter of type ${typeof value} has no form for Postgres`)
}

const asNumber = (text: string): unknown => Number(text)
const asJson = (text: string): unknown => JSON.parse(text)
/** By the type's OID. Everything else stays text: int8 and numeric for their size, times because they are parsed later. */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => Uint8Array.fromHex(text.slice(2)),
  21: asNumber,
  23: asNumber,
  26: asNumber,
  114: asJson,
  700: asNumber,
  701: asNumber,
  3802: asJson,
}

function read({ fields, rows, command, rowCount }: Result, { arrayMode = false }: Form): NeonResult {
  const readers = fields.map(({ dataTypeID }) => READERS[dataTypeID])
  const values = (row: readonly (string | null)[]) =>
    row.map((text, index) => (text === null ? null : (readers[index]?.(text) ?? text)))
  return {
    command,
    rowCount,
    rows: arrayMode
      ? rows.map(values)
      : rows.map((row) => Object.fromEntries(values(row).map((value, index) => [fields[index]?.name ?? '', value]))),
  }
}
