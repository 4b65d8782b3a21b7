// Renovatio's protocol: a form sent by POST that contains the key, which is never in the address, and an envelope
// around every answer (refusal.ts). Methods are refused one by one: what is only a side list is then left out.
import type { LeftOut, Session } from '#crm/contract.ts'
import { retryAnswering } from '#crm/kit/retry-answering.ts'
import { CrmError } from '#lib/crm-error.ts'
import { isTooLarge } from '#lib/egress.ts'
import type { Secret } from '#lib/secret.ts'
import { addDays, localDate } from '#lib/time.ts'
import { dayText } from '#crm/renovatio/forms.ts'
import {
  isClosed,
  isSameRefusal,
  isTooMuch,
  isUnclear,
  refusedAlone,
  STATUSES,
  unwrap,
} from '#crm/renovatio/refusal.ts'
import { Clinic, listOf, Patient } from '#crm/renovatio/schema.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

/** Some versions of Renovatio have these only under `v2/`. */
const IN_V2 = new Set(['getInvoices', 'getAppointments'])
/** Methods that a sync of invoices can do without, with the name of their capability in the connection test. */
const SIDE_LISTS: ReadonlyMap<string, string> = new Map([
  ['getClinics', 'clinics'],
  ['getAppointments', 'appointments'],
  ['getPatient', 'patients'],
])

export type Query = Readonly<Record<string, string | readonly string[]>>

/** What is known of the side lists, for the pages of a pull. */
export interface SideLists {
  readonly leftOut: readonly LeftOut[]
  readonly answered: readonly string[]
}

export interface RenovatioClient {
  readonly clinics: () => Promise<readonly Clinic[]>
  readonly invoices: (query: Query) => Promise<readonly unknown[]>
  readonly visits: (query: Query) => Promise<readonly unknown[]>
  /** Null: there is no such patient, or the answer shows none. */
  readonly patient: (id: string) => Promise<Patient | null>
  readonly sideLists: () => SideLists
}

const clientCache = new WeakMap<Session<Settings>, RenovatioClient>()

/** One for a piece of work. It remembers which methods are closed, so each is tried once. */
export function clientOf(session: Session<Settings>): RenovatioClient {
  const client = clientCache.get(session) ?? createClient(session)
  clientCache.set(session, client)
  return client
}

function createClient(session: Session<Settings>): RenovatioClient {
  const { call, closed, answered } = createCaller(session)
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
    sideLists: () => {
      const lists = [...SIDE_LISTS].map(([method, list]) => ({ method, list, error: closed.get(method) }))
      return {
        leftOut: lists.flatMap(({ list, error }) => (error ? [{ list, error }] : [])),
        answered: lists.flatMap(({ method, list, error }) => (!error && answered.has(method) ? [list] : [])),
      }
    },
  }
}

function createCaller(session: Session<Settings>) {
  const paths = new Map<string, string>()
  const closed = new Map<string, CrmError>()
  const answered = new Set<string>()
  const orAgain = retryAnswering(session.clock)
  const call = async (method: string, query: Query): Promise<unknown> => {
    const before = closed.get(method)
    if (before) throw before
    const path = paths.get(method) ?? method
    try {
      const data = await orAgain(async () => send(session, path, query), isTooMuch)
      answered.add(method)
      return data
    } catch (error) {
      if (!(error instanceof CrmError)) throw error
      if (error.reason === 'method_missing' && IN_V2.has(method) && path === method) {
        paths.set(method, `v2/${method}`)
        return call(method, query)
      }
      if (isUnclear(error) && SIDE_LISTS.has(method)) return callAgain(method, query, error)
      if (isClosed(error)) closed.set(method, error)
      throw error
    }
  }
  /**
   * A refusal that says nothing of the method itself is one of the method alone when invoices are answered meanwhile,
   * and it is the same after that. Outages change.
   */
  const callAgain = async (method: string, query: Query, refused: CrmError): Promise<unknown> => {
    try {
      await call('getInvoices', todayOf(session))
    } catch (error) {
      // Without invoices, visits are no side list.
      if (isClosed(error) && method === 'getAppointments') throw refused
      if (!isClosed(error) && !isTooLarge(error)) throw error
    }
    try {
      const data = await orAgain(async () => send(session, paths.get(method) ?? method, query), isTooMuch)
      answered.add(method)
      return data
    } catch (error) {
      if (!(error instanceof CrmError) || !isSameRefusal(error, refused)) throw error
      const alone = refusedAlone(method, error)
      closed.set(method, alone)
      throw alone
    }
  }
  return { call, closed, answered }
}

/** The shortest list of invoices. */
function todayOf({ clock, settings, fallback }: Session<Settings>): Query {
  const today = localDate(clock.now(), settings.timezone ?? fallback.timezone)
  return { date_from: dayText(today), date_to: dayText(addDays(today, 1)) }
}

async function send({ apiUrl, apiKey, http }: Session<Settings>, method: string, query: Query): Promise<unknown> {
  if (!apiKey) throw new CrmError('auth', { reason: 'credentials_missing' })
  const response = await http.request({
    method: 'POST',
    url: `${apiUrl}/${method}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: () => formOf(query, apiKey),
    expect: STATUSES,
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
