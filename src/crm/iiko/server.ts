// iikoServer, the restaurant's own server: OLAP reports over a session. Every login takes one of the few licence seats
// until the logout, so a session lasts no longer than its work. Calls go one after the other.
import type * as z from 'zod'
import type { Session } from '#crm/contract.ts'
import { sha1Hex } from '#crypto/digest.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Http, HttpResponse } from '#lib/egress.ts'
import { Secret } from '#lib/secret.ts'
import { retryOnce } from '#crm/iiko/retry-once.ts'
import { Columns, Report } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

const READABLE = [400, 401, 403, 404, 409, 500]
/** Answers to the logout of a session that has ended already. */
const LOGOUT_ANSWERS = [401, 403]

export interface Query {
  readonly groupByRowFields: readonly string[]
  readonly aggregateFields: readonly string[]
  readonly filters: Readonly<Record<string, unknown>>
}

export interface Server {
  /** The columns of the server's sales report. */
  readonly columns: () => Promise<Columns>
  readonly report: (query: Query) => Promise<readonly unknown[]>
}

/**
 * Does the work inside one session and ends it in any case. `hasWorked`: these credentials were accepted before, so a
 * refused login may pass by itself. Throws CrmError.
 */
export async function withServer<T>(
  session: Session<Settings>,
  hasWorked: boolean,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const { server } = session
  if (!server) throw new CrmError('internal', { reason: 'settings_unreadable' })
  const { http, url } = server
  const inSession = async () => {
    const key = await retryOnce(async () => login(session, hasWorked))
    try {
      return await work(serverOf(http, url, key))
    } finally {
      await logout(http, url, key)
    }
  }
  try {
    return await inSession()
  } catch (error) {
    // A restart ends all sessions.
    if (error instanceof CrmError && error.reason === 'server_session_lost') return inSession()
    throw error
  }
}

async function login({ settings, server }: Session<Settings>, hasWorked: boolean): Promise<Secret> {
  if (!settings.server || !server?.password) throw new CrmError('auth', { reason: 'server_login_rejected' })
  const pass = await sha1Hex(server.password.reveal())
  const search = new URLSearchParams({ login: settings.server.login, pass })
  const response = await server.http.request({
    method: 'POST',
    url: `${server.url}/api/auth?${search.toString()}`,
    expect: READABLE,
  })
  if (response.status === 401) {
    // The server also answers 401 while it restarts.
    if (hasWorked) throw new CrmError('unavailable', { reason: 'server_login_later', status: 401 })
    throw new CrmError('auth', { reason: 'server_login_rejected', status: 401 })
  }
  if (response.status >= 400) throw refusal(response)
  const key = response.text.trim()
  if (!/^[^\s<>]{1,200}$/.test(key)) throw new CrmError('unavailable', { reason: 'not_json' })
  return new Secret(key)
}

/** A failed logout is ignored: the server closes an open session within the hour. */
async function logout(http: Http, url: string, key: Secret): Promise<void> {
  const address = `${url}/api/logout?key=${encodeURIComponent(key.reveal())}`
  try {
    await retryOnce(async () => http.request({ url: address, expect: LOGOUT_ANSWERS }))
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
  }
}

function serverOf(http: Http, url: string, key: Secret): Server {
  const path = (name: string, search: Readonly<Record<string, string>> = {}) =>
    `${url}/api/v2/reports/olap${name}?${new URLSearchParams({ key: key.reveal(), ...search }).toString()}`
  // Some versions answer `result: ERROR` with status 200, so the answer does not fit the schema.
  const ask = async <T extends z.ZodType>(Schema: T, request: Parameters<Http['request']>[0]): Promise<z.infer<T>> =>
    retryOnce(async () => {
      const response = await http.request({ ...request, expect: READABLE })
      if (response.status >= 400) throw refusal(response)
      const parsed = Schema.safeParse(response.json())
      if (!parsed.success) throw failed()
      return parsed.data
    })
  return {
    columns: async () => ask(Columns, { url: path('/columns', { reportType: 'SALES' }) }),
    report: async (query) => {
      const body = JSON.stringify({ reportType: 'SALES', buildSummary: false, ...query })
      const headers = { 'content-type': 'application/json; charset=utf-8' }
      return (await ask(Report, { method: 'POST', url: path(''), headers, body })).data
    },
  }
}

function failed(status?: number): CrmError {
  return new CrmError('unavailable', { reason: 'server_report_failed', ...(status !== undefined && { status }) })
}

/** Errors are plain text in English, whatever the language of the server. */
function refusal({ status, text }: HttpResponse): CrmError {
  if (/no connections available/i.test(text)) return new CrmError('unavailable', { reason: 'server_no_seat', status })
  if (/blocked within current license/i.test(text)) {
    return new CrmError('forbidden', { reason: 'server_licence_missing', status })
  }
  if (status === 403 || (status === 409 && /доступ запрещ|denied/i.test(text))) {
    return new CrmError('forbidden', { reason: 'server_right_missing', status })
  }
  if (status === 401) return new CrmError('unavailable', { reason: 'server_session_lost', status })
  if (status === 404) return new CrmError('not_found', { status })
  if (status === 400 || status === 409) {
    return new CrmError('rejected', {
      reason: 'request_rejected',
      status,
      params: { area: 'iikoServer', request: '–' },
    })
  }
  return failed(status)
}
