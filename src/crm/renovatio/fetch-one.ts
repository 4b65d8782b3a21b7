// Objects as they are now, read by the steps of a pull. An empty answer proves nothing: right after a change every read
// is empty.
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { noneByCommon } from '#crm/rules.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import type { Instead } from '#crm/webhook.ts'
import { addDays } from '#lib/time.ts'
import { followVisits } from '#crm/renovatio/changed.ts'
import { verifyBatch, numberOf } from '#crm/renovatio/verify.ts'
import { clientOf } from '#crm/renovatio/client.ts'
import { type Mode, planReads } from '#crm/renovatio/cursor.ts'
import { mapVisit } from '#crm/renovatio/map.ts'
import { dayText } from '#crm/renovatio/forms.ts'
import { modeOf } from '#crm/renovatio/plan.ts'
import { absentRecords } from '#crm/renovatio/pull.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'
import { isClosed, isTooMuch } from '#crm/renovatio/refusal.ts'
import { ourVisits } from '#crm/renovatio/visits.ts'
import { none } from '#crm/renovatio/rules.ts'
import type { Settings } from '#crm/renovatio/settings.ts'
import { createPullContext, type PullContext, type Step } from '#crm/renovatio/pull-context.ts'
import { readTitles } from '#crm/renovatio/account-context.ts'

export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | NoRecord> {
  const [, kind] = /^(invoice|appointment):./.exec(externalId) ?? []
  if (kind === undefined) return noneByCommon('foreign_id', { example: 'invoice:123' })
  const isVisit = kind === 'appointment'
  const read = await refetch(session, { externalId })
  if (read === null) return none('not_shown')
  if ('instead' in read) return none(isVisit ? 'visits_closed' : 'invoices_closed')
  const record = read.find((one) => externalIdOf(one) === externalId)
  return record ?? none(isVisit ? 'visit_by_invoices' : 'invoice_elsewhere')
}

/** A sale with related ones: the invoices of a visit, or the sale that an invoice has replaced. */
export async function refetch(
  session: Session<Settings>,
  { externalId, extra = {} }: Hint,
): Promise<readonly MappedRecord[] | Instead | null> {
  const reader = await openOnce(session)
  if (externalId.startsWith('appointment:')) return readVisit(reader, externalId, extra['invoices'])
  if (reader.mode === 'visits') return { instead: await readVisitsOf(reader.context, externalId, extra['date']) }
  return readInvoices(reader, [externalId])
}

interface Reader {
  readonly context: PullContext
  readonly mode: Mode
}

const openOnce = oncePerSession(async (session: Session<Settings>): Promise<Reader> => {
  const context = createPullContext(session, await readTitles(clientOf(session)))
  return { context, mode: await modeOf(context, null) }
})

/** Null: the vendor shows none of them. */
async function readInvoices(reader: Reader, externalIds: readonly string[]): Promise<readonly MappedRecord[] | null> {
  const { records, plan } = await verifyAll(reader.context, { records: [], plan: planOf(reader, externalIds) })
  return externalIds.every((externalId) => plan.missing.includes(externalId)) ? null : records
}

function planOf({ context, mode }: Reader, externalIds: readonly string[]) {
  return planReads({ mode, clinics: context.clinics }, externalIds)
}

async function verifyAll(context: PullContext, first: Step): Promise<Step> {
  const records = [...first.records]
  let { plan } = first
  while (plan.toVerify.length > 0) {
    const step = await verifyBatch(context, plan)
    if (step.failure) throw step.failure
    records.push(...step.records)
    plan = step.plan
  }
  return { records: [...records, ...absentRecords({ ...plan, missing: [] }).records], plan }
}

/** `named`: the invoices that the hook named, for a key that may read invoices but not visits. */
async function readVisit(
  reader: Reader,
  externalId: string,
  named = '',
): Promise<readonly MappedRecord[] | Instead | null> {
  const { context, mode } = reader
  try {
    const rows = await context.client.visits({ appointment_id: numberOf(externalId) })
    if (rows.length === 0) return null
    // A stored visit is followed to any clinic.
    const isStored = (await context.session.storedSales([externalId])).size > 0
    const visits = isStored ? rows : ourVisits(context, rows)
    return (await verifyAll(context, await followVisits(context, planOf(reader, []), visits))).records
  } catch (error) {
    if (mode === 'visits' || !isClosed(error)) throw error
    const invoices = named === '' ? [] : named.split(',').map((number) => `invoice:${number}`)
    return { instead: (await readInvoices(reader, invoices)) ?? [] }
  }
}

/**
 * The visits that name the invoice. A hook that names the visit itself is handled by its own hint. `date` is when the
 * invoice was paid, which may be days after the visit.
 */
async function readVisitsOf(context: PullContext, externalId: string, date = ''): Promise<readonly MappedRecord[]> {
  const day = date.slice(0, 10).split('.').toReversed().join('-')
  if (Number.isNaN(Date.parse(day))) return []
  const rows = ourVisits(context, await visitsUpTo(context, day))
  const names = (row: unknown) =>
    VisitHint.safeParse(row).data?.services.some(({ invoice_number: number }) => number === numberOf(externalId))
  return rows.filter(names).map((row) => mapVisit(row, context))
}

/** Those of the six days before too, or of the day alone where these are too many. */
async function visitsUpTo({ client }: PullContext, day: string): Promise<readonly unknown[]> {
  const visits = async (from: string) =>
    client.visits({ date_from: `${dayText(from)} 00:00`, date_to: `${dayText(day)} 23:59` })
  try {
    return await visits(addDays(day, -6))
  } catch (error) {
    if (!isTooMuch(error)) throw error
    return visits(day)
  }
}
