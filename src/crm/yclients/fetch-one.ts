// One object as it is now. Only a read of the record itself can call it gone; an empty list never does.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import { gone, idIn } from '#crm/kit/mapping.ts'
import { addDays, localDate } from '#lib/time.ts'
import { openBranchOnce } from '#crm/yclients/account-context.ts'
import { PAGE_ROWS } from '#crm/yclients/client.ts'
import { completeSale, completeVisit } from '#crm/yclients/documents.ts'
import type { PullContext } from '#crm/yclients/feeds.ts'
import { depositOf } from '#crm/yclients/money.ts'
import { readSaleRow } from '#crm/yclients/operations.ts'
import { mapSale } from '#crm/yclients/sales.ts'
import { branchesOf, type Settings } from '#crm/yclients/settings.ts'
import { readVisit } from '#crm/yclients/visits.ts'

/** Long enough for any sale that is paid in parts. */
const SALE_DAYS = 3650

/** Where nothing tells the branch, all are asked: an object is gone when none has it. */
export async function fetchOne(session: Session<Settings>, hint: Hint): Promise<MappedRecord | null> {
  const isVisit = hint.externalId.startsWith('record:')
  if (!isVisit && !hint.externalId.startsWith('sale:')) return null
  let record: MappedRecord | null = null
  for (const companyId of await branchesOfHint(session, hint)) {
    const branch = await openBranchOnce(session, companyId)
    record = await (isVisit ? refetchVisit(branch, hint.externalId) : refetchSale(branch, hint.externalId))
    if (record?.type !== 'gone') return record
  }
  return record
}

/** Of a sale that is stored for a branch which is no longer in the settings: none. */
async function branchesOfHint(session: Session<Settings>, { externalId, extra }: Hint): Promise<readonly string[]> {
  const all = branchesOf(session.settings)
  const stored = extra?.['companyId'] ?? (await session.storedSales([externalId])).get(externalId)?.locationId
  return stored === undefined || stored === null ? all : all.filter((companyId) => companyId === stored)
}

/** The company has just answered, so a 404 means that this record does not exist. Null: another record was shown. */
export async function refetchVisit(context: PullContext, externalId: string): Promise<MappedRecord | null> {
  const id = externalId.slice('record:'.length)
  const record = await context.client.record(id)
  if (record === null) return gone(externalId)
  if (idIn(record) !== id) return null
  const visit = readVisit(record)
  return 'type' in visit ? visit : completeVisit(context, visit)
}

/**
 * Null: the vendor does not show the whole document, so its state is unknown. Gone only when the list shows none of its
 * operations and the document itself is missing or has no payments. `complete` maps the operations that are shown.
 */
export async function refetchSale(
  context: PullContext,
  externalId: string,
  complete = completeSale,
): Promise<MappedRecord | null> {
  const { session, client, account, documents } = context
  const documentId = externalId.slice('sale:'.length)
  const today = localDate(session.clock.now(), account.timezone)
  const { rows } = await client.transactions({
    document_id: documentId,
    start_date: addDays(today, -SALE_DAYS),
    end_date: addDays(today, 1),
    page: 1,
    count: PAGE_ROWS,
  })
  const operations = rows.map(readSaleRow).flatMap((operation) => operation ?? [])
  const readable = operations.flatMap((operation) => ('type' in operation ? [] : [operation]))
  const isOurs = rows.every((row) => idIn(row, 'document_id') === documentId)
  if (!isOurs || readable.length < operations.length) return null
  if (readable.length > 0) return complete(context, documentId, readable)
  const document = await documents.sale(documentId)
  if (documents.refusal() || document?.payment_transactions.some(({ amount }) => Number(amount) > 0)) return null
  const isPaid = document !== null && depositOf(document.loyalty_transactions, account.currency) > 0
  return isPaid ? mapSale(documentId, [], account, document) : gone(externalId)
}
