// Reads alone what is unclear: by number, some at a time. What is not there either is told at the end of the plan.
import type { MappedRecord } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import type { Plan, Unclear } from '#crm/renovatio/cursor.ts'
import { type Desk, findTwins, look, readRows, readStored, settle } from '#crm/renovatio/invoices.ts'
import { mapVisit } from '#crm/renovatio/map.ts'
import type { Pull, Step } from '#crm/renovatio/step.ts'

/** How many numbers a call may name is not documented; and each may need a card, a call of its own. */
const BATCH = 20

export async function clarify(work: Pull, plan: Plan): Promise<Step> {
  const [first] = plan.unclear
  if (first?.externalId.startsWith('appointment:')) return clarifyVisit(work, plan, first)
  const batch = plan.unclear.slice(0, BATCH)
  // Read beside what has replaced it: that the one is there and the other is not says more than an empty answer.
  const ids = new Set(batch.flatMap(({ externalId, by }) => (by === undefined ? [externalId] : [externalId, by])))
  const rows = readRows(await work.client.invoices({ number: [...ids].map(numberOf) }))
  const desk: Desk = {
    ...{ stored: await readStored(work, rows), contacts: work.visitors },
    ...{ isNews: true, refill: plan.refill },
  }
  const all = batch.flatMap((one) => look(work, rows.numbers.get(numberOf(one.externalId)) ?? [], desk) ?? [])
  const looks = new Map(all.map((looked) => [looked.invoice.number, looked]))
  const twins = await findTwins(
    work,
    all,
    plan.unclear.map(({ externalId }) => externalId),
  )
  const isBlind = rows.unreadable.some(({ externalId }) => externalId === null)
  const records: MappedRecord[] = []
  let state: Plan = { ...plan, unclear: [...plan.unclear, ...twins] }
  for (const one of batch) {
    const looked = looks.get(numberOf(one.externalId))
    try {
      const told = looked
        ? await settle(work, looked, desk, work.askCard)
        : rows.unreadable.filter(({ externalId }) => externalId === one.externalId)
      if (one !== first && isTooBad([...records, ...told])) return { records, plan: state }
      records.push(...told)
      const isReplaced = one.by !== undefined && rows.numbers.has(numberOf(one.by))
      const isThere = looked !== undefined || told.length > 0 || isBlind
      state = without(state, one, isThere ? 'there' : isReplaced ? 'replaced' : 'nowhere')
    } catch (error) {
      // One failure costs one call: what was settled before it is kept.
      if (one === first) throw error
      return { records, plan: state, failure: error }
    }
  }
  return { records, plan: state }
}

/** A page of mostly unreadable records looks like another format; of what is read alone that proves nothing. */
function isTooBad(records: readonly MappedRecord[]): boolean {
  const bad = records.filter(({ type }) => type === 'unmapped').length
  return bad > 1 && bad > records.length - bad
}

export function numberOf(externalId: string): string {
  return externalId.slice(externalId.indexOf(':') + 1)
}

async function clarifyVisit(work: Pull, plan: Plan, one: Unclear): Promise<Step> {
  const records = (await work.client.visits({ appointment_id: numberOf(one.externalId) })).map((row) =>
    mapVisit(row, work),
  )
  const own = records.filter((record) => externalIdOf(record) === one.externalId)
  const isThere = own.length > 0 || records.some((record) => externalIdOf(record) === null)
  return { records: own, plan: without(plan, one, isThere ? 'there' : 'nowhere') }
}

type Found = 'there' | 'replaced' | 'nowhere'

function without(plan: Plan, { externalId, why }: Unclear, found: Found): Plan {
  const unclear = plan.unclear.slice(1)
  if (found === 'there' || why === 'wanted') return { ...plan, unclear }
  const list = found === 'replaced' ? 'gone' : 'missing'
  return { ...plan, unclear, [list]: [...plan[list], externalId] }
}
