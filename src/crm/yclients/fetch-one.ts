// One object as it is now. Only a read of the record itself can call it gone; an empty list never does.
import type { Hint, MappedRecord, NoRecord, Session } from '#crm/contract.ts'
import { gone, idIn } from '#crm/kit/mapping.ts'
import { noneByCommon } from '#crm/rules.ts'
import { addDays, localDate } from '#lib/time.ts'
import { openBranchOnce } from '#crm/yclients/account-context.ts'
import { PAGE_ROWS } from '#crm/yclients/client.ts'
import { completeSale, completeVisit } from '#crm/yclients/documents.ts'
import type { PullContext } from '#crm/yclients/feeds.ts'
import { depositOf } from '#crm/yclients/money.ts'
import { readSaleRow, rowSkippedBy } from '#crm/yclients/operations.ts'
import { decide, none } from '#crm/yclients/rules.ts'
import { mapSale } from '#crm/yclients/sales.ts'
import { branchesOf, type Settings } from '#crm/yclients/settings.ts'
import { readVisit } from '#crm/yclients/visits.ts'

/** Long enough for any sale that is paid in parts. */
const SALE_DAYS = 3650

/** Where nothing tells the branch, all are asked: an object is gone when none has it. */
export async function fetchOne(session: Session<Settings>, hint: Hint): Promise<MappedRecord | NoRecord> {
  const isVisit = hint.externalId.startsWith('record:')
  if (hint.externalId.startsWith('operation:')) return none('not_alone')
  if (!isVisit && !hint.externalId.startsWith('sale:'))
    return noneByCommon('foreign_id', { example: 'record:123, sale:123' })
  const stored = await storedBranch(session, hint)
  const all = branchesOf(session.settings)
  let record: MappedRecord | NoRecord = none('branch_left', { branch: stored ?? '' })
  for (const companyId of stored === null ? all : all.filter((one) => one === stored)) {
    const branch = await openBranchOnce(session, companyId)
    record = await (isVisit ? refetchVisit(branch, hint.externalId) : refetchSale(branch, hint.externalId))
    if (record.type !== 'gone') return record
  }
  return record
}

/** Null: nobody knows. */
async function storedBranch(session: Session<Settings>, { externalId, extra }: Hint): Promise<string | null> {
  const named = extra?.['companyId'] ?? extra?.['locationId']
  return named ?? (await session.storedSales([externalId])).get(externalId)?.locationId ?? null
}

/** The company has just answered, so a 404 means that this record does not exist. */
export async function refetchVisit(context: PullContext, externalId: string): Promise<MappedRecord | NoRecord> {
  const id = externalId.slice('record:'.length)
  const record = await context.client.record(id)
  if (record === null) return gone(externalId)
  if (idIn(record) !== id) return none('visit_other')
  const visit = readVisit(record)
  return 'type' in visit ? visit : completeVisit(context, visit)
}

/**
 * Gone only when the list shows no money for it, and the document itself is missing or has no payments. `complete` maps
 * the operations that are shown.
 */
export async function refetchSale(
  context: PullContext,
  externalId: string,
  complete = completeSale,
): Promise<MappedRecord | NoRecord> {
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
  if (!isOurs || readable.length < operations.length) return none('sale_incomplete')
  if (readable.length > 0) return complete(context, documentId, readable)
  const skipped = rows.map(rowSkippedBy).find((row) => row !== null)
  const document = await documents.sale(documentId)
  if (documents.refusal() || document?.payment_transactions.some(({ amount }) => Number(amount) > 0)) {
    return skipped ?? none('sale_incomplete')
  }
  const isPaid = document !== null && depositOf(document.loyalty_transactions, account.currency) > 0
  if (isPaid) return mapSale(documentId, [], account, document)
  const { rule } = skipped ?? (document ? decide('sale_emptied') : { rule: undefined })
  return gone(externalId, rule)
}
