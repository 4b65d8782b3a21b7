// The one statement of receipt, a procedure of the database (migrations/0001_store-delivery.sql). It finds the
// integration by its token's hash, stores the delivery and says whether it needs processing. It waits for no lock that
// a sync holds.
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'
import type { Delivery } from '#webhooks/examine.ts'
import { storedReason } from '#webhooks/reasons.ts'

export interface Address {
  readonly crmType: string
  /** SHA-256 of the token, hex. An index finds it, so the time of a comparison reveals nothing about the token. */
  readonly tokenHash: string
}

export interface Stored {
  readonly integrationId: string
  /** The delivery is in the inbox and needs processing. */
  readonly isWaiting: boolean
  /** It came without the secret that a former one of this address has shown. */
  readonly isRefused: boolean
}

interface Storing {
  /** The delivery is due after this time. */
  readonly quietSeconds: number
  /** How long to wait for the database. After that the delivery may still be stored. */
  readonly timeoutMs?: number
}

const CALL = 'call store_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, null, null, null)'

/** Null: no integration has this address. Throws DatabaseError. */
export async function storeDelivery(
  { db }: Context,
  { crmType, tokenHash }: Address,
  { dedupeKey, status, reason, detail, contentType, body, hints, mayRepeatAsNews, receivedAt, secret }: Delivery,
  { quietSeconds, timeoutMs }: Storing,
): Promise<Stored | null> {
  const storedAs = reason && storedReason(reason, detail).replaceAll('\0', '').toWellFormed()
  const params = [
    ...[
      `\\x${tokenHash}`,
      crmType,
      dedupeKey,
      status,
      storedAs,
      contentType,
      body && hexBytes(body),
      hints && toPostgresJson(hints),
    ],
    ...[mayRepeatAsNews, receivedAt, quietSeconds, secret],
  ]
  // Without Drizzle's builders: this is the hot path of every webhook.
  const rows = await db.call(CALL, params, timeoutMs)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[integrationId, isWaiting, isRefused] = [null, false, false]] = rows as [string | null, boolean, boolean][]
  return integrationId === null ? null : { integrationId, isWaiting, isRefused }
}
