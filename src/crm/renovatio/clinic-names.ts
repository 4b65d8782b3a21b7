// The names of the clinics during one pull.
import type { MappedRecord, Session } from '#crm/contract.ts'
import { keptForDay } from '#crm/kit/kept.ts'
import { readTitles } from '#crm/renovatio/account-context.ts'
import { clientOf } from '#crm/renovatio/client.ts'
import type { KeptClinics } from '#crm/renovatio/cursor.ts'
import type { ClinicContext } from '#crm/renovatio/map.ts'
import type { Step } from '#crm/renovatio/pull-context.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

type Titles = ClinicContext['clinics']

export interface ClinicNames {
  /** For a plan. Throws CrmError. */
  open(): Promise<Titles>
  /** With the name of a clinic that was opened since the names were read. Throws CrmError. */
  complete(step: Step): Promise<Step>
  /** For the cursor. */
  kept(): KeptClinics | null
}

export function openClinicNames(session: Session<Settings>, known: KeptClinics | null): ClinicNames {
  let kept = known
  let isRead = false
  const read = async () => {
    isRead = true
    return { titles: await readTitles(clientOf(session)) }
  }
  return {
    open: async () => {
      kept = await keptForDay(session, kept, read)
      return kept.titles
    },
    complete: async (step) => {
      const { clinics } = step.plan
      // Without any name the key may not read them.
      const isComplete =
        isRead || Object.keys(clinics).length === 0 || step.records.every((one) => isNamed(one, clinics))
      if (isComplete) return step
      const { titles } = (kept = await keptForDay(session, null, read))
      return {
        ...step,
        records: step.records.map((record) => named(record, titles)),
        plan: { ...step.plan, clinics: titles },
      }
    },
    kept: () => kept,
  }
}

function isNamed(record: MappedRecord, titles: Titles): boolean {
  const location = record.type === 'transaction' ? record.transaction.location : null
  return !location?.externalId || Object.hasOwn(titles, location.externalId)
}

function named(record: MappedRecord, titles: Titles): MappedRecord {
  if (record.type !== 'transaction' || record.transaction.location === null) return record
  const { externalId } = record.transaction.location
  const location = { externalId, name: titles[externalId ?? ''] || null }
  return { ...record, transaction: { ...record.transaction, location } }
}
