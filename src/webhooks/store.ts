// The one statement of receipt, a procedure of the database (migrations/0001_store-delivery.sql): finds the integration by
// its token's hash, stores the delivery, and says whether it is to be worked off. It waits for no lock that a sync holds.
import type { Context } from '#context.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'
import type { Delivery } from '#webhooks/examine.ts'
import { storedReason } from '#webhooks/reasons.ts'

export interface Address {
  readonly crmType: string
  /** SHA-256 of the token: found by index, so no comparison tells anything about the token itself. */
  readonly tokenHash: Uint8Array
}

export interface Stored {
  readonly integrationId: string
  /** It is in the inbox, to be worked off. */
  readonly isWaiting: boolean
}

interface Storing {
  /** It is due after so long. */
  readonly quietSeconds: number
  /** How long the database is waited for. What comes later than that may still be stored. */
  readonly timeoutMs?: number
}

const CALL = 'call store_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, null, null)'

/** Null: nobody has such an address. Throws DatabaseError. */
export async function storeDelivery(
  { db }: Context,
  { crmType, tokenHash }: Address,
  { dedupeKey, status, reason, detail, contentType, body, hints, mayRepeatAsNews, receivedAt }: Delivery,
  { quietSeconds, timeoutMs }: Storing,
): Promise<Stored | null> {
  const storedAs = reason && storedReason(reason, detail).replaceAll('\0', '')
  const params = [
    ...[tokenHash, crmType, dedupeKey, status, storedAs, contentType, body, toPostgresJson(hints)],
    ...[mayRepeatAsNews, receivedAt, quietSeconds],
  ]
  // Not by way of drizzle's builders: every webhook comes along here.
  const rows = await db.call(CALL, params, timeoutMs)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[integrationId, isWaiting] = [null, false]] = rows as [string | null, boolean][]
  return integrationId === null ? null : { integrationId, isWaiting }
}
