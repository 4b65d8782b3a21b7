// One object as it is now. Only a read of the record itself can call it gone; an empty list never does.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone } from '#crm/kit/mapping.ts'
import { addDays, localDate } from '#lib/time.ts'
import { openAccountOnce } from '#crm/yclients/account-context.ts'
import { createClient, PAGE_ROWS, type YclientsClient } from '#crm/yclients/client.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { isSaleRevenue, mapSale, mapVisit, readOperation } from '#crm/yclients/map.ts'
import type { Settings } from '#crm/yclients/settings.ts'

/** Long enough for any sale that is paid in parts. */
const SALE_DAYS = 3650

export async function fetchOne(session: Session<Settings>, { externalId }: Hint): Promise<MappedRecord | null> {
  const client = createClient(session)
  const account = await openAccountOnce(session)
  if (externalId.startsWith('record:')) return readVisit(client, account, externalId)
  if (externalId.startsWith('sale:')) return readSale({ session, client, account }, externalId)
  return null
}

/** The company has just answered, so a 404 means that this record does not exist. */
export async function readVisit(
  client: YclientsClient,
  account: AccountContext,
  externalId: string,
): Promise<MappedRecord> {
  const record = await client.record(externalId.slice('record:'.length))
  return record === null ? gone(externalId) : mapVisit(record, account)
}

/**
 * Null: the vendor does not show the whole document, so its state is unknown. Gone only when the list shows none of its
 * operations and the document itself is missing or has no payments.
 */
export async function readSale(
  { session, client, account }: { session: Session<Settings>; client: YclientsClient; account: AccountContext },
  externalId: string,
): Promise<MappedRecord | null> {
  const documentId = externalId.slice('sale:'.length)
  const today = localDate(session.clock.now(), account.timezone)
  const { rows } = await client.transactions({
    document_id: documentId,
    start_date: addDays(today, -SALE_DAYS),
    end_date: addDays(today, 1),
    page: 1,
    count: PAGE_ROWS,
  })
  const operations = rows.map(readOperation).flatMap((operation) => ('type' in operation ? [] : [operation]))
  const isOurs = operations.every((operation) => String(operation.document_id) === documentId)
  const isFiltered = isOurs && operations.length === rows.length
  if (!isFiltered) return null
  const revenue = operations.filter(isSaleRevenue)
  if (revenue.length > 0) return mapSale(documentId, revenue, account)
  const payments = await client.salePayments(documentId)
  return payments?.some((amount) => Number(amount) > 0) ? null : gone(externalId)
}
