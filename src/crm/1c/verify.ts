// Stored sales that a complete list did not show: read by their keys, and those that are still not shown one by one.
import { readInHalves } from '#crm/kit/fewer-at-once.ts'
import { gone } from '#crm/kit/mapping.ts'
import type { Step } from '#crm/kit/plan.ts'
import type { MappedRecord } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { mapRows, type PullContext } from '#crm/1c/account-context.ts'
import { remember } from '#crm/1c/archived.ts'
import type { Plan } from '#crm/1c/cursor.ts'
import { specOf } from '#crm/1c/documents.ts'
import { keyOf } from '#crm/1c/fields.ts'
import { readOne } from '#crm/1c/fetch-one.ts'
import { externalIdOf } from '#crm/1c/map.ts'
import { allOf, anyKey } from '#crm/1c/odata.ts'
import { takenBack } from '#crm/1c/shift-report.ts'

/** Single reads in one step. */
const VERIFY_READS = 10

/** Throws CrmError. */
export async function verifyStep(context: PullContext, plan: Plan): Promise<Step<Plan>> {
  const [set = ''] = plan.toVerify[0]?.split(':') ?? []
  const batch = plan.toVerify.filter((externalId) => externalId.startsWith(`${set}:`)).slice(0, VERIFY_READS)
  const toVerify = plan.toVerify.filter((externalId) => !batch.includes(externalId))
  const spec = specOf(context.session.settings, set)
  const keys = batch.map((externalId) => externalId.slice(set.length + 1))
  const rows = await readInHalves(keys, async (some) =>
    context.client.rows(set, { filter: allOf([anyKey(some), spec.filter]) }),
  )
  const shown = await mapRows(context, spec, rows)
  const there = new Set(rows.map((row) => externalIdOf(set, keyOf(row) ?? '')))
  const missing = batch.filter((externalId) => !there.has(externalId))
  const { records, absent, removed } = await readMissing(context, missing, set)
  const takenBackIds = await takenBackOf(context, removed)
  let { archived } = plan
  for (const [externalId, day] of removed) {
    if (!takenBackIds.includes(externalId)) archived = await remember(archived, day, externalId)
  }
  const goneIds = [...plan.gone, ...absent, ...takenBackIds]
  const isLast = toVerify.length === 0
  return {
    records: [...shown, ...records, ...(isLast ? goneIds.map((externalId) => gone(externalId)) : [])],
    plan: { ...plan, toVerify, archived, gone: isLast ? [] : goneIds },
  }
}

interface Missing {
  readonly records: readonly MappedRecord[]
  readonly absent: readonly string[]
  /** Receipts that were removed after their shift, with their day. */
  readonly removed: ReadonlyMap<string, string>
}

async function readMissing(context: PullContext, externalIds: readonly string[], set: string): Promise<Missing> {
  const records: MappedRecord[] = []
  const absent: string[] = []
  const removed = new Map<string, string>()
  let hidden = 0
  for (const externalId of externalIds) {
    const record = await readOne(context, externalId)
    if (record.type === 'none') hidden += 1
    else if (record.type === 'gone') absent.push(externalId)
    else if (record.type === 'archived') removed.set(externalId, record.day)
    else records.push(record)
  }
  // A user who may not see ten in a row sees nothing any more.
  if (hidden === VERIFY_READS) throw new CrmError('forbidden', { reason: 'right_missing', params: { set } })
  return { records, absent, removed }
}

async function takenBackOf(context: PullContext, removed: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const found: string[] = []
  for (const day of new Set(removed.values())) {
    const ofDay = [...removed.keys()].filter((externalId) => removed.get(externalId) === day)
    const one = await takenBack(context, day, ofDay)
    if (one !== null) found.push(one)
  }
  return found
}
