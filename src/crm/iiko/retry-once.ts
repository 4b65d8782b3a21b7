import { CrmError } from '#lib/crm-error.ts'

/** Errors that pass in a moment, unlike a timeout or a missing licence seat. */
const PASSING = new Set(['connection', 'server_error', 'server_report_failed', 'server_page', 'not_json', 'truncated'])

/**
 * Retries one of the several calls behind a page at once. The engine's own retry would begin the page again, which
 * costs another login to the restaurant's server.
 */
export async function retryOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof CrmError && error.kind === 'unavailable' && PASSING.has(error.reason ?? '')) return call()
    throw error
  }
}
