// Reads single sales by number, some at a time. Those that are missing there too go out at the end of the plan.
import type { MappedRecord } from '#crm/contract.ts'
import { readInHalves } from '#crm/kit/fewer-at-once.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import type { Plan, ToVerify } from '#crm/renovatio/cursor.ts'
import {
  type LookupContext,
  findRenumbered,
  resolveInvoice,
  readRows,
  readStored,
  toRecords,
} from '#crm/renovatio/invoices.ts'
import { mapVisit } from '#crm/renovatio/map.ts'
import type { PullContext, Step } from '#crm/renovatio/pull-context.ts'

/** The limit of numbers a call is not documented, and each may need a call for a patient's card. */
const BATCH = 20

export async function verifyBatch(context: PullContext, plan: Plan): Promise<Step> {
  const [first] = plan.toVerify
  if (first?.externalId.startsWith('appointment:')) return verifyOne(context, plan, first)
  const batch = plan.toVerify.slice(0, BATCH)
  // Read together with the invoice that replaces it: one that is shown while the other is not proves more than an empty
  // answer.
  const ids = new Set(batch.flatMap(({ externalId, by }) => (by === undefined ? [externalId] : [externalId, by])))
  const read = async (number: readonly string[]) => context.client.invoices({ number })
  const rows = readRows(await readInHalves([...ids].map(numberOf), read))
  const lookup: LookupContext = {
    ...{ stored: await readStored(context, rows), contacts: context.contacts },
    ...{ isNews: true, refill: plan.refill },
  }
  const all = batch.flatMap(
    (one) => resolveInvoice(context, rows.numbers.get(numberOf(one.externalId)) ?? [], lookup) ?? [],
  )
  const resolvedByNumber = new Map(all.map((resolved) => [resolved.invoice.number, resolved]))
  const renumbered = await findRenumbered(
    context,
    all,
    plan.toVerify.map(({ externalId }) => externalId),
  )
  const isBlind = rows.unreadable.some(({ externalId }) => externalId === null)
  const records: MappedRecord[] = []
  let skipped = 0
  let state: Plan = { ...plan, toVerify: [...plan.toVerify, ...renumbered] }
  for (const one of batch) {
    const resolved = resolvedByNumber.get(numberOf(one.externalId))
    try {
      const own = resolved
        ? await toRecords(context, resolved, lookup)
        : { records: rows.unreadable.filter(({ externalId }) => externalId === one.externalId), skipped: 0 }
      if (one !== first && isMostlyUnreadable([...records, ...own.records])) return { records, skipped, plan: state }
      records.push(...own.records)
      skipped += own.skipped
      const isReplaced = one.by !== undefined && rows.numbers.has(numberOf(one.by))
      const isThere = resolved !== undefined || own.records.length > 0 || isBlind
      state = without(state, one, isThere ? 'there' : isReplaced ? 'replaced' : 'nowhere')
    } catch (error) {
      // A failure costs one call: what was settled before it is kept.
      if (one === first) throw error
      return { records, skipped, plan: state, failure: error }
    }
  }
  return { records, skipped, plan: state }
}

/**
 * The engine takes a page of mostly unreadable records for a changed format. Single reads prove nothing of the kind.
 */
function isMostlyUnreadable(records: readonly MappedRecord[]): boolean {
  const bad = records.filter(({ type }) => type === 'unmapped').length
  return bad > 1 && bad > records.length - bad
}

export function numberOf(externalId: string): string {
  return externalId.slice(externalId.indexOf(':') + 1)
}

async function verifyOne(context: PullContext, plan: Plan, one: ToVerify): Promise<Step> {
  const records = (await context.client.visits({ appointment_id: numberOf(one.externalId) })).map((row) =>
    mapVisit(row, context),
  )
  const own = records.filter((record) => externalIdOf(record) === one.externalId)
  const isThere = own.length > 0 || records.some((record) => externalIdOf(record) === null)
  return { records: own, plan: without(plan, one, isThere ? 'there' : 'nowhere') }
}

type Found = 'there' | 'replaced' | 'nowhere'

function without(plan: Plan, { externalId, why }: ToVerify, found: Found): Plan {
  const toVerify = plan.toVerify.slice(1)
  if (found === 'there' || why === 'named') return { ...plan, toVerify }
  const list = found === 'replaced' ? 'gone' : 'missing'
  return { ...plan, toVerify, [list]: [...plan[list], externalId] }
}
