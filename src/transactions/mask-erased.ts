// What a page says of erased customers is left out before it is hashed and written: so it is equal to what is stored of
// them, and no source brings them back.
import type { CanonicalTransaction } from '#crm/contract.ts'
import type { Erased } from '#tombstones/erased.ts'
import { mentionsErased } from '#tombstones/mentions.ts'
import type { PageRow, PageRows } from '#transactions/page-rows.ts'

/** The id stays: it names a customer to the CRM alone, and tells that sales are of one. */
const UNNAMED = { customer_name: null, customer_phone: null, customer_email: null, customer_card: null } as const

export function maskErased({ rows, quarantine }: PageRows, erased: Erased): PageRows {
  if (erased.count === 0) return { rows, quarantine }
  return {
    rows: rows.map((row) => (isErased(row, erased) ? { ...row, ...UNNAMED } : row)),
    quarantine: quarantine.map((row) =>
      row.raw !== null && mentionsErased(textOf(row.raw), erased) ? { ...row, raw: null } : row,
    ),
  }
}

/** The same of a sale that is shown and not stored. */
export function withoutErased(sale: CanonicalTransaction, { isErased: matches }: Erased): CanonicalTransaction {
  const { customer } = sale
  if (!customer || !matches(customer)) return sale
  const { externalId } = customer
  const unnamed = { externalId, name: null, phone: null, email: null, card: null }
  return { ...sale, customer: externalId === null ? null : unnamed }
}

function isErased(row: PageRow, { isErased: matches }: Erased): boolean {
  const { customer_external_id: externalId, customer_phone: phone, customer_email: email } = row
  return matches({ externalId, phone, email })
}

function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : (JSON.stringify(raw) ?? '')
}
