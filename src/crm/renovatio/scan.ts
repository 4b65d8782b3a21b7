// One window of days, one clinic after the other. At its end it is known which stored sales it no longer shows.
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { addDays, zonedToUtc } from '#lib/time.ts'
import { isClosed, type Query } from '#crm/renovatio/client.ts'
import { createContacts } from '#crm/renovatio/contacts.ts'
import { advance, type Phase, type Plan, type Unclear } from '#crm/renovatio/cursor.ts'
import { dayText } from '#crm/renovatio/forms.ts'
import { type Desk, findTwins, look, type Looked, readRows, readStored } from '#crm/renovatio/invoices.ts'
import { mapInvoice, mapVisit } from '#crm/renovatio/map.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'
import type { Pull, Step } from '#crm/renovatio/step.ts'
import { isOurs, type Work } from '#crm/renovatio/work.ts'

/** More patients than this to ask for one by one: the visits of the same days tell most of them in one call. */
const CARDS_MAX = 3

interface Days {
  readonly from: string
  readonly to: string
}

export async function scan(work: Pull, plan: Plan, phase: Phase): Promise<Step> {
  const last = addDays(phase.from, plan.windowDays - 1)
  const days = { from: phase.from, to: last < phase.to ? last : phase.to }
  const isInvoices = plan.mode === 'invoices'
  const { records, ...seen } = await (isInvoices ? readInvoices(work, plan, days) : readVisits(work, days))
  const state = {
    ...plan,
    shown: [...plan.shown, ...seen.shown],
    isBlind: plan.isBlind || seen.isBlind,
    unclear: [...plan.unclear, ...seen.unclear],
  }
  if (isInvoices && plan.clinic + 1 < work.session.settings.clinicIds.length) {
    return { records, plan: { ...state, clinic: plan.clinic + 1 } }
  }
  const unclear = [...state.unclear, ...(await findUnseen(work, days, state))]
  return { records, plan: advance({ ...state, unclear }, addDays(days.to, 1)) }
}

interface Seen {
  readonly records: readonly MappedRecord[]
  /** External ids. */
  readonly shown: readonly string[]
  readonly unclear: readonly Unclear[]
  readonly isBlind: boolean
}

async function readInvoices(work: Pull, plan: Plan, days: Days): Promise<Seen> {
  const clinicId = work.session.settings.clinicIds[plan.clinic]
  const ofClinic: Query = clinicId === undefined ? {} : { clinic_id: clinicId }
  const rows = readRows(await work.client.invoices({ ...daysQuery(days), ...ofClinic }))
  const contacts = createContacts()
  const desk: Desk = { stored: await readStored(work, rows), contacts, isNews: false, refill: plan.refill }
  const lookAll = () => [...rows.numbers.values()].flatMap((group) => look(work, group, desk) ?? [])
  let all = lookAll()
  if (all.filter(isUnclear).length > CARDS_MAX) {
    contacts.learn(await visitsOf(work, { ...minutesQuery(days), ...ofClinic }))
    all = lookAll()
  }
  const clear = all.filter((looked) => !isUnclear(looked))
  const wanted = all.filter(isUnclear).map(({ invoice }) => `invoice:${invoice.number}`)
  const shown = [...idsOf(rows.unreadable), ...[...rows.numbers.keys()].map((number) => `invoice:${number}`)]
  const twins = await findTwins(work, all, [...plan.shown, ...shown])
  return {
    records: [
      ...rows.unreadable,
      ...clear.flatMap(({ invoice, payer, isElsewhere }) =>
        isElsewhere ? [] : [mapInvoice(invoice, payer.customer, work)],
      ),
      ...clear.flatMap(({ conflicts }) => conflicts),
    ],
    shown,
    unclear: [...wanted.map((externalId) => ({ externalId, why: 'wanted' }) as const), ...twins],
    isBlind: rows.unreadable.some(({ externalId }) => externalId === null),
  }
}

/** It takes a call of its own to tell whose it is. */
function isUnclear({ payer, isElsewhere, isStrange }: Looked): boolean {
  return !isElsewhere && (payer.ask !== null || isStrange)
}

/** Nothing where visits cannot be read: cards tell the same, one by one. */
async function visitsOf(work: Work, query: Query): Promise<readonly unknown[]> {
  try {
    return await work.client.visits(query)
  } catch (error) {
    if (isClosed(error)) return []
    throw error
  }
}

async function readVisits(work: Pull, days: Days): Promise<Seen> {
  const { clinicIds } = work.session.settings
  const ofClinics: Query = clinicIds.length === 0 ? {} : { clinic_id: clinicIds.join(',') }
  const rows = await work.client.visits({ ...minutesQuery(days), ...ofClinics })
  const records = ourVisits(work, rows).map((row) => mapVisit(row, work))
  const isBlind = records.some((record) => record.type === 'unmapped' && record.externalId === null)
  return { records, shown: idsOf(records), unclear: [], isBlind }
}

export function ourVisits(work: Work, rows: readonly unknown[]): readonly unknown[] {
  return rows.filter((row) => isOurs(work, VisitHint.safeParse(row).data?.clinic_id ?? null))
}

/** A bare last day may mean its midnight, so the day after is asked for; what is shown beyond the window does no harm. */
function daysQuery({ from, to }: Days): Query {
  return { date_from: dayText(from), date_to: dayText(addDays(to, 1)) }
}

function minutesQuery({ from, to }: Days): Query {
  return { date_from: `${dayText(from)} 00:00`, date_to: `${dayText(addDays(to, 1))} 23:59` }
}

/** Stored sales of the window that a complete scan of it did not show. One that shows nothing at all says nothing. */
async function findUnseen({ session, zone }: Pull, days: Days, plan: Plan): Promise<Unclear[]> {
  if (plan.shown.length === 0 || plan.isBlind) return []
  const prefix = plan.mode === 'invoices' ? 'invoice:' : 'appointment:'
  const [from, to] = [zonedToUtc(`${days.from} 00:00:00`, zone), zonedToUtc(`${days.to} 23:59:59`, zone)]
  const isSettled = new Set([...plan.shown, ...plan.unclear.map(({ externalId }) => externalId)])
  const unseen = (await session.storedIds({ prefix, from, to })).filter((externalId) => !isSettled.has(externalId))
  return unseen.toSorted().map((externalId) => ({ externalId, why: 'unseen' }))
}

function idsOf(records: readonly MappedRecord[]): string[] {
  return records.flatMap((record) => externalIdOf(record) ?? [])
}
