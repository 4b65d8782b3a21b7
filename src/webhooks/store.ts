// The one statement of receipt: finds the integration by its token's hash and stores the delivery. It waits for no lock
// that a sync holds. What is rare (the same once more after it was worked off, what leads to nothing) costs a second one.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import { toPostgresJson } from '#sync/page-rows.ts'
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

/** `webhookLastAt` is moved at most so often: it shows that hooks arrive, not each of them. */
const LAST_AT_SECONDS = 60

/** What `store_delivery` gives; all of it is null when nobody has such an address. */
interface StoredRow extends Record<string, unknown> {
  readonly id: string
  readonly integration_id: string
  /** Of the first when the same came before. */
  readonly first_status: string
  readonly repeats: number
}

/** Null: nobody has such an address. */
export async function storeDelivery(
  context: Context,
  { crmType, tokenHash }: Address,
  delivery: Delivery,
  quietSeconds: number,
): Promise<Stored | null> {
  const { dedupeKey, status, contentType, body, hints, receivedAt } = delivery
  const { rows } = await context.db.execute<StoredRow | { id: null }>(sql`
    call store_delivery(${hexBytes(tokenHash)}, ${crmType}, ${dedupeKey}, ${status}, ${reasonOf(delivery)}, ${contentType},
      ${body && hexBytes(body)}, ${toPostgresJson(hints)}, ${receivedAt}, ${quietSeconds}, null, null, null, null)`)
  const [row] = rows
  if (!row || row.id === null) return null
  const isRenewed = row.repeats > 0 && isNews(row, delivery)
  if (isRenewed) await renew(context, row, delivery, quietSeconds)
  // What waits is heard of by whoever works it off.
  if (status === 'ignored') await markHeard(context, row.integration_id)
  return { integrationId: row.integration_id, isWaiting: status === 'new' && (isRenewed || row.first_status === 'new') }
}

function reasonOf({ reason, detail }: Delivery): string | null {
  return reason && storedReason(reason, detail).replaceAll('\0', '')
}

/**
 * The same came again and takes the place of the first: that was given up, or another account's by the settings of then,
 * or worked off before this one came; or it is one of the few places for what leads to nothing. While the first waits, the
 * repeat is only counted.
 */
function isNews({ first_status: first }: StoredRow, { status, mayRepeatAsNews }: Delivery): boolean {
  return status !== 'new' || /failed|rejected/.test(first) || (first === 'done' && mayRepeatAsNews)
}

async function renew(context: Context, { id }: StoredRow, delivery: Delivery, quietSeconds: number): Promise<void> {
  const { status, contentType, body, hints, receivedAt } = delivery
  await context.db.execute(sql`
    update webhook_deliveries d set status = ${status}, reason = ${reasonOf(delivery)}, content_type = ${contentType},
      body = ${body && hexBytes(body)}::bytea, hints = ${toPostgresJson(hints)}::jsonb, received_at = now(),
      received_seq = case when ${receivedAt}::timestamptz is null then i.change_seq else 0 end, due_at = now() + ${quietSeconds}::float8 * interval '1 second', attempts = 0,
      done_at = case when ${status} <> 'new' then now() end
    from crm_integrations i where d.id = ${id}::uuid and i.id = d.integration_id`)
}

/** Hooks arrive, though not about sales. A sync may hold the row at this moment; then the next one marks it. */
async function markHeard(context: Context, integrationId: string): Promise<void> {
  try {
    await context.db.execute(sql`
      update crm_integrations i set webhook_last_at = now(), webhook_missed_at = null where i.id in (
        select i.id from crm_integrations i where i.id = ${integrationId}::uuid and (i.webhook_missed_at is not null
          or coalesce(i.webhook_last_at, '-infinity') < now() - ${LAST_AT_SECONDS}::int * interval '1 second')
        for no key update skip locked)`)
  } catch (error) {
    context.log.warn('webhook_not_marked', { error, integrationId })
  }
}
