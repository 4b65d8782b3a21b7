// What Renovatio itself says when it refuses: its envelope with an error and a code, whatever the status is. What a
// proxy, a firewall or a web server before it answers says nothing of the key and its rights, so it is an outage and is
// tried again. Only this file reads the vendor's codes and texts.
import { bodyOf, CLIENT_ERRORS } from '#crm/kit/refusals.ts'
import { CrmError } from '#lib/crm-error.ts'
import { type HttpResponse, isTooLarge } from '#lib/egress.ts'
import { Envelope, Failure } from '#crm/renovatio/schema.ts'

/** Every refusal comes here but 429, 503 and 504, which mean the same from any server: egress reads `Retry-After`. */
export const STATUSES: readonly number[] = [...CLIENT_ERRORS, 500, 501, 502]

const CLOSED: ReadonlySet<string | null> = new Set(['right_missing', 'method_missing', 'refused_alone'])
/** The key as a word of its own: `отключён` and `исключение` contain it. */
const KEY_WORD = /api[\s_-]?key|(?<![а-яё])ключ(?:а|у|ом|е)?(?![а-яё])/i

/** The `data` of an answer. Throws CrmError. */
export function unwrap(response: HttpResponse, method: string): unknown {
  const { status } = response
  const envelope = Envelope.safeParse(bodyOf(response)).data
  const isRefused = envelope !== undefined && Number(envelope.error) !== 0
  if (envelope && !isRefused && status < 400) return envelope.data
  const failure = isRefused ? Failure.safeParse(envelope.data).data : undefined
  throw failure ? refusal(failure, method) : foreign(status, method)
}

/** True when the key may not use a method, or this installation does not have it. */
export function isClosed(error: unknown): error is CrmError {
  return error instanceof CrmError && CLOSED.has(error.reason)
}

/** Says nothing of one method: the key is refused, or something before Renovatio refuses. */
export function isUnclear({ kind, reason }: CrmError): boolean {
  return kind === 'auth' || reason === 'foreign_refusal'
}

export function isSameRefusal(a: CrmError, b: CrmError): boolean {
  return a.kind === b.kind && a.reason === b.reason && a.status === b.status
}

/** The refusal of one method while others answer: as good as a missing right. */
export function refusedAlone(method: string, cause: CrmError): CrmError {
  const status = cause.status === null ? {} : { status: cause.status }
  return new CrmError('forbidden', { reason: 'refused_alone', params: { method: plain(method) }, cause, ...status })
}

/** True when a shorter period may succeed: large ones end in a page with status 500 or take too long. */
export function isTooMuch(error: unknown): boolean {
  if (isTooLarge(error)) return true
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return false
  return error.status === 500 || error.reason === 'timeout'
}

function foreign(status: number, method: string): CrmError {
  const reason = status >= 500 ? 'server_error' : status >= 400 ? 'foreign_refusal' : 'not_envelope'
  return new CrmError('unavailable', { reason, status, params: { method: plain(method), status: String(status) } })
}

/** The vendor's text is not passed on, since it may quote our request. The answer to a wrong key is not documented. */
function refusal({ code, desc }: Failure, method: string): CrmError {
  const params = { method: plain(method), code }
  const isAboutKey = KEY_WORD.test(desc) && !(code === '403' && /метод|method/i.test(desc))
  if (code === '401' || isAboutKey) return new CrmError('auth', { reason: 'key_rejected', params })
  if (code === '403') return new CrmError('forbidden', { reason: 'right_missing', params })
  if (code === '404') return new CrmError('not_found', { reason: 'method_missing', params })
  return new CrmError('rejected', { reason: 'request_refused', params })
}

const plain = (method: string) => method.replace('v2/', '')
