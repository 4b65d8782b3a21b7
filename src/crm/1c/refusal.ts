// What 1C itself says when it refuses. Only its own words are believed: an error with its code, or a 401 that asks for
// Basic authorization and carries no page. What a web server, a proxy or a provider before 1C answers tells nothing of
// the base or the user, so it is an outage and is tried again.
import { CLIENT_ERRORS, isPacked } from '#crm/kit/refusals.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'
import { isRow } from '#crm/1c/fields.ts'

/**
 * Cloudflare answers so in the place of a server that it cannot reach, or whose certificate is not valid
 * (https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/).
 */
const ON_THE_WAY: ReadonlyMap<number, string> = new Map([
  ...[521, 522, 523, 530].map((status) => [status, 'connection'] as const),
  ...[525, 526].map((status) => [status, 'certificate'] as const),
])

/** Every refusal comes here but 429 and 502 to 504, which mean the same whoever answers. */
export const STATUSES: readonly number[] = [...CLIENT_ERRORS, 500, 501, ...ON_THE_WAY.keys()]

const NO_OBJECT = '9'
const NO_RIGHT = '20'
const NO_SET = '8'
/** 1C names its code in the first lines; a web server's error page may be of any size. */
const ERROR_CHARACTERS_MAX = 16_384
const XML_ROOT = /^\s{0,99}(?:<\?xml[^>]{0,200}\?>\s{0,99})?<(?:m:)?error[\s>]/
const XML_CODE = /<(?:\w{1,20}:)?code\b[^<>]{0,200}>\s{0,9}(-?\d{1,9})\s{0,9}</
/** The database's words for a condition that it cannot make, in a text without a code. */
const NO_FILTER = /не разрешена в предложении|not (?:allowed|permitted) in (?:the )?[«"]?(?:WHERE|clause|sentence)/i

/** 1C's error; its code is empty where it tells of an exception of its own. */
interface OwnError {
  readonly code: string
}

/** Null: something else answered. */
function ownErrorOf({ text }: HttpResponse): OwnError | null {
  const body = text.replace(/^\uFEFF/, '')
  try {
    const parsed: unknown = JSON.parse(body)
    if (!isRow(parsed)) return null
    const error = parsed['odata.error']
    if (!isRow(error)) return '#exception' in parsed ? { code: '' } : null
    const code = error['code']
    return { code: typeof code === 'string' || typeof code === 'number' ? String(code).trim() : '' }
  } catch {
    const head = body.slice(0, ERROR_CHARACTERS_MAX)
    if (!XML_ROOT.test(head)) return null
    return { code: XML_CODE.exec(head)?.[1] ?? '' }
  }
}

/** The object does not exist. */
export function isGone(response: HttpResponse): boolean {
  return response.status === 404 && ownErrorOf(response)?.code === NO_OBJECT
}

/** The user may not read the object. */
export function isHidden(response: HttpResponse): boolean {
  return response.status >= 400 && ownErrorOf(response)?.code === NO_RIGHT
}

export function refusal(response: HttpResponse, set: string): CrmError {
  const { status } = response
  const own = ownErrorOf(response)
  const about = { status, params: { set, code: own?.code || String(status) } }
  if (isChallenge(response, own)) return new CrmError('auth', { reason: 'credentials_rejected', ...about })
  if (!own) return foreign(response, about)
  if (own.code === NO_RIGHT) return new CrmError('forbidden', { reason: 'right_missing', ...about })
  if (own.code === NO_SET) return new CrmError('not_found', { reason: 'unpublished', ...about })
  // Logins are barred for the time of an update or a backup.
  if (status === 403) return new CrmError('forbidden', { reason: 'maintenance', mayPass: true, ...about })
  // A failing query and a base that is down look the same; the caller decides what to do.
  if (status === 500) return new CrmError('unavailable', { reason: 'query_refused', ...about })
  if (status === 401) return new CrmError('unavailable', { reason: 'foreign_refusal', ...about })
  return new CrmError('rejected', { reason: 'query_refused', ...about })
}

function isChallenge({ status, headers, text }: HttpResponse, own: OwnError | null): boolean {
  if (status !== 401 || own?.code === NO_RIGHT) return false
  const challenges = (headers.get('www-authenticate') ?? '').split(',')
  const isBasic = challenges.some((challenge) => /^basic\b/i.test(challenge.trim()))
  return isBasic && (own !== null || !(/^[\s\uFEFF]*[<[{]/.test(text) || isPacked(text)))
}

function foreign(
  { status, text }: HttpResponse,
  about: { readonly status: number; readonly params: Readonly<Record<string, string>> },
): CrmError {
  const isNoFilter = status === 500 && NO_FILTER.test(text.slice(0, ERROR_CHARACTERS_MAX))
  if (isNoFilter) return new CrmError('unavailable', { reason: 'query_refused', ...about })
  if (status >= 500) {
    return new CrmError('unavailable', { reason: ON_THE_WAY.get(status) ?? 'server_error', ...about })
  }
  return new CrmError('unavailable', { reason: status === 404 ? 'no_service' : 'foreign_refusal', ...about })
}
