// The one statement of receipt: finds the integration by its token's hash and stores the delivery. It is kept plain, since
// planning it costs as much as running it, and it waits for no lock that a sync holds. What is rare (the same once more
// after it was worked off, what leads to nothing) costs a second one.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import type { Db } from '#db/client.ts'
import { webhookDeliveries } from '#db/schema/webhook-deliveries.ts'
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

interface StoredRow {
  readonly id: string
  readonly integrationId: string
  /** That of the first when the same came before. */
  readonly status: string
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
  const [row] = await storeStatement(context.db).execute({
    ...{ crmType, tokenHash: hexBytes(tokenHash), dedupeKey, status, reason: reasonOf(delivery), contentType },
    ...{ body: body && hexBytes(body), hints: toPostgresJson(hints), receivedAt, quietSeconds },
  })
  if (!row) return null
  const isRenewed = row.repeats > 0 && isNews(row, delivery)
  if (isRenewed) await renew(context, row, delivery, quietSeconds)
  // What waits is heard of by whoever works it off.
  if (status === 'ignored') await markHeard(context, row.integrationId)
  return { integrationId: row.integrationId, isWaiting: status === 'new' && (isRenewed || row.status === 'new') }
}

/** Built once per database, since every receipt runs it. */
const storeStatementCache = new WeakMap<Db, ReturnType<typeof buildStoreStatement>>()

function storeStatement(db: Db): ReturnType<typeof buildStoreStatement> {
  const known = storeStatementCache.get(db) ?? buildStoreStatement(db)
  storeStatementCache.set(db, known)
  return known
}

function buildStoreStatement(db: Db) {
  const { id, integrationId, dedupeKey, status, repeats } = webhookDeliveries
  const given = (name: string, type: string) => sql`${sql.placeholder(name)}::${sql.raw(type)}`
  // All columns in the table's order. The integration is looked up by the hash alone: an index on the type would be no
  // help, whatever the planner makes of it. Of a delivery that waited in the queue nobody knows any more what was stored
  // when it arrived.
  const row = sql`
    select gen_random_uuid(), i.id, 'hook', ${given('dedupeKey', 'text')}, ${given('status', 'text')},
      ${given('reason', 'text')}, ${given('contentType', 'text')}, ${given('body', 'bytea')}, ${given('hints', 'jsonb')},
      0, 0, coalesce(${given('receivedAt', 'timestamptz')}, now()),
      case when ${given('receivedAt', 'timestamptz')} is null then i.change_seq else 0 end,
      now() + ${given('quietSeconds', 'float8')} * interval '1 second',
      case when ${given('status', 'text')} <> 'new' then now() end
    from crm_integrations i
    where i.webhook_token_hash = ${given('tokenHash', 'bytea')} and i.crm_type || '' = ${given('crmType', 'text')}`
  return db
    .insert(webhookDeliveries)
    .select(row)
    .onConflictDoUpdate({ target: [integrationId, dedupeKey], set: { repeats: sql`${repeats} + 1` } })
    .returning({ id, integrationId, status, repeats })
    .prepare('store_delivery')
}

function reasonOf({ reason, detail }: Delivery): string | null {
  return reason && storedReason(reason, detail).replaceAll('\0', '')
}

/**
 * The same came again and takes the place of the first: that was given up, or another account's by the settings of then,
 * or worked off before this one came; or it is one of the few places for what leads to nothing. While the first waits, the
 * repeat is only counted.
 */
function isNews(first: StoredRow, { status, mayRepeatAsNews }: Delivery): boolean {
  return status !== 'new' || /failed|rejected/.test(first.status) || (first.status === 'done' && mayRepeatAsNews)
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
