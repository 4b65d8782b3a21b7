import { sha256 } from '@noble/hashes/sha2.js'
import type { PageRow } from '#transactions/page-rows.ts'

const encoder = new TextEncoder()

/**
 * Stands for the content of a record: two with the same hash are equal to `write_page`. Version times are no content,
 * nor is the time of what is not paid, since a stored sale keeps its own. 128 bits of SHA-256, in the type of Postgres
 * that holds as many. Null for a record that has no content. It is reckoned in place, because a page has a thousand of
 * them, and as many promises of WebCrypto would take longer than the hashes.
 */
export function contentHash(row: PageRow): string | null {
  if (row.gone || row.missing) return null
  const content = [
    ...[row.kind, row.status, row.amount_minor, row.currency, row.status === 'paid' ? row.occurred_at : null],
    ...[row.customer_external_id, row.customer_name, row.customer_phone, row.customer_email, row.customer_card],
    ...[row.items, row.location_external_id, row.location_name],
  ]
  return sha256(encoder.encode(JSON.stringify(content)))
    .subarray(0, 16)
    .toHex()
}
