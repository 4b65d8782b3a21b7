// The connection test: every method the sync will call, by the sync's own client, each with a sentence for the owner.
import type { Account, CanonicalTransaction, Capability, Check, LocalizedText, Session } from '#crm/contract.ts'
import { capabilityIn, paidIn, phoneCapability, SAMPLE_MAX } from '#crm/kit/check.ts'
import { attempt, type Attempt, CrmError } from '#lib/crm-error.ts'
import { clientOf, type Query } from '#crm/renovatio/client.ts'
import { createContacts } from '#crm/renovatio/contacts.ts'
import { type LookupContext, resolveInvoice, readRows, readStored, toRecords } from '#crm/renovatio/invoices.ts'
import { isPaid, mapVisit } from '#crm/renovatio/map.ts'
import { FOUND, MESSAGES, PHONES } from '#crm/renovatio/messages.ts'
import { daysQuery, holdsInvoices, nothingReadable } from '#crm/renovatio/plan.ts'
import { createPullContext, type PullContext } from '#crm/renovatio/pull-context.ts'
import { isClosed, isTooMuch } from '#crm/renovatio/refusal.ts'
import { type Clinic, VisitHint } from '#crm/renovatio/schema.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { titlesOf, type AccountContext } from '#crm/renovatio/account-context.ts'
import { both } from '#lib/localized.ts'

const DAYS = 5

const capability = capabilityIn(MESSAGES)

export async function check(session: Session<Settings>): Promise<Check> {
  const clinics = await attempt(clientOf(session).clinics)
  if (clinics.error && !isClosed(clinics.error)) {
    return { account: null, capabilities: [capability('credentials', clinics.error)], sample: [] }
  }
  const context = createPullContext(session, titlesOf(clinics.value ?? []))
  const { clinicIds } = session.settings
  const [first] = clinicIds
  const invoices = await attempt(async () =>
    recent(context, context.client.invoices, first === undefined ? {} : { clinic_id: first }),
  )
  const visits = await attempt(async () =>
    recent(context, context.client.visits, clinicIds.length > 0 ? { clinic_id: clinicIds.join(',') } : {}),
  )
  const patients = await attempt(async () => context.client.patient(patientIn(visits.value, invoices.value)))
  const sample = await sampleOf(context, invoices.value, visits.value)
  const sales = await saleCapabilities(session, invoices, visits)
  const customers = sample.flatMap(({ customer }) => (customer?.externalId ? [customer] : []))
  const capabilities: Capability[] = [
    credentials(invoices.error, visits.error, clinics.error),
    clinicCapability(clinics, clinicIds),
    ...sales,
    // A refused card is an answer too: the patient may be missing.
    capability(
      'patients',
      patients.error && patients.error.kind !== 'rejected' ? patients.error : FOUND.readable,
      false,
    ),
    ...phoneCapability(customers, PHONES),
  ]
  const ours = (clinics.value ?? []).filter(({ id }) => clinicIds.length === 0 || clinicIds.includes(id))
  const locations = ours.map(({ id, title }) => ({ externalId: id, name: title || id, timezone: context.zoneOf(id) }))
  return { account: accountOf(ours), locations, capabilities, sample: sample.slice(0, SAMPLE_MAX) }
}

/** The rows of the last days, or of today alone when those are too many. */
async function recent(context: AccountContext, read: (query: Query) => Promise<readonly unknown[]>, more: Query) {
  try {
    return await read({ ...daysQuery(context, DAYS), ...more })
  } catch (error) {
    if (!isTooMuch(error)) throw error
    return read({ ...daysQuery(context, 0), ...more })
  }
}

/** The key is good when any method could be read with it. */
function credentials(...errors: readonly (CrmError | null)[]): Capability {
  const error = errors.includes(null) ? null : (errors[0] ?? null)
  return capability('credentials', error ?? FOUND.key)
}

function clinicCapability({ value, error }: Attempt<readonly Clinic[]>, clinicIds: readonly string[]): Capability {
  if (error) return capability('clinics', error, false)
  const known = value.map(({ id, title }) => `${id} – ${title}`).join(', ')
  const missing = clinicIds.filter((id) => !value.some((clinic) => clinic.id === id))
  if (missing.length > 0 && value.length > 0) {
    const params = { ids: missing.join(', '), known }
    return capability('clinics', new CrmError('not_found', { reason: 'clinic_missing', params }))
  }
  return capability('clinics', known === '' ? FOUND.readable : both(known))
}

/** One kind of sale is enough. But an integration that has counted invoices must keep reading them. */
async function saleCapabilities(
  session: Session<Settings>,
  invoices: Attempt<readonly unknown[]>,
  visits: Attempt<readonly unknown[]>,
): Promise<Capability[]> {
  const isFallback = isClosed(invoices.error) && visits.error === null && !(await holdsInvoices(session))
  const isNone = isClosed(invoices.error) && isClosed(visits.error)
  const outcomeOf = ({ value, error }: Attempt<readonly unknown[]>) =>
    error ? (isNone ? nothingReadable(error) : error) : count(value)
  const ofInvoices = capability('invoices', outcomeOf(invoices), !isFallback)
  const areVisitsNeeded = isNone || !(invoices.error === null && isClosed(visits.error))
  return [
    isFallback ? { ...ofInvoices, detail: FOUND.visitsOnly } : ofInvoices,
    capability('appointments', outcomeOf(visits), areVisitsNeeded),
  ]
}

function count(rows: readonly unknown[]): LocalizedText {
  return {
    en: `Readable; ${rows.length} in the last ${DAYS} days.`,
    ru: `Доступно; за ${DAYS} дней: ${rows.length}.`,
  }
}

/** The id of a patient whose card to try; any id when no patient is known. */
function patientIn(...lists: readonly (readonly unknown[] | null)[]): string {
  const hints = lists.flatMap((rows) => rows ?? []).map((row) => VisitHint.safeParse(row).data?.patient_id ?? null)
  return hints.find((id) => id !== null) ?? '1'
}

/** Reads some more sales than the report shows, to find out whether phones are visible. */
async function sampleOf(
  context: PullContext,
  invoices: readonly unknown[] | null,
  visits: readonly unknown[] | null,
): Promise<CanonicalTransaction[]> {
  if (!invoices) return paidIn((visits ?? []).map((row) => mapVisit(row, context)))
  const rows = readRows(invoices)
  const contacts = createContacts(context)
  contacts.learn(visits ?? [])
  const lookup: LookupContext = { stored: await readStored(context, rows), contacts, isNews: false, refill: false }
  const sample: CanonicalTransaction[] = []
  for (const group of rows.numbers.values()) {
    const resolved = resolveInvoice(context, group, lookup)
    if (!resolved || !isPaid(resolved.invoice)) continue
    const { value } = await attempt(async () => toRecords(context, resolved, lookup))
    sample.push(...paidIn(value?.records ?? []))
    if (sample.length >= SAMPLE_MAX) break
  }
  return sample
}

function accountOf(ours: readonly Clinic[]): Account | null {
  if (ours.length === 0) return null
  const join = (texts: readonly string[]) => texts.join(', ').slice(0, 200)
  return {
    externalId: join(ours.map(({ id }) => id)),
    name: join(ours.map(({ title }) => title)),
    timezone: null,
    currency: null,
  }
}
