// Renovatio's protocol: a form sent by POST that contains the key, which is never in the address, and an envelope
// around every answer that says more than the status. Only this file reads the vendor's codes and texts.
import type { Session } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { type HttpResponse, isTooLarge } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import { Clinic, Envelope, Failure, listOf, Patient } from '#crm/renovatio/schema.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

/** 429 and 503 are left to egress, which reads `Retry-After`. */
const READABLE = [400, 401, 403, 404, 405, 409, 410, 422, 500, 502]
/** Some versions of Renovatio have these only under `v2/`. */
const IN_V2 = new Set(['getInvoices', 'getAppointments'])

export type Query = Readonly<Record<string, string | readonly string[]>>

export interface RenovatioClient {
  readonly clinics: () => Promise<readonly Clinic[]>
  readonly invoices: (query: Query) => Promise<readonly unknown[]>
  readonly visits: (query: Query) => Promise<readonly unknown[]>
  /** Null: there is no such patient, or the answer shows none. */
  readonly patient: (id: string) => Promise<Patient | null>
}

/** Remembers for one piece of work which methods are closed, so each is tried once. */
export function createClient(session: Session<Settings>): RenovatioClient {
  const paths = new Map<string, string>()
  const closed = new Map<string, CrmError>()
  const call = async (method: string, query: Query): Promise<unknown> => {
    const before = closed.get(method)
    if (before) throw before
    const path = paths.get(method) ?? method
    try {
      return await send(session, path, query)
    } catch (error) {
      if (!isClosed(error)) throw error
      if (error.reason === 'method_missing' && IN_V2.has(method) && path === method) {
        paths.set(method, `v2/${method}`)
        return call(method, query)
      }
      closed.set(method, error)
      throw error
    }
  }
  const rows = async (method: string, query: Query): Promise<readonly unknown[]> => {
    const list = listOf(await call(method, query))
    if (!list) throw new CrmError('malformed', { reason: 'unexpected_shape', params: { method } })
    return list
  }
  return {
    clinics: async () => {
      const list = await rows('getClinics', { show_all: '1' })
      return list.flatMap((row) => Clinic.safeParse(row).data ?? [])
    },
    invoices: async (query) => rows('getInvoices', query),
    visits: async (query) => rows('getAppointments', { ...query, show_patient_data: '1' }),
    patient: async (id) => {
      const cards = (await rows('getPatient', { id })).flatMap((row) => Patient.safeParse(row).data ?? [])
      return cards.find((card) => card.patient_id === null || card.patient_id === id) ?? null
    },
  }
}

/** True when the key may not use a method, or this installation does not have it. */
export function isClosed(error: unknown): error is CrmError {
  return error instanceof CrmError && (error.reason === 'right_missing' || error.reason === 'method_missing')
}

/** True when a shorter period may succeed: large ones end in a page with status 500 or take too long. */
export function isTooMuch(error: unknown): boolean {
  if (isTooLarge(error)) return true
  if (!(error instanceof CrmError) || error.kind !== 'unavailable') return false
  return error.status === 500 || error.reason === 'timeout'
}

async function send({ apiUrl, apiKey, http }: Session<Settings>, method: string, query: Query): Promise<unknown> {
  if (!apiKey) throw new CrmError('auth', { reason: 'credentials_missing' })
  const response = await http.request({
    method: 'POST',
    url: `${apiUrl}/${method}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: () => formOf(query, apiKey),
    expect: READABLE,
  })
  return unwrap(response, method)
}

function formOf(query: Query, apiKey: Secret): string {
  const form = new URLSearchParams({ api_key: apiKey.reveal() })
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'string') form.append(name, value)
    else for (const one of value) form.append(`${name}[]`, one)
  }
  return form.toString()
}

function unwrap(response: HttpResponse, method: string): unknown {
  const { status } = response
  const envelope = status < 400 ? Envelope.safeParse(response.json()).data : envelopeOf(response)
  if (!envelope) throw withoutEnvelope(status, method)
  if (Number(envelope.error) === 0) return envelope.data
  throw refusal(Failure.safeParse(envelope.data).data ?? { code: '', desc: '' }, method)
}

/** Error pages are not JSON; then only the status counts. */
function envelopeOf(response: HttpResponse): Envelope | null {
  try {
    return Envelope.safeParse(response.json()).data ?? null
  } catch {
    return null
  }
}

function withoutEnvelope(status: number, method: string): CrmError {
  const details = { status, params: { method } }
  if (status >= 500) return new CrmError('unavailable', { reason: 'server_error', ...details })
  if (status === 401) return new CrmError('auth', { reason: 'key_rejected', ...details })
  if (status === 403) return new CrmError('forbidden', details)
  if (status === 404) return new CrmError('not_found', { reason: 'not_renovatio', ...details })
  if (status >= 400)
    return new CrmError('rejected', { reason: 'request_refused', status, params: { method, code: String(status) } })
  return new CrmError('malformed', { reason: 'unexpected_shape', ...details })
}

/** The vendor's text is not passed on, since it may quote our request. The answer to a wrong key is not documented. */
function refusal({ code, desc }: Failure, method: string): CrmError {
  const params = { method: method.replace('v2/', ''), code: /^\d{1,5}$/.test(code) ? code : '?' }
  const isAboutKey = /api.?key|ключ/i.test(desc) && !(code === '403' && /метод|method/i.test(desc))
  if (code === '401' || isAboutKey) return new CrmError('auth', { reason: 'key_rejected', params })
  if (code === '403') return new CrmError('forbidden', { reason: 'right_missing', params })
  if (code === '404') return new CrmError('not_found', { reason: 'method_missing', params })
  return new CrmError('rejected', { reason: 'request_refused', params })
}
