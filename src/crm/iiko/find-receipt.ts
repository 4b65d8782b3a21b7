// One receipt of the till. Reports filter by text and not by id, so all receipts of its day are read.
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { externalIdOf } from '#crm/kit/mapping.ts'
import { oncePerSession } from '#crm/kit/once.ts'
import { attempt } from '#lib/crm-error.ts'
import { localDate } from '#lib/time.ts'
import type { Account } from '#crm/iiko/account.ts'
import { afterRefusal, knownHall, NO_HALL, type Source, sourcesOf, withReportsOf } from '#crm/iiko/hall.ts'
import { mapReceipts } from '#crm/iiko/receipts.ts'
import type { Days } from '#crm/iiko/report.ts'
import { none } from '#crm/iiko/rules.ts'
import { readDays, type ScanContext } from '#crm/iiko/scan.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export async function findReceipt(
  session: Session<Settings>,
  account: Account,
  { externalId, extra }: Hint,
): Promise<MappedRecord | NoRecord> {
  const day = extra?.['day'] ?? (await storedDay(session, account, externalId))
  if (day === null) return none('receipt_day_needed')
  const days = await daysOnce(session)
  const reading = days.get(day) ?? receiptsOf(session, account, day)
  days.set(day, reading)
  // One that failed is tried again.
  const found = await reading.catch((error: unknown) => {
    days.delete(day)
    throw error
  })
  if (!found) return none('reports_unused')
  const record = found.records.find((one) => externalIdOf(one) === externalId)
  return record ?? (found.shown.has(externalId) ? none('receipt_open') : none('receipt_not_shown', { day }))
}

/** By day: whoever looks for many receipts looks for those of one day after the other. */
const daysOnce = oncePerSession(async (_session: Session<Settings>) => new Map<string, ReturnType<typeof receiptsOf>>())

async function receiptsOf(session: Session<Settings>, account: Account, day: string) {
  const days = { from: day, to: day }
  return fromFirstSource(session, account, days, async (scan) => {
    const read = await readDays(scan, days)
    return mapReceipts(read, { restaurants: scan.restaurants, departments: read.departments, outlets: read.outlets })
  })
}

async function storedDay(
  session: Session<Settings>,
  { restaurants: [first] }: Account,
  externalId: string,
): Promise<string | null> {
  const stored = (await session.storedSales([externalId])).get(externalId)
  return stored ? localDate(new Date(stored.occurredAt), first.timezone) : null
}

/** From the cloud's reports where the key may read them, else from iikoServer; null: from neither. Throws CrmError. */
export async function fromFirstSource<T>(
  session: Session<Settings>,
  account: Account,
  days: Days,
  work: (scan: ScanContext) => Promise<T>,
): Promise<T | null> {
  const { settings, clock } = session
  const now = clock.now()
  for (const source of sourcesOf({ settings, now, isManual: true }, NO_HALL)) {
    const { value, error } = await attempt(async () => work(scanOf(session, account, source)))
    if (value !== null) return value
    const hall = await knownHall(session, days, account.restaurants[0].timezone)
    if (source === 'server' || !error || !afterRefusal(hall, error, now)) throw error
  }
  return null
}

function scanOf(session: Session<Settings>, account: Account, source: Source): ScanContext {
  return {
    ...{ session, ...account },
    withReports: withReportsOf(source, session, account.cloud, NO_HALL),
    ...{ since: null, columns: null, outlets: new Map<string, string>() },
  }
}
