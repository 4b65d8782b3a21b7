// One window of days, one clinic after the other. At its end, stored sales that it did not show are noted for
// verification.
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { isTooLarge } from '#lib/egress.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import type { Query } from '#crm/renovatio/client.ts'
import { createContacts } from '#crm/renovatio/contacts.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'
import { advance, type Phase, type Plan, type ToVerify } from '#crm/renovatio/cursor.ts'
import { dayText } from '#crm/renovatio/forms.ts'
import {
  type LookupContext,
  findRenumbered,
  resolveInvoice,
  type ResolvedInvoice,
  readRows,
  readStored,
  recordsOf,
} from '#crm/renovatio/invoices.ts'
import { isClosed } from '#crm/renovatio/refusal.ts'
import type { PullContext, Step } from '#crm/renovatio/pull-context.ts'
import type { AccountContext } from '#crm/renovatio/account-context.ts'
import { ourVisits, toVisitRecords } from '#crm/renovatio/visits.ts'

/** For more patients than this, one call for the visits of the same days replaces single calls for cards. */
const CARDS_MAX = 3

interface Days {
  readonly from: string
  readonly to: string
}

export async function scan(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const last = addDays(phase.from, plan.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const isInvoices = plan.mode === 'invoices'
  const isWhole = !isInvoices || plan.clinic + 1 >= context.session.settings.clinicIds.length
  /** Read beside what is stored of the shown ones. A scan that shows nothing at all proves nothing. */
  const storedOf = async (shown: readonly string[]) =>
    isWhole && plan.shown.length + shown.length > 0 ? storedWithin(context, plan, days) : []
  const read = await (isInvoices ? readInvoices(context, plan, days, storedOf) : readVisits(context, days, storedOf))
  const { records, skipped, mayWait } = read
  const state = {
    ...plan,
    shown: [...plan.shown, ...read.shown],
    isBlind: plan.isBlind || read.isBlind,
    toVerify: [...plan.toVerify, ...read.toVerify],
  }
  if (!isWhole) return { records, skipped, mayWait, plan: { ...state, clinic: plan.clinic + 1 } }
  const toVerify = [...state.toVerify, ...unseenOf(read.storedIds, state)]
  return { records, skipped, mayWait, plan: advance({ ...state, toVerify }, addDays(days.to, 1)) }
}

type StoredOf = (shown: readonly string[]) => Promise<readonly string[]>

interface WindowRead {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
  /** External ids. */
  readonly shown: readonly string[]
  readonly toVerify: readonly ToVerify[]
  readonly isBlind: boolean
  /** Stored sales of the window. */
  readonly storedIds: readonly string[]
  readonly mayWait: boolean
}

async function readInvoices(context: PullContext, plan: Plan, days: Days, storedOf: StoredOf): Promise<WindowRead> {
  const clinicId = context.session.settings.clinicIds[plan.clinic]
  const ofClinic: Query = clinicId === undefined ? {} : { clinic_id: clinicId }
  const rows = readRows(await context.client.invoices({ ...daysQuery(days), ...ofClinic }))
  const contacts = createContacts(context)
  const shown = [...idsOf(rows.unreadable), ...[...rows.numbers.keys()].map((number) => `invoice:${number}`)]
  const [stored, storedIds] = await Promise.all([readStored(context, rows), storedOf(shown)])
  const lookup: LookupContext = { stored, contacts, isNews: false, refill: plan.refill }
  const resolveAll = () => [...rows.numbers.values()].flatMap((group) => resolveInvoice(context, group, lookup) ?? [])
  let all = resolveAll()
  if (all.filter(needsReading).length > CARDS_MAX) {
    const visits = await visitsOf(context, days, ofClinic)
    contacts.learn(visits)
    context.visitReader.learn(visits)
    all = resolveAll()
  }
  const clear = all.filter((resolved) => !needsReading(resolved)).map((resolved) => recordsOf(context, resolved))
  const named = all.filter(needsReading).map(({ invoice }) => `invoice:${invoice.number}`)
  const renumbered = await findRenumbered(context, all, [...plan.shown, ...shown])
  const records = [...rows.unreadable, ...clear.flatMap((read) => read.records)]
  return {
    ...{ records, shown, storedIds },
    skipped: clear.reduce((sum, { skipped }) => sum + skipped, rows.drafts),
    toVerify: [...named.map((externalId) => ({ externalId, why: 'named' }) as const), ...renumbered],
    isBlind: rows.unreadable.some(({ externalId }) => externalId === null),
    // Visits are compared with stored sales, and a person's sync looks for phones that are not stored.
    mayWait: !plan.refill && records.every((record) => bringsNoSale(record, stored)),
  }
}

function bringsNoSale(record: MappedRecord, stored: LookupContext['stored']): boolean {
  if (record.type !== 'transaction') return false
  const { externalId, status } = record.transaction
  return stored.has(externalId) || status !== 'paid'
}

/** A call of its own is needed to find out whose invoice it is. */
function needsReading({ payer, isElsewhere, isOtherPatient }: ResolvedInvoice): boolean {
  return !isElsewhere && (payer.cardOf !== null || isOtherPatient)
}

/** Empty when visits cannot be read, also those of a day that are too many: the cards then have the contact data. */
async function visitsOf(context: AccountContext, days: Days, ofClinic: Query): Promise<readonly unknown[]> {
  try {
    return await context.client.visits({ ...minutesQuery(days), ...ofClinic })
  } catch (error) {
    if (isClosed(error) || (isTooLarge(error) && days.from === days.to)) return []
    throw error
  }
}

async function readVisits(context: PullContext, days: Days, storedOf: StoredOf): Promise<WindowRead> {
  const { clinicIds } = context.session.settings
  const ofClinics: Query = clinicIds.length === 0 ? {} : { clinic_id: clinicIds.join(',') }
  const rows = ourVisits(context, await context.client.visits({ ...minutesQuery(days), ...ofClinics }))
  const [{ records, skipped, shown }, storedIds] = await Promise.all([
    toVisitRecords(context, rows),
    storedOf(rows.flatMap((row) => VisitHint.safeParse(row).data?.id ?? [])),
  ])
  const isBlind = records.some((record) => record.type === 'unmapped' && record.externalId === null)
  return { records, skipped, shown, toVerify: [], isBlind, storedIds, mayWait: false }
}

/**
 * The day after is included, since the last day of a query may mean its midnight. Rows beyond the window do no harm.
 */
function daysQuery({ from, to }: Days): Query {
  return { date_from: dayText(from), date_to: dayText(addDays(to, 1)) }
}

function minutesQuery({ from, to }: Days): Query {
  return { date_from: `${dayText(from)} 00:00`, date_to: `${dayText(addDays(to, 1))} 23:59` }
}

async function storedWithin({ session, zone }: PullContext, plan: Plan, days: Days): Promise<readonly string[]> {
  const prefix = plan.mode === 'invoices' ? 'invoice:' : 'appointment:'
  const [from, to] = [zonedToUtc(`${days.from} 00:00:00`, zone), zonedToUtc(`${days.to} 23:59:59`, zone)]
  return session.storedIds({ prefix, from, to })
}

/** Stored sales of the window that a complete scan did not show. */
function unseenOf(storedIds: readonly string[], plan: Plan): ToVerify[] {
  if (plan.shown.length === 0 || plan.isBlind) return []
  const isSettled = new Set([...plan.shown, ...plan.toVerify.map(({ externalId }) => externalId)])
  const unseen = storedIds.filter((externalId) => !isSettled.has(externalId))
  return unseen.toSorted().map((externalId) => ({ externalId, why: 'unseen' }))
}

function idsOf(records: readonly MappedRecord[]): string[] {
  return records.flatMap((record) => externalIdOf(record) ?? [])
}
