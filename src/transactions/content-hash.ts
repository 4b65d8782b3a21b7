import { sha256 } from '#crypto/digest.ts'
import type { PageRow } from '#transactions/page-rows.ts'

/**
 * Stands for the content of a record: two with the same hash are equal to `write_page`. Version times are no content,
 * nor is the time of what is not paid, since a stored sale keeps its own. 128 bits of SHA-256, in the type of Postgres
 * that holds as many. Null for a record that has no content.
 */
export async function contentHash(row: PageRow): Promise<string | null> {
  if (row.gone || row.missing) return null
  const content = [
    ...[row.kind, row.status, row.amount_minor, row.currency, row.status === 'paid' ? row.occurred_at : null],
    ...[row.customer_external_id, row.customer_name, row.customer_phone, row.customer_email, row.customer_card],
    ...[row.items, row.location_external_id, row.location_name],
  ]
  return (await sha256(JSON.stringify(content))).subarray(0, 16).toHex()
}
