// iikoServer, the restaurant's own server: OLAP reports over a session. Every login takes one of the few licence seats
// until the logout, so a session lasts no longer than its work. Calls go one after the other.
import type * as z from 'zod'
import type { Session } from '#crm/contract.ts'
import { sha1Hex } from '#crypto/digest.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Http } from '#lib/egress.ts'
import { Secret } from '#lib/secret.ts'
import { loginRefusal, SERVER_READABLE, serverRefusal } from '#crm/iiko/refusal.ts'
import type { Reporter } from '#crm/iiko/report.ts'
import { retryOnce } from '#crm/iiko/retry-once.ts'
import { Columns, Report } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

/** Answers to the logout of a session that has ended already. */
const LOGOUT_ANSWERS = [401, 403]

/**
 * Does the work inside one session and ends it in any case. `hasWorked`: these credentials were accepted before, so a
 * refused login may pass by itself. Throws CrmError.
 */
export async function withServer<T>(
  session: Session<Settings>,
  hasWorked: boolean,
  work: (reports: Reporter) => Promise<T>,
): Promise<T> {
  const { server } = session
  if (!server) throw new CrmError('internal', { reason: 'settings_unreadable' })
  const { http, url } = server
  const inSession = async () => {
    const key = await retryOnce(async () => login(session, hasWorked))
    try {
      return await work(reportsOf(http, url, key))
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
    expect: SERVER_READABLE,
  })
  if (response.status >= 400) throw loginRefusal(response, hasWorked)
  const key = keyIn(response.text)
  if (key === null) throw new CrmError('unavailable', { reason: 'server_page' })
  return new Secret(key)
}

/** Bare, as a JSON string, or as XML: `<string>…</string>`. */
function keyIn(text: string): string | null {
  const wrapped = /^(?:<\?xml[^<>]{0,200}\?>\s{0,99})?<string[^<>]{0,200}>([^<>]{1,300})<\/string>$/.exec(
    text.trim(),
  )?.[1]
  return /^\s*"?([\w.+/=~:-]{1,200})"?\s*$/.exec(wrapped ?? text)?.[1] ?? null
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

function reportsOf(http: Http, url: string, key: Secret): Reporter {
  const path = (name: string, search: Readonly<Record<string, string>> = {}) =>
    `${url}/api/v2/reports/olap${name}?${new URLSearchParams({ key: key.reveal(), ...search }).toString()}`
  // Some versions answer `result: ERROR` with status 200, so the answer does not fit the schema.
  const ask = async <T extends z.ZodType>(Schema: T, request: Parameters<Http['request']>[0]): Promise<z.infer<T>> =>
    retryOnce(async () => {
      const response = await http.request({ ...request, expect: SERVER_READABLE })
      if (response.status >= 400) throw serverRefusal(response)
      const parsed = Schema.safeParse(response.json())
      if (!parsed.success) throw new CrmError('unavailable', { reason: 'server_report_failed' })
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
