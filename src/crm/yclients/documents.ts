// Sale documents: what the lists do not show of a sale (the names of what was sold, what a deposit paid). Each is a
// call of its own, so it is read for new and changed sales only, and a stored sale that has not changed keeps what was
// read.
import * as z from 'zod'
import type { CanonicalTransaction, MappedRecord, StoredSale } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { YclientsClient } from '#crm/yclients/client.ts'
import type { AccountContext } from '#crm/yclients/cursor.ts'
import { depositOf } from '#crm/yclients/money.ts'
import { decide } from '#crm/yclients/rules.ts'
import { mapSale } from '#crm/yclients/sales.ts'
import type { LoyaltyOperation, Operation, SaleDocument, Visit } from '#crm/yclients/schema.ts'
import { documentIdsOf, mapVisit, shortMinor } from '#crm/yclients/visits.ts'

/** The name of their capability in the connection test. */
export const DOCUMENTS = 'sale_documents'

/** A visit lists one or two. */
const VISIT_DOCUMENTS_MAX = 5

export interface Documents {
  /** Null: there is no such document, or the user may not read documents. */
  readonly sale: (documentId: string) => Promise<SaleDocument | null>
  readonly visitLoyalty: (recordId: string, visitId: string) => Promise<readonly LoyaltyOperation[] | null>
  /** The refusal of documents; null: none so far. */
  readonly refusal: () => CrmError | null
  readonly hasAnswered: () => boolean
}

/** A user without the right to read sale documents is told so once; its sales go on without them. */
export function openDocuments(client: Pick<YclientsClient, 'sale' | 'visitLoyalty'>): Documents {
  let refusal: CrmError | null = null
  let hasAnswered = false
  const orRefused = async <T>(read: () => Promise<T>): Promise<T | null> => {
    if (refusal) return null
    try {
      const answer = await read()
      hasAnswered = true
      return answer
    } catch (error) {
      if (!(error instanceof CrmError) || error.reason !== 'right_missing') throw error
      refusal = error
      return null
    }
  }
  return {
    sale: async (documentId) => orRefused(async () => client.sale(documentId)),
    visitLoyalty: async (recordId, visitId) => orRefused(async () => client.visitLoyalty(recordId, visitId)),
    refusal: () => refusal,
    hasAnswered: () => hasAnswered,
  }
}

/** What a sale needs beside the lists. */
export interface BranchContext {
  readonly account: AccountContext
  readonly documents: Documents
}

/** A visit as it is now, with its documents where its operations do not reach the sum due. Throws CrmError. */
export async function completeVisit({ account, documents }: BranchContext, visit: Visit): Promise<MappedRecord> {
  const record = mapVisit(visit, account)
  if (record.type !== 'transaction' || shortMinor(visit, account) === 0) return record
  const documentIds = documentIdsOf(visit).slice(0, VISIT_DOCUMENTS_MAX)
  const loyalty: LoyaltyOperation[] = []
  for (const documentId of documentIds)
    loyalty.push(...((await documents.sale(documentId))?.loyalty_transactions ?? []))
  if (documentIds.length === 0 && Number(visit.visit_id) > 0) {
    const ofVisit = (await documents.visitLoyalty(visit.id, visit.visit_id)) ?? []
    loyalty.push(...ofVisit.filter(({ item_record_id: id }) => !id || String(id) === visit.id))
  }
  return mapVisit(visit, account, depositOf(loyalty, account.currency))
}

/** A sale as it is now, with its document. Throws CrmError. */
export async function completeSale(
  { account, documents }: BranchContext,
  documentId: string,
  operations: readonly Operation[],
): Promise<MappedRecord> {
  return mapSale(documentId, operations, account, await documents.sale(documentId))
}

/** Null: the document has to be read. */
export function knownVisit(visit: Visit, account: AccountContext, stored: StoredSale | undefined): MappedRecord | null {
  const record = mapVisit(visit, account)
  if (record.type !== 'transaction') return record
  const short = shortMinor(visit, account)
  if (short === 0) return record
  const { transaction } = record
  const deposit = (stored?.amountMinor ?? -1) - transaction.amountMinor
  const isSame = stored && isSameSale(stored, transaction) && isSameVersion(stored, transaction)
  return isSame && deposit >= 0 && deposit <= short ? mapVisit(visit, account, deposit) : null
}

const StoredItem = z.object({
  externalId: z.string().nullable(),
  name: z.string(),
  quantity: z.number(),
  amountMinor: z.number(),
})

/**
 * Null: the document has to be read. A sale has no version, so it is unchanged when its payments still make up what is
 * stored. What a deposit paid cannot be told from a change of them: `isWide` reads such a document again.
 */
export function knownSale(record: MappedRecord, stored: StoredSale | undefined, isWide: boolean): MappedRecord | null {
  if (record.type !== 'transaction') return record
  const { transaction } = record
  if (!stored || !isSameSale(stored, transaction)) return null
  const items = z.array(StoredItem).safeParse(stored.items).data ?? []
  const paid = transaction.amountMinor
  const isExplained = stored.amountMinor === paid || (!isWide && stored.amountMinor > paid)
  const payments = transaction.items.map(({ externalId, amountMinor }) => ({
    item: items.find((item) => item.externalId !== null && item.externalId === externalId),
    amountMinor,
  }))
  // A document's lines may have other ids than payments know.
  const named = payments.filter(({ item }) => item !== undefined)
  const isEachKnown = named.length === 0 || named.length === payments.length
  const isEachPaid = named.every(({ item, amountMinor }) => item && item.amountMinor >= amountMinor)
  if (!isExplained || !isEachKnown || !isEachPaid) return null
  const { rule } = stored.amountMinor > paid ? decide('sale_paid_deposit') : record
  return { type: 'transaction', transaction: { ...transaction, amountMinor: stored.amountMinor, items }, rule }
}

function isSameSale(stored: StoredSale, { currency, occurredAt }: CanonicalTransaction): boolean {
  const isSameTime = Date.parse(stored.occurredAt) === Date.parse(occurredAt)
  return stored.status === 'paid' && stored.currency === currency && isSameTime
}

function isSameVersion({ sourceUpdatedAt: stored }: StoredSale, { sourceUpdatedAt }: CanonicalTransaction): boolean {
  return stored !== null && sourceUpdatedAt !== null && Date.parse(stored) === Date.parse(sourceUpdatedAt)
}
