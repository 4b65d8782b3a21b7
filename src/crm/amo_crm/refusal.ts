import { CrmError } from '#lib/crm-error.ts'
import type { HttpResponse } from '#lib/egress.ts'

export const USER_AGENT = 'crm-integrations'

/** The meaning of an answer with status 400 or above. Its text is in the account's language and is not read. */
export function refusalOf(response: HttpResponse, area: string): CrmError {
  const { status } = response
  const details = { params: { area }, status }
  switch (status) {
    case 401:
      return new CrmError('auth', { reason: 'token_rejected', ...details })
    case 402:
      return new CrmError('forbidden', { reason: 'subscription_ended', ...details })
    case 403:
      // The API refuses in JSON; an HTML page comes from the front server, which blocks the account.
      return new CrmError('forbidden', { reason: isJson(response) ? 'right_missing' : 'blocked', ...details })
    case 404:
      return new CrmError('not_found', { ...(area === 'account' && { reason: 'account_missing' }), ...details })
    default:
      return new CrmError('rejected', details)
  }
}

function isJson(response: HttpResponse): boolean {
  try {
    return typeof response.json() === 'object'
  } catch {
    return false
  }
}
