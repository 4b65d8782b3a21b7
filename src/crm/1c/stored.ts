// What documents no longer show is kept as it is stored: closing a shift archives its receipts, which lose their lines,
// and a user who may not read a catalog any more shows sales without their people.
import type { MappedRecord, Session, StoredSale } from '#crm/contract.ts'
import type { DocumentSpec } from '#crm/1c/documents.ts'
import type { Row } from '#crm/1c/fields.ts'
import { CARD_CATALOGS, PEOPLE_CATALOGS } from '#crm/1c/presets.ts'
import { linesOf, type References } from '#crm/1c/references.ts'
import { decide } from '#crm/1c/rules.ts'
import { isArchived } from '#crm/1c/status.ts'

interface Mapped {
  readonly row: Row
  readonly record: MappedRecord
}

interface Sources {
  readonly session: Pick<Session<unknown>, 'storedSales'>
  readonly references: Pick<References, 'refused'>
}

const WITH_PEOPLE = new Set([...CARD_CATALOGS, ...PEOPLE_CATALOGS])

export async function keepStored(
  { session, references }: Sources,
  spec: DocumentSpec,
  mapped: readonly Mapped[],
): Promise<MappedRecord[]> {
  const hasNoPeople = references.refused().some((catalog) => WITH_PEOPLE.has(catalog))
  const isEmptied = ({ row }: Mapped) => isArchived(row, spec) && linesOf(row, spec).length === 0
  const ids = mapped
    .filter((one) => hasNoPeople || isEmptied(one))
    .flatMap(({ record }) => (record.type === 'transaction' ? [record.transaction.externalId] : []))
  if (ids.length === 0) return mapped.map(({ record }) => record)
  const stored = await session.storedSales(ids)
  return mapped.map((one) => {
    if (one.record.type !== 'transaction') return one.record
    const before = stored.get(one.record.transaction.externalId)
    const record = isEmptied(one) ? withoutLines(one.record, before) : one.record
    if (!hasNoPeople) return record
    const customer = before?.customer ?? record.transaction.customer
    return { ...record, transaction: { ...record.transaction, customer } }
  })
}

type Sale = Extract<MappedRecord, { type: 'transaction' }>

function withoutLines(record: Sale, before: StoredSale | undefined): Sale {
  const { transaction: now } = record
  if (!before) {
    if (now.amountMinor !== 0 || now.status !== 'paid') return record
    // Nothing is known of its money, so it is not counted.
    const { status, rule } = decide('archived_empty')
    return { ...record, transaction: { ...now, status }, rule }
  }
  const isSumKept = now.amountMinor === 0
  const transaction = {
    ...now,
    items: before.items,
    customer: now.customer ?? before.customer,
    amountMinor: isSumKept ? before.amountMinor : now.amountMinor,
  }
  return { ...record, transaction, isSumKept }
}
