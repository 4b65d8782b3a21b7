// The closed list of problems that the API answers with (RFC 9457). Product code throws a Problem, and api/problem.ts
// makes the answer; any other error becomes `internal` with a fixed text.

export const PROBLEMS = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  credentials_required: { status: 400, title: 'The credentials have to be entered again' },
  origin_not_allowed: { status: 400, title: 'The address is not one of the product' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  token_expired: { status: 401, title: 'The access token has expired' },
  insufficient_scope: { status: 403, title: 'The access token does not allow this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  integration_exists: { status: 409, title: 'The business already has an integration' },
  conflict: { status: 409, title: 'Another request changed this at the same time' },
  too_many_formats: { status: 409, title: 'Too many formats are saved' },
  too_many_runs: { status: 409, title: 'Too many runs are waiting' },
  nothing_to_confirm: { status: 409, title: 'The run waits for no confirmation' },
  not_undoable: { status: 409, title: 'The import cannot be taken back' },
  not_replayable: { status: 409, title: 'The delivery cannot be processed again' },
  ticket_used: { status: 410, title: 'The ticket has been used or has expired' },
  precondition_failed: { status: 412, title: 'The resource has changed since it was read' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  connection_test_failed: { status: 422, title: 'The connection test failed' },
  consent_failed: { status: 422, title: 'The CRM did not accept the consent' },
  mapping_unconfirmed: { status: 422, title: 'The file raises questions that have to be answered first' },
  unreadable_file: { status: 422, title: 'The file cannot be read as a table' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  crm_unavailable: { status: 502, title: 'The CRM did not answer as it should' },
  misconfigured: { status: 503, title: 'The service is not configured' },
  unavailable: { status: 503, title: 'The service cannot answer right now' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

export interface FieldError {
  /** Dotted path into the request: `credentials.apiKey`, `query.limit`. */
  readonly path: string
  readonly message: string
}

export interface ProblemOptions {
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  /** Further members of the problem object, such as `report`. */
  readonly extensions?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** What is wrong with a request takes no more space than a person reads, whatever was sent. */
const ERRORS_MAX = 50
const PATH_MAX = 200
const MESSAGE_MAX = 300
const DETAIL_MAX = 2000

export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly detail: string
  readonly errors: readonly FieldError[] | null
  readonly extensions: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const errors = options.errors
      ?.slice(0, ERRORS_MAX)
      .map(({ path, message }) => ({ path: shorten(path, PATH_MAX), message: shorten(message, MESSAGE_MAX) }))
    const fields = errors?.map(({ path, message }) => `${path}: ${message}`).join('; ')
    super(shorten(options.detail ?? fields ?? PROBLEMS[code].title, DETAIL_MAX), { cause: options.cause })
    this.code = code
    this.detail = this.message
    this.errors = errors ?? null
    this.extensions = options.extensions ?? {}
    this.headers = options.headers ?? {}
  }
}

/** Well-formed, as some clients refuse JSON with half a surrogate pair. */
function shorten(text: string, charactersMax: number): string {
  return (text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text).toWellFormed()
}
