// One window of changed visits: as sales where visits are counted, else as hints to the invoices behind them.
import type { MappedRecord } from '#crm/contract.ts'
import type { Query } from '#crm/renovatio/client.ts'
import { advance, AHEAD_MS, BORDER_OVERLAP_MS, DAY_MS, type Phase, type Plan } from '#crm/renovatio/cursor.ts'
import { minuteText } from '#crm/renovatio/forms.ts'
import { contactOf, mapVisit } from '#crm/renovatio/map.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'
import { ourVisits, toVisitRecords } from '#crm/renovatio/visits.ts'
import type { PullContext, Step } from '#crm/renovatio/pull-context.ts'

export async function readChanged(context: PullContext, plan: Plan, phase: Phase): Promise<Step> {
  const start = Date.parse(phase.from)
  const end = Math.min(start + plan.windowDays * DAY_MS, Date.parse(phase.to))
  const isLast = end === Date.parse(phase.to)
  const { clinicIds } = context.session.settings
  const query: Query = {
    date_updated_from: minuteText(new Date(start - BORDER_OVERLAP_MS), context.zone),
    date_updated_to: minuteText(new Date(isLast ? end + AHEAD_MS : end), context.zone),
    ...(clinicIds.length > 0 && { clinic_id: clinicIds.join(',') }),
  }
  const visits = ourVisits(context, await context.client.visits(query))
  const followed = await followVisits(context, plan, visits)
  return { ...followed, plan: advance(followed.plan, new Date(end).toISOString()) }
}

/** What visits lead to: sales, or invoices to read alone. */
export async function followVisits(context: PullContext, plan: Plan, visits: readonly unknown[]): Promise<Step> {
  if (plan.mode === 'visits') {
    const { records, skipped } = await toVisitRecords(context, visits)
    return { records, skipped, plan }
  }
  context.contacts.learn(visits)
  const { records, named } = await followInvoices(context, plan, visits)
  const toVerify = named.map((externalId) => ({ externalId, why: 'named' }) as const)
  return { records, plan: { ...plan, toVerify: [...plan.toVerify, ...toVerify] } }
}

interface Followed {
  /** Visits that were counted while invoices could not be read, and that still are. */
  readonly records: readonly MappedRecord[]
  readonly named: readonly string[]
}

async function followInvoices(context: PullContext, plan: Plan, visits: readonly unknown[]): Promise<Followed> {
  const hints = visits.flatMap((visit) => VisitHint.safeParse(visit).data ?? [])
  const phones = new Map<string, string | null>()
  for (const hint of hints) {
    const { phone } = contactOf(hint, context)
    for (const { invoice_number: number } of hint.services) {
      if (number !== null) phones.set(`invoice:${number}`, phone ?? phones.get(`invoice:${number}`) ?? null)
    }
  }
  const visitIds = hints.flatMap(({ id }) => (id === null ? [] : [`appointment:${id}`]))
  const stored = await context.storedSales([...new Set([...phones.keys(), ...visitIds])])
  /** The scan of this plan has just shown the invoice, and the visit adds nothing. */
  const isKnown = ([externalId, phone]: readonly [string, string | null]) => {
    const sale = stored.get(externalId)
    if (!sale || plan.scannedFrom === null) return false
    const isScanned = Date.parse(sale.occurredAt) >= Date.parse(plan.scannedFrom)
    return isScanned && (phone === null || phone === sale.customer?.phone)
  }
  const isCounted = (visit: unknown) => {
    const sale = stored.get(`appointment:${VisitHint.safeParse(visit).data?.id}`)
    return sale !== undefined && sale.status !== 'cancelled'
  }
  return {
    records: visits.filter(isCounted).map((visit) => mapVisit(visit, context)),
    named: [...phones].filter((hint) => !isKnown(hint)).map(([externalId]) => externalId),
  }
}
