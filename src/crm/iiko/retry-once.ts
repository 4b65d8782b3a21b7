import { CrmError } from '#lib/crm-error.ts'

/** What is over in a moment, unlike a timeout or a licence seat. */
const PASSING = new Set(['connection', 'server_error', 'server_report_failed', 'not_json', 'truncated'])

/**
 * One call of several that make a page: it is tried once more at once, since the engine's retry would begin the page
 * anew, which costs the restaurant's server another login.
 */
export async function retryOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'unavailable' && PASSING.has(error.reason ?? '')) return call()
    throw error
  }
}
