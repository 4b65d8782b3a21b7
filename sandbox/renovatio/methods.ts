// The methods of the HTTP API, at `/{method}` and `/v2/{method}`, and below `/api/public` as the vendor has them.
import type { Context, Hono } from 'hono'
import { addDays, localDate } from '#lib/time.ts'
import type { Invoice, Visit } from '#sandbox/renovatio/clinic.ts'
import { createWire } from '#sandbox/renovatio/wire.ts'
import type { RenovatioSandbox } from '#sandbox/renovatio/state.ts'

const NUMBERS_MAX = 50
const V2 = new Set(['getAppointments', 'getInvoices'])

export function addMethods(sandbox: RenovatioSandbox): void {
  const methods = createMethods(sandbox)
  const answer = async (c: Context, version: '' | 'v2/') => {
    // workerd warns of `text()` on a form.
    const form = new URLSearchParams(new TextDecoder().decode(await c.req.arrayBuffer()))
    const method = c.req.param('method') ?? ''
    const between = foreignAnswer(sandbox, method)
    if (between) return between
    const key = form.get('api_key')
    form.delete('api_key')
    sandbox.requests.push(`POST /${version}${method} ${decodeURIComponent(form.toString())}`)
    if (key !== sandbox.credentials.apiKey) return failure(sandbox.keyRefusal.code, sandbox.keyRefusal.desc)
    const serve = methods[method]
    const isThere = version === '' || V2.has(method)
    if (!serve || !isThere || sandbox.absent.has(`${version}${method}`)) return failure('404', 'Method not found')
    if (sandbox.denied.has(method)) return failure(403, 'No access to method')
    const refusal = sandbox.refusals.get(method)
    if (refusal) return failure(refusal.code, refusal.desc)
    return serve(form, version === 'v2/')
  }
  for (const base of ['', '/api/public']) {
    const { app } = sandbox
    app.post(`${base}/:method{get[A-Za-z]+}`, async (c) => answer(c, ''))
    app.post(`${base}/v2/:method{get[A-Za-z]+}`, async (c) => answer(c, 'v2/'))
  }
  addNotFound(sandbox.app)
}

function addNotFound(app: Hono): void {
  app.notFound((c) => c.html('<!doctype html><title>404 Not Found</title>', 404))
}

/** Null: the installation answers itself. */
function foreignAnswer({ foreign, requests }: RenovatioSandbox, method: string): Response | null {
  const answer = foreign.get(method) ?? foreign.get('*')
  if (!answer || answer.times === 0) return null
  if (answer.times !== undefined) answer.times -= 1
  requests.push(`POST /${method} refused before it arrived`)
  const { status, body, contentType = 'text/html' } = answer
  return new Response(body, { status, headers: { 'content-type': contentType } })
}

/** With status 200, as all that the vendor itself says. */
function failure(code: number | string, desc: string): Response {
  return Response.json({ error: 1, data: { code, desc } })
}

type Method = (form: URLSearchParams, isV2: boolean) => Response

function createMethods(sandbox: RenovatioSandbox): Readonly<Record<string, Method>> {
  const { clinic, zone } = sandbox
  const wire = createWire(zone)
  const requestCount = () => sandbox.requests.length
  const ok = (data: unknown) => {
    const shown = sandbox.unknownFields ? withUnknown(data) : data
    return Response.json({ error: 0, ...(shown !== undefined && { data: shown }) })
  }
  /** A list is shown in one form or another: nothing as `null`, many things as an object with gaps in its numbers. */
  const list = (name: string, rows: readonly unknown[]) => {
    if (sandbox.areListsWrapped || requestCount() % 5 === 1) return ok({ [name]: rows, total: rows.length })
    if (rows.length === 0) return ok([[], null, undefined][requestCount() % 3])
    if (rows.length === 1) return ok(requestCount() % 2 === 0 ? rows[0] : rows)
    return ok(requestCount() % 5 === 0 ? Object.fromEntries(rows.map((row, index) => [String(index * 2), row])) : rows)
  }
  const show = (key: string, shown: object) => ({ ...shown, ...sandbox.broken.get(key) })
  const isTooLong = (from: string, to: string) =>
    (Date.parse(isoDay(to)) - Date.parse(isoDay(from))) / 86_400_000 > sandbox.windowDaysMax
  const tooLong = () => new Response('<h1>500 Internal Server Error</h1>', { status: 500 })

  return {
    getClinics: () =>
      ok(Object.entries(sandbox.clinics).map(([id, title]) => ({ id: Number(id), title, address: 'ул. Садовая, 10' }))),
    getInvoices: (form) => {
      const numbers = [...form.getAll('number[]'), ...form.getAll('number')]
      const [from, to] = [form.get('date_from') ?? '', form.get('date_to') ?? '']
      if (numbers.length > NUMBERS_MAX) return failure(500, 'Слишком много номеров')
      if (numbers.length === 0 && (!isDay(from) || !isDay(to))) return failure(500, 'Не указан период')
      if (numbers.length === 0 && isTooLong(from, to)) return tooLong()
      sandbox.onList?.('getInvoices')
      const isHidden = numbers.length > 0 ? sandbox.emptyReads : sandbox.emptyLists
      const isNamed = numbers.length > 0 ? ofNumbers(numbers) : ofDays(sandbox, isoDay(from), isoDay(to))
      const invoices = clinic.invoices.filter((invoice) => isNamed(invoice) && isOfClinic(form, invoice))
      for (const invoice of isHidden ? [] : invoices)
        if (invoice.status === 'paid') invoice.shownAt = wire.shownAt(invoice)
      const rows = isHidden ? [] : invoices
      return list(
        'invoices',
        rows.map((invoice) => show(`invoice:${invoice.number}`, wire.invoice(invoice))),
      )
    },
    getAppointments: (form, isV2) => {
      const id = form.get('appointment_id')
      const period = (['date', 'date_updated'] as const).find((name) => form.has(`${name}_from`))
      if (id === null && !period) return failure(500, 'Не указан период')
      const [from, to] = [form.get(`${period}_from`) ?? '', form.get(`${period}_to`) ?? '']
      if (id === null && (!isMinute(from) || !isMinute(to))) return failure(500, 'Неверный формат даты')
      if (id === null && isTooLong(from, to)) return tooLong()
      sandbox.onList?.('getAppointments')
      const isHidden = id === null ? sandbox.emptyLists : sandbox.emptyReads
      const isWithin = (visit: Visit) => {
        const at = comparable(wire.minute(period === 'date' ? visit.at : visit.updatedAt))
        const [start, end] = [comparable(from), comparable(to)]
        return sandbox.endsAreOpen ? at > start && at < end : at >= start && at <= end
      }
      const visits = [...clinic.visits.values()].filter((visit) =>
        id === null ? isWithin(visit) : String(visit.id) === id,
      )
      const rows = isHidden ? [] : visits.filter((visit) => isOfClinic(form, visit))
      for (const visit of rows) if (visit.status === 'completed') visit.shownAt = visit.at
      const shown = rows.map((visit) => show(`appointment:${visit.id}`, isV2 ? wire.visitV2(visit) : wire.visit(visit)))
      return list('appointments', shown)
    },
    getPatient: (form) => {
      const found = clinic.patients.get(Number(form.get('id')))
      if (!found) return ok(null)
      return found.id % 2 === 0 ? ok(wire.patient(found)) : ok([wire.patient(found)])
    },
  }
}

function ofNumbers(numbers: readonly string[]): (invoice: Invoice) => boolean {
  return ({ number }) => numbers.includes(String(number))
}

function ofDays({ zone, filteredBy, endsAreOpen }: RenovatioSandbox, from: string, to: string) {
  const last = endsAreOpen ? addDays(to, -1) : to
  return (invoice: Invoice) => {
    const at = invoice[filteredBy]
    if (at === null) return false
    const day = localDate(at, zone)
    return day >= from && day <= last
  }
}

function isOfClinic(form: URLSearchParams, { clinicId }: { readonly clinicId: number }): boolean {
  const clinicIds = form.get('clinic_id')
  return clinicIds === null || clinicIds.split(',').includes(String(clinicId))
}

const isDay = (text: string) => /^\d\d\.\d\d\.\d{4}$/.test(text)
const isMinute = (text: string) => /^\d\d\.\d\d\.\d{4}( \d\d:\d\d)?$/.test(text)
const isoDay = (text: string) => text.slice(0, 10).split('.').toReversed().join('-')
/** A bare day begins at midnight. */
const comparable = (text: string) => `${isoDay(text)} ${text.slice(11) || '00:00'}`

function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).map(([name, part]): [string, unknown] => [name, withUnknown(part)])
  // A list with gaps has numbers for names, and nothing beside them.
  if ('0' in value) return Object.fromEntries(known)
  return { ...Object.fromEntries(known), brand_new: { since: 2027, list: [1, 'a', null] } }
}
