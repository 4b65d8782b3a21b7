// What refusals of iiko's cloud and of iikoServer look like. Only their own words are believed: JSON with a description
// from the cloud, a line of plain text from the server. HTML, the JSON of a proxy or an empty body say nothing about
// keys, rights or orders: they are an outage and are tried again. Only this file reads the vendor's texts, since one
// status has several meanings.
import type { HttpResponse } from '#lib/egress.ts'
import { CLIENT_ERRORS, isPacked, jsonOrNull } from '#crm/kit/refusals.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#crm/iiko/schema.ts'

/** Statuses that this file explains; egress handles the others. */
export const READABLE = CLIENT_ERRORS
export const SERVER_READABLE = [...READABLE, 500]

/** The area of the cloud's own reports, which not every key may read. */
export const REPORTS = 'hall_sales'

/** Statuses with which the token call refuses the key or the app. */
const TOKEN_REFUSED = new Set([400, 401, 403, 423])
/** Longer texts are pages, and none of iikoServer's. */
const SERVER_TEXT_MAX = 500

interface OwnWord {
  readonly text: string
  readonly params: Readonly<Record<string, string>>
}

/** Null: something else answered. */
function ownWordOf(response: HttpResponse, area: string): OwnWord | null {
  const { data } = Problem.safeParse(jsonOrNull(response))
  if (!data) return null
  const text = [data.error, data.errorDescription, data.message].filter(Boolean).join(' ')
  // Reports have a message with details, and no number of the request.
  const isOfReport = area === REPORTS && data.details !== undefined && data.code === undefined
  const isOwn = data.errorDescription !== '' || (text !== '' && (data.correlationId !== '' || isOfReport))
  return isOwn ? { text, params: { area, request: data.correlationId.slice(0, 40) || '–' } } : null
}

function foreign(status: number): CrmError {
  return new CrmError('unavailable', { reason: 'not_json', status })
}

/** For a call for data. 401 is reported only when a fresh token was refused too. */
export function refusal(response: HttpResponse, area: string): CrmError {
  const { status } = response
  const own = ownWordOf(response, area)
  if (!own) return foreign(status)
  const { text, params } = own
  if (status === 402 || /licen[cs]e/i.test(text))
    return new CrmError('forbidden', { reason: 'licence_ended', status, params })
  // A token that other methods accept: the key may not make reports.
  if (area === REPORTS && [401, 403, 423].includes(status))
    return new CrmError('forbidden', { reason: 'reports_refused', status, params })
  if (status === 401 || status === 423) return new CrmError('auth', { reason: 'key_rejected', status, params })
  if (status === 403) return new CrmError('forbidden', { reason: 'right_missing', status, params })
  if (status === 408) return new CrmError('unavailable', { reason: 'busy', status, params })
  return new CrmError('rejected', { reason: 'request_rejected', status, params })
}

/** For the token call. `hasApp`: the current form of the call, with an app, not the old one. */
export function tokenRefusal(response: HttpResponse, hasApp: boolean): CrmError {
  const { status } = response
  const own = ownWordOf(response, 'token')
  if (!own) return foreign(status)
  const { text, params } = own
  if (status === 408) return new CrmError('unavailable', { reason: 'busy', status, params })
  if (status === 402 || /licen[cs]e/i.test(text))
    return new CrmError('forbidden', { reason: 'licence_ended', status, params })
  // Refused by key, not by date: some keys still get a token this way.
  const isOldWayOff = !hasApp && (/v2\/access_token/i.test(text) || [404, 405, 410].includes(status))
  if (isOldWayOff) return new CrmError('auth', { reason: 'app_needed', status, params })
  const isApp = hasApp && (/secret|app[\s_-]?id\b|application/i.test(text) || status === 404)
  if (isApp) return new CrmError('auth', { reason: 'app_rejected', status, params })
  if (TOKEN_REFUSED.has(status)) return new CrmError('auth', { reason: 'key_rejected', status, params })
  return new CrmError('rejected', { reason: 'request_rejected', status, params })
}

/** iikoServer's own line of text; null: a page, the JSON of a proxy, a proxy that asks for a password, or nothing. */
function serverTextOf({ text, headers }: HttpResponse): string | null {
  const line = text.trim()
  const isForm = line === '' || line.length > SERVER_TEXT_MAX || /^[<[{]/.test(line) || isPacked(line)
  const isOther = isForm || headers.has('www-authenticate')
  return isOther ? null : line
}

/** For the login to iikoServer. `hasWorked`: these credentials were accepted before. */
export function loginRefusal(response: HttpResponse, hasWorked: boolean): CrmError {
  const { status } = response
  if (status !== 401 || serverTextOf(response) === null) return serverRefusal(response)
  // The server also answers 401 while it restarts.
  if (hasWorked) return new CrmError('unavailable', { reason: 'server_login_later', status })
  return new CrmError('auth', { reason: 'server_login_rejected', status })
}

/** For iikoServer's reports. Its errors are plain text in English, whatever the language of the server. */
export function serverRefusal(response: HttpResponse): CrmError {
  const { status } = response
  const text = serverTextOf(response)
  if (status === 500) return new CrmError('unavailable', { reason: 'server_report_failed', status })
  if (text === null || status === 404) return new CrmError('unavailable', { reason: 'server_page', status })
  if (/no connections available/i.test(text)) return new CrmError('unavailable', { reason: 'server_no_seat', status })
  if (/blocked within current license/i.test(text)) {
    return new CrmError('forbidden', { reason: 'server_licence_missing', status })
  }
  if ((status === 403 || status === 409) && /доступ запрещ|permission denied/i.test(text)) {
    return new CrmError('forbidden', { reason: 'server_right_missing', status })
  }
  if (status === 401) return new CrmError('unavailable', { reason: 'server_session_lost', status })
  if (status === 400 || status === 409) {
    const params = { area: 'iikoServer', request: '–' }
    return new CrmError('rejected', { reason: 'request_rejected', status, params })
  }
  return new CrmError('unavailable', { reason: 'server_page', status })
}
