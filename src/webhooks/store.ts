// The one statement of receipt: finds the integration by its token's hash, stores the delivery, and tells whether a
// message has to be sent. It waits for no lock that a sync holds.
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
  /** It waits in the inbox, and no message on its way will take it along. */
  readonly needsMessage: boolean
}

/** `webhookLastAt` is moved at most so often: it shows that hooks arrive, not each of them. */
const LAST_AT_SECONDS = 60
/** A message that fires so soon may have been taken already. */
const MESSAGE_MARGIN_SECONDS = 0.2

/** Null: nobody has such an address. */
export async function storeDelivery(
  context: Context,
  { crmType, tokenHash }: Address,
  delivery: Delivery,
  quietSeconds: number,
): Promise<Stored | null> {
  const { dedupeKey, status, reason, detail, contentType, body, hints, mayRepeatAsNews, receivedAt } = delivery
  const told = reason && toPostgresJson(storedReason(reason, detail))
  const { rows } = await context.db.execute<{ id: string; status: string; is_awaited: boolean }>(sql`
    with found as (
      select id, change_seq, webhook_last_at, webhook_missed_at from crm_integrations
      where webhook_token_hash = ${hexBytes(tokenHash)}::bytea and crm_type = ${crmType}
    ), stored as (
      insert into webhook_deliveries as d (integration_id, dedupe_key, status, reason, content_type, body, hints,
        received_at, received_seq, due_at, done_at)
      select id, ${dedupeKey}, ${status}, ${told}::jsonb #>> '{}', ${contentType}, ${body && hexBytes(body)}::bytea,
        ${toPostgresJson(hints)}::jsonb, coalesce(${receivedAt}::timestamptz, now()),
        case when ${receivedAt}::timestamptz is null then change_seq else 0 end,
        now() + ${quietSeconds}::float8 * interval '1 second', case when ${status} <> 'new' then now() end
      from found
      on conflict (integration_id, dedupe_key) do update set repeats = d.repeats + 1, (${RENEWED}) = (
        select ${of('excluded')} where ${isRenewed(mayRepeatAsNews)}
        union all select ${of('d')} where not ${isRenewed(mayRepeatAsNews)})
      returning d.id, d.status
    ), heard as (
      update crm_integrations i set webhook_last_at = now(), webhook_missed_at = null
      where ${status} <> 'rejected' and i.id in (
        select busy.id from crm_integrations busy, found f where busy.id = f.id and (f.webhook_missed_at is not null
          or coalesce(f.webhook_last_at, '-infinity') < now() - ${LAST_AT_SECONDS}::int * interval '1 second')
        for no key update of busy skip locked)
    )
    select f.id, s.status, exists (
      select from webhook_deliveries w where w.integration_id = f.id and w.status = 'new' and w.id <> s.id
        and w.due_at > now() + ${MESSAGE_MARGIN_SECONDS}::float8 * interval '1 second'
        and w.due_at <= now() + ${quietSeconds}::float8 * interval '1 second') as is_awaited
    from found f, stored s`)
  const [row] = rows
  return row ? { integrationId: row.id, needsMessage: row.status === 'new' && !row.is_awaited } : null
}

const COLUMNS = [
  ...['status', 'reason', 'content_type', 'body', 'hints'],
  ...['received_at', 'received_seq', 'due_at', 'done_at', 'attempts'],
]
const RENEWED = sql.raw(COLUMNS.join(', '))
const of = (row: 'excluded' | 'd') => sql.raw(COLUMNS.map((column) => `${row}.${column}`).join(', '))

/**
 * The same came again and takes the place of the first: that was given up, or worked off before this one came; or it is
 * one of the few places for what leads to nothing. While the first waits, the repeat is only counted.
 */
const isRenewed = (mayRepeatAsNews: boolean) =>
  sql`(excluded.status <> 'new' or d.status = 'failed' or (d.status = 'done' and ${mayRepeatAsNews}::bool))`
