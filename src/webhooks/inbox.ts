// An integration's inbox: claimed as a whole by one worker at a time, so that hints of one object are merged and a flood
// on one integration is one message at a time. What a worker that died had claimed is claimed again.
import { type SessionColumns, sessionRowOf, type SessionRow } from '#connections/session.ts'
import { and, eq, gt, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Hint } from '#crm/contract.ts'
import { safeInteger } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { SILENT_MINUTES } from '#runs/schedule-slots.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'

/** How long a worker may stay silent. It renews it while it waits for the vendor. */
const LEASE_SECONDS = 60
const RENEW_MS = 20_000
const CLAIM_MAX = 200
/** A waiting delivery that is so overdue has lost its message. */
const MESSAGE_GRACE_SECONDS = 30
const SWEEP_MAX = 5000

export interface InboxDelivery {
  readonly id: string
  readonly kind: 'hook' | 'recheck'
  readonly contentType: string | null
  readonly body: Uint8Array<ArrayBuffer> | null
  readonly hints: readonly Hint[]
  readonly receivedSeq: number
  /** This attempt included. */
  readonly attempts: number
  readonly repeats: number
}

export interface Claim {
  readonly integration: SessionRow & { readonly settingsEpoch: number; readonly connectionStatus: string }
  /** The integration's change counter before the vendor is asked. */
  readonly changeSeq: number
  readonly deliveries: readonly InboxDelivery[]
}

interface ClaimedIntegration extends SessionColumns {
  id: string
  settings_epoch: number
  connection_status: string
  change_seq: string
}

interface ClaimedDelivery extends Record<string, unknown> {
  id: string
  kind: 'hook' | 'recheck'
  content_type: string | null
  body: Uint8Array | null
  hints: readonly Hint[] | null
  received_seq: string
  attempts: number
  repeats: number
}

/** One that came a moment ago is taken along; one that failed waits for its time. */
const READY = sql.raw(`(d.status = 'new' and (d.attempts = 0 or d.due_at <= now()))`)
const LEASE = sql`now() + ${LEASE_SECONDS}::int * interval '1 second'`

/** Null: somebody works on it, or there is nothing to do. */
export async function claimInbox(context: Context, integrationId: string): Promise<Claim | null> {
  const [integrations, deliveries] = await context.db.batch([
    context.db.execute<ClaimedIntegration>(sql`
      update crm_integrations i set inbox_until = ${LEASE} from businesses b
      where i.id = ${integrationId}::uuid and b.id = i.business_id and (i.inbox_until is null or i.inbox_until < now())
        and exists (select from webhook_deliveries d where d.integration_id = i.id and ${READY})
      returning i.*, b.timezone, b.currency`),
    // now() is the transaction's: only who has just taken the lease finds this very time in it.
    context.db.execute<ClaimedDelivery>(sql`
      update webhook_deliveries d set attempts = d.attempts + 1 from (
        select d.id from webhook_deliveries d join crm_integrations i on i.id = d.integration_id
        where i.id = ${integrationId}::uuid and i.inbox_until = ${LEASE} and ${READY}
        order by d.due_at limit ${CLAIM_MAX}::int for no key update of d skip locked) ready
      where d.id = ready.id
      returning d.id, d.kind, d.content_type, d.body, d.hints, d.received_seq, d.attempts, d.repeats`),
  ])
  const [integration] = integrations.rows
  return integration ? toClaim(integration, deliveries.rows) : null
}

function toClaim(row: ClaimedIntegration, deliveries: readonly ClaimedDelivery[]): Claim {
  return {
    integration: {
      ...sessionRowOf(row.id, row),
      settingsEpoch: row.settings_epoch,
      connectionStatus: row.connection_status,
    },
    changeSeq: safeInteger(row.change_seq),
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      kind: delivery.kind,
      contentType: delivery.content_type,
      body: delivery.body && new Uint8Array(delivery.body),
      hints: delivery.hints ?? [],
      receivedSeq: safeInteger(delivery.received_seq),
      attempts: delivery.attempts,
      repeats: delivery.repeats,
    })),
  }
}

/** Keeps the inbox for as long as the work takes. */
export async function holdInbox<T>(context: Context, integrationId: string, work: Promise<T>): Promise<T> {
  const renew = async () => {
    try {
      await context.db
        .update(crmIntegrations)
        .set({ inboxUntil: LEASE })
        .where(and(eq(crmIntegrations.id, integrationId), gt(crmIntegrations.inboxUntil, sql`now()`)))
    } catch (error) {
      context.log.warn('inbox_not_renewed', { error })
    }
  }
  const timer = setInterval(() => void renew(), RENEW_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}

/** What became of a delivery in this slice. */
export type Settlement =
  | { readonly status: 'done' | 'rejected' | 'failed'; readonly reason: string | null }
  /** Tried in vain: again later. */
  | { readonly status: 'later'; readonly seconds: number }
  /** Not its turn: as if it had not been claimed. */
  | { readonly status: 'untried' }

export interface Worked {
  readonly settlements: ReadonlyMap<string, Settlement>
  /** How long the vendor is to be left alone. */
  readonly pauseSeconds: number
  /** Objects of settled deliveries for which the slice had no time: each waits by itself from here on. */
  readonly left: readonly Hint[]
}

/**
 * Puts down what became of the claimed deliveries and lets the inbox go. A delivery that came again meanwhile stays in it.
 * Answers in how many seconds there is more to do, or null.
 */
export async function settleInbox(
  context: Context,
  claim: Claim,
  { settlements, pauseSeconds, left }: Worked,
): Promise<number | null> {
  const { id } = claim.integration
  const given = sql`json_to_recordset(${toPostgresJson(rowsOf(claim, settlements))}::json)
    as s(id uuid, repeats int, attempts int, status text, reason text, seconds float8)`
  const [, , , , next] = await context.db.batch([
    // First, so that what comes after sees a claim that was being made meanwhile.
    context.db.execute(sql`select id from crm_integrations where id = ${id}::uuid for no key update`),
    // Claiming counts the attempt: a delivery that is counted further has been taken over, and the inbox with it. No sign
    // that hooks arrive are rechecks of our own, hooks of another account, and old ones that are replayed.
    context.db.execute(sql`
      with seen as (
        select max(d.received_at) filter (where d.kind = 'hook' and s.status is distinct from 'rejected') as last_at,
          coalesce(bool_or(d.attempts > s.attempts), false) as is_taken_over
        from webhook_deliveries d join ${given} on s.id = d.id)
      update crm_integrations i set
        inbox_until = case when ${pauseSeconds}::float8 > 0 then now() + ${pauseSeconds}::float8 * interval '1 second' end,
        webhook_last_at = greatest(i.webhook_last_at, seen.last_at),
        webhook_missed_at = case
          when seen.last_at > i.webhook_missed_at - ${SILENT_MINUTES}::int * interval '1 minute' then null
          else i.webhook_missed_at end
      from seen where i.id = ${id}::uuid and not seen.is_taken_over`),
    context.db.execute(sql`
      update webhook_deliveries d set
        status = coalesce(s.status, 'new'), reason = s.reason, done_at = case when s.status is not null then now() end,
        due_at = case when s.seconds is null then d.due_at else now() + s.seconds * interval '1 second' end,
        attempts = d.attempts - (s.status is null and s.seconds is null)::int
      from ${given}
      where d.id = s.id and d.repeats = s.repeats and d.attempts = s.attempts and d.status = 'new'`),
    context.db.execute(sql`
      insert into webhook_deliveries (integration_id, kind, dedupe_key, hints)
      select ${id}::uuid, 'recheck', 'recheck:' || (h ->> 'externalId'), jsonb_build_array(h)
      from jsonb_array_elements(${toPostgresJson(left)}::jsonb) h
      on conflict (integration_id, dedupe_key) do update set status = 'new', due_at = now(), attempts = 0, hints = excluded.hints,
        repeats = webhook_deliveries.repeats + 1, reason = null, done_at = null, received_at = now()`),
    context.db.execute<{ seconds: number | null }>(sql`
      select greatest(extract(epoch from min(case when d.attempts = 0 then now() else d.due_at end) - now())::float8,
        ${pauseSeconds}::float8, 0) as seconds
      from webhook_deliveries d where d.integration_id = ${id}::uuid and d.status = 'new'
      having count(*) > 0`),
  ])
  return next.rows[0]?.seconds ?? null
}

/** As the statements take it; what is not over has no status. */
function rowsOf({ deliveries }: Claim, settlements: Worked['settlements']) {
  return deliveries.map(({ id, repeats, attempts }) => {
    const settlement = settlements.get(id) ?? { status: 'untried' }
    const isOver = settlement.status !== 'later' && settlement.status !== 'untried'
    return {
      ...{ id, repeats, attempts },
      status: isOver ? settlement.status : null,
      reason: isOver ? settlement.reason : null,
      seconds: settlement.status === 'later' ? settlement.seconds : null,
    }
  })
}

/** Inboxes whose deliveries nobody works on although they should be: by the cron. One look an inbox, however full it is. */
export async function overdueInboxes(context: Context): Promise<string[]> {
  const { rows } = await context.db.execute<{ integration_id: string }>(sql`
    with recursive inbox as (
      (select integration_id, due_at from webhook_deliveries where status = 'new' order by integration_id, due_at limit 1)
      union all
      select n.* from inbox, lateral (
        select integration_id, due_at from webhook_deliveries d
        where d.status = 'new' and d.integration_id > inbox.integration_id order by integration_id, due_at limit 1) n
    )
    select integration_id from inbox join crm_integrations i on i.id = inbox.integration_id
    where due_at < now() - ${MESSAGE_GRACE_SECONDS}::int * interval '1 second'
      and (i.inbox_until is null or i.inbox_until < now())
    order by due_at limit ${SWEEP_MAX}::int`)
  return rows.map((row) => row.integration_id)
}
