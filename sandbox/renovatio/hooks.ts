// Renovatio's webhooks, as receivers have seen them: a form with PHP's brackets, a visit that changed always as a list
// of one, no signature, nothing of an invoice that says where it belongs. No body of JSON was published, though
// receivers take it; some are, by the number of the thing.
import type { ClinicEvent } from '#sandbox/renovatio/clinic.ts'
import { createWire, human } from '#sandbox/renovatio/wire.ts'
import type { RenovatioSandbox } from '#sandbox/renovatio/state.ts'

type Wire = ReturnType<typeof createWire>
type Row = Readonly<Record<string, unknown>>

/** From now on every event goes to the address that was entered. */
export function sendHooks(sandbox: RenovatioSandbox): void {
  const { clinic, hooks, zone } = sandbox
  const wire = createWire(zone)
  clinic.listeners.push((event) => {
    if (sandbox.hookUrl === null) return
    const { id, row } = toRow(wire, event)
    const data = event.event === 'update_appointment' ? [row] : row
    const body = { event: event.event, date: wire.minute(clinic.now()), data }
    hooks.send({ url: sandbox.hookUrl, ...(id % 7 === 0 ? asJson(body) : asForm(body)) })
  })
}

const asJson = (body: Row) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const asForm = (body: Row) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(Object.entries(body).flatMap(([name, value]) => pairsOf(name, value))).toString(),
})

/** As `http_build_query` writes them, which leaves out what is null and empty. */
function pairsOf(name: string, value: unknown): [string, string][] {
  if (value === null || value === undefined) return []
  if (typeof value === 'boolean') return [[name, value ? '1' : '0']]
  if (typeof value === 'string' || typeof value === 'number') return [[name, String(value)]]
  return Object.entries(value).flatMap(([part, one]: [string, unknown]) => pairsOf(`${name}[${part}]`, one))
}

function toRow(wire: Wire, event: ClinicEvent): { readonly id: number; readonly row: Row } {
  if ('visit' in event) return { id: event.visit.id, row: wire.visit(event.visit) }
  if ('patient' in event) return { id: event.patient.id, row: { ...wire.patient(event.patient), age: 36 } }
  const { invoice } = event
  const { number, date, value, status } = wire.invoice(invoice)
  // The date is then the payment's.
  const paid = event.event === 'full_payment_invoice' && {
    date: wire.minute(invoice.paidAt ?? invoice.at),
    payment_type_name: 'Банковская карта',
  }
  return { id: invoice.number, row: { number, date, value, status, ...paid, ...payerOf(invoice.patient, wire) } }
}

function payerOf(patient: Parameters<Wire['patient']>[0], wire: Wire): Row {
  return {
    ...{ patient: [patient.last, patient.first, patient.third].filter(Boolean).join(' ') },
    ...{ patient_birth_date: wire.patient(patient)['birth_date'], patient_gender: 'Ж' },
    ...{ patient_mobile: human(patient.phone), patient_email: patient.email ?? '' },
  }
}
