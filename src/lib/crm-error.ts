// Every way a call to a CRM can fail, as one closed list. sync/retry-policy.ts decides what to do about each kind. The
// sentences for people are tables, in crm/messages.ts and in each connector, never strings where the error is thrown.

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
  /** Values for the placeholders of the message. Never a secret, never personal data. */
  readonly params?: Readonly<Record<string, string>>
  /** The pause that the vendor asks for, in milliseconds. */
  readonly retryAfterMs?: number
  /** HTTP status of the answer, if there was one. */
  readonly status?: number
  /** A retry would end the same way. */
  readonly isFinal?: boolean
  /** A refusal that often passes by itself: it is tried again, and only one that stays switches sync off. */
  readonly mayPass?: boolean
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
  readonly mayPass: boolean

  constructor(kind: CrmErrorKind, options: CrmErrorOptions = {}) {
    super(options.reason ? `${kind}: ${options.reason}` : kind, { cause: options.cause })
    this.kind = kind
    this.reason = options.reason ?? null
    this.params = options.params ?? {}
    this.retryAfterMs = options.retryAfterMs ?? null
    this.status = options.status ?? null
    this.isFinal = options.isFinal ?? false
    this.mayPass = options.mayPass ?? false
  }
}

export type Attempt<T> =
  | { readonly value: T; readonly error: null }
  | { readonly value: null; readonly error: CrmError }

/** For a connection test, where a CrmError is an answer. Throws anything else. */
export async function attempt<T>(read: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await read(), error: null }
  } catch (error) {
    if (error instanceof CrmError) return { value: null, error }
    throw error
  }
}

/** The CRM said nothing about the connection: it did not answer, or asked us to wait. */
export function isUnanswered({ kind }: CrmError): boolean {
  return kind === 'unavailable' || kind === 'rate_limited'
}
