// The meaning of iiko's statuses. Only this file reads its texts, since 401 of the token call has several causes.
import type { HttpResponse } from '#lib/egress.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#crm/iiko/schema.ts'

/** Statuses that this file explains; egress handles the others. */
export const READABLE = [400, 401, 402, 403, 404, 405, 408, 409, 410, 422, 423]

interface Refusal {
  readonly status: number
  readonly text: string
  readonly params: Readonly<Record<string, string>>
}

function readRefusal(response: HttpResponse, area: string): Refusal {
  const { status } = response
  let problem: unknown = null
  try {
    problem = response.json()
  } catch {
    // Gateways answer in plain text or HTML: then the status alone speaks.
  }
  const { data } = Problem.safeParse(problem)
  const text = data ? `${data.error} ${data.errorDescription} ${data.message}` : ''
  return { status, text, params: { area, request: data?.correlationId.slice(0, 40) || '–' } }
}

/** For a call for data. 401 is reported only when a fresh token was refused too. */
export function refusal(response: HttpResponse, area: string): CrmError {
  const { status, text, params } = readRefusal(response, area)
  if (status === 402 || /licen[cs]e/i.test(text))
    return new CrmError('forbidden', { reason: 'licence_ended', status, params })
  if (status === 401 || status === 423) return new CrmError('auth', { reason: 'key_rejected', status, params })
  if (status === 403) return new CrmError('forbidden', { reason: 'right_missing', status, params })
  if (status === 408) return new CrmError('unavailable', { reason: 'busy', status, params })
  return new CrmError('rejected', { reason: 'request_rejected', status, params })
}

/** For the token call. `hasApp`: the current form of the call, with an app, not the old one. */
export function tokenRefusal(response: HttpResponse, hasApp: boolean): CrmError {
  const { status, text, params } = readRefusal(response, 'token')
  if (status === 408) return new CrmError('unavailable', { reason: 'busy', status, params })
  if (status === 402 || /licen[cs]e/i.test(text))
    return new CrmError('forbidden', { reason: 'licence_ended', status, params })
  const isOldWayOff = !hasApp && (/v2\/access_token/i.test(text) || [404, 405, 410].includes(status))
  if (isOldWayOff) return new CrmError('auth', { reason: 'app_needed', status, params })
  const isApp = hasApp && (/secret|app[\s_-]?id\b|application/i.test(text) || status === 404)
  return new CrmError('auth', { reason: isApp ? 'app_rejected' : 'key_rejected', status, params })
}
