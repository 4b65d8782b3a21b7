// Every way a conversation with a CRM can end badly, as one closed list. What to do about a kind is decided once, in
// sync/retry-policy.ts; what to tell a person is a table (crm/messages.ts and each connector's own), never a string at the throw site.

export const CRM_ERROR_KINDS = [
  'auth',
  'forbidden',
  'not_found',
  'rate_limited',
  'unavailable',
  'rejected',
  'malformed',
  'internal',
] as const
export type CrmErrorKind = (typeof CRM_ERROR_KINDS)[number]

export interface CrmErrorOptions {
  /** A key of the message table; without it the kind's own message is used. */
  readonly reason?: string
  /** Words that the message has placeholders for. Never a secret, never personal data. */
  readonly params?: Readonly<Record<string, string>>
  /** How long the vendor asks us to stay away, in milliseconds. */
  readonly retryAfterMs?: number
  /** HTTP status of the answer, if there was one. */
  readonly status?: number
  /** Another try would only come to the same. */
  readonly isFinal?: boolean
  readonly cause?: unknown
}

export class CrmError extends Error {
  override readonly name = 'CrmError'
  readonly kind: CrmErrorKind
  readonly reason: string | null
  readonly params: Readonly<Record<string, string>>
  readonly retryAfterMs: number | null
  readonly status: number | null
  readonly isFinal: boolean

  constructor(kind: CrmErrorKind, options: CrmErrorOptions = {}) {
    super(options.reason ? `${kind}: ${options.reason}` : kind, { cause: options.cause })
    this.kind = kind
    this.reason = options.reason ?? null
    this.params = options.params ?? {}
    this.retryAfterMs = options.retryAfterMs ?? null
    this.status = options.status ?? null
    this.isFinal = options.isFinal ?? false
  }
}

export type Attempt<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: CrmError }

/** For a connection test, where what the CRM refuses is an answer. Throws what is no CrmError. */
export async function attempt<T>(read: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await read(), error: null }
  } catch (error) {
    if (error instanceof CrmError) return { value: null, error }
    throw error
  }
}
