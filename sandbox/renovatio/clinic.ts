// A clinic as it is, free of any wire format: who came, what was billed, what was paid. Sums are kopecks and times are
// instants; the wire forms are made from them, and so is the ledger that the database must equal.

export interface Patient {
  readonly id: number
  last: string | null
  first: string | null
  third: string | null
  /** E.164 */
  phone: string | null
  email: string | null
}

export interface Line {
  readonly id: number
  /** What was done to the patient: medical, never stored. */
  title: string
  kopecks: number
  invoice: number | null
}

export interface Visit {
  readonly id: number
  at: Date
  readonly clinicId: number
  patient: Patient | null
  status: 'upcoming' | 'completed' | 'refused'
  lines: Line[]
  updatedAt: Date
  movedTo: number | null
  movedFrom: number | null
  /** The time it had when it was last shown completed; where invoices cannot be read it is a sale from then on. */
  shownAt: Date | null
}

/** The codes beside 2 are not documented; they are this sandbox's. */
export const STATUSES = {
  unpaid: { code: 0, text: 'Не оплачен' },
  partly: { code: 1, text: 'Частично оплачен' },
  paid: { code: 2, text: 'Оплачен' },
  voided: { code: 3, text: 'Аннулирован' },
  refunded: { code: 4, text: 'Возврат' },
  /** Voided after it was paid; the code stays. */
  annulled: { code: 2, text: 'Аннулирован' },
} as const

export interface Invoice {
  number: number
  clinicId: number
  patient: Patient
  at: Date
  paidAt: Date | null
  kopecks: number
  status: keyof typeof STATUSES
  visitId: number | null
  /** The time it had when it was last shown paid; a ledger entry exists from then on. */
  shownAt: Date | null
}

export interface LedgerEntry {
  readonly externalId: string
  readonly status: 'paid' | 'unpaid' | 'cancelled'
  readonly amountMinor: number
  readonly occurredAt: string
  readonly phone: string | null
  readonly customerId: string | null
}

interface NewVisit {
  readonly at: Date
  readonly patient: Patient | null
  readonly kopecks: readonly number[]
  readonly clinicId?: number
  readonly status?: Visit['status']
}

interface NewInvoice extends Pick<Invoice, 'at' | 'patient' | 'kopecks'> {
  readonly number?: number
  readonly clinicId?: number
  readonly status?: Invoice['status']
  readonly visitId?: number | null
}

/** What the vendor tells of by a webhook: of a payment only when it is a whole one, of a refund or a deletion never. */
export type ClinicEvent =
  | { readonly event: `${'create' | 'update' | 'cancel'}_appointment`; readonly visit: Visit }
  | { readonly event: 'create_invoice' | 'full_payment_invoice'; readonly invoice: Invoice }
  | { readonly event: 'create_patient'; readonly patient: Patient }

export type Clinic = ReturnType<typeof createClinic>

const TITLES = ['Приём гинеколога', 'Анализ крови на ВИЧ', 'УЗИ почек', 'Приём психиатра', 'Лечение кариеса']

export function createClinic(now: () => Date) {
  const patients = new Map<number, Patient>()
  const visits = new Map<number, Visit>()
  const invoices: Invoice[] = []
  /** What is in no list any more, nor to be read alone. */
  const vanished = { invoices: [] as Invoice[], visits: [] as Visit[] }
  const listeners: ((event: ClinicEvent) => void)[] = []
  const tell = (event: ClinicEvent) => {
    for (const listener of listeners) listener(event)
  }
  let lastId = 40_000
  const nextId = () => (lastId += 1)
  /** What is added from now on has ids above this. */
  const startIdsAbove = (id: number) => void (lastId = Math.max(lastId, id))

  const addPatient = (patient: Partial<Omit<Patient, 'id'>> = {}): Patient => {
    const usual = { last: 'Кедрова', first: 'Анна', third: 'Петровна', phone: '+79001234567', email: null }
    const added = { id: nextId(), ...usual, ...patient }
    patients.set(added.id, added)
    tell({ event: 'create_patient', patient: added })
    return added
  }

  const touch = (visit: Visit) => {
    visit.updatedAt = now()
    tell({ event: visit.status === 'refused' ? 'cancel_appointment' : 'update_appointment', visit })
    return visit
  }

  const invoice = (number: number): Invoice => {
    const found = invoices.find((one) => one.number === number)
    if (!found) throw new Error(`no invoice ${number}`)
    return found
  }

  const visit = (id: number): Visit => {
    const found = visits.get(id)
    if (!found) throw new Error(`no visit ${id}`)
    return found
  }

  function addVisit({ at, patient, kopecks, clinicId = 1, status = 'completed' }: NewVisit): Visit {
    const lines = kopecks.map((sum, index) => {
      const title = TITLES[(lastId + index) % TITLES.length] ?? ''
      return { id: 800 + (index % TITLES.length), title, kopecks: sum, invoice: null }
    })
    const added: Visit = {
      ...{ id: nextId(), at, clinicId, patient, status, lines },
      ...{ updatedAt: now(), movedTo: null, movedFrom: null, shownAt: null },
    }
    visits.set(added.id, added)
    tell({ event: 'create_appointment', visit: added })
    return added
  }

  /** An invoice for all of a visit, or for some of its lines. Billing touches the visit; a payment does not. */
  function bill({ id, patient, clinicId, lines }: Visit, at: Date, some: readonly Line[] = lines): Invoice {
    const kopecks = some.reduce((sum, line) => sum + line.kopecks, 0)
    const billed = addInvoice({ at, patient: patient ?? addPatient(), kopecks, clinicId, visitId: id })
    for (const line of some) line.invoice = billed.number
    touch(visit(id))
    return billed
  }

  function addInvoice({ number, clinicId = 1, status = 'unpaid', visitId = null, ...rest }: NewInvoice): Invoice {
    const paidAt = status === 'paid' ? now() : null
    const added: Invoice = { number: number ?? nextId(), clinicId, status, visitId, ...rest, paidAt, shownAt: null }
    invoices.push(added)
    tell({ event: 'create_invoice', invoice: added })
    if (paidAt) tell({ event: 'full_payment_invoice', invoice: added })
    return added
  }

  function setStatus(number: number, status: Invoice['status']): void {
    const changed = invoice(number)
    changed.status = status
    if (status !== 'paid') return
    changed.paidAt ??= now()
    tell({ event: 'full_payment_invoice', invoice: changed })
  }

  /** A patient pays for a visit that is over. */
  function sell(at: Date, kopecks: number, patient = addPatient()): Invoice {
    const sold = bill(addVisit({ at, patient, kopecks: [kopecks] }), at)
    setStatus(sold.number, 'paid')
    return sold
  }

  /** As the vendor does it: the old visit is refused and points at a new one, which points back. */
  function moveVisit(id: number, at: Date): Visit {
    const old = visit(id)
    const moved = addVisit({ at, patient: old.patient, kopecks: [], clinicId: old.clinicId, status: old.status })
    Object.assign(moved, { lines: old.lines, movedFrom: old.id })
    touch(Object.assign(old, { status: 'refused', movedTo: moved.id }))
    for (const one of invoices) if (one.visitId === id) one.visitId = moved.id
    return moved
  }

  function deleteInvoice(number: number): void {
    const gone = invoice(number)
    invoices.splice(invoices.indexOf(gone), 1)
    vanished.invoices.push(gone)
  }

  function deleteVisit(id: number): void {
    vanished.visits.push(visit(id))
    visits.delete(id)
  }

  return {
    ...{
      listeners,
      patients,
      visits,
      invoices,
      vanished,
      now,
      startIdsAbove,
      addPatient,
      addVisit,
      addInvoice,
      bill,
      sell,
    },
    ...{ invoice, visit, touch, setStatus, moveVisit, deleteInvoice, deleteVisit },
  }
}
