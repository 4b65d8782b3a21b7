// An integration's inbox. One worker at a time claims it as a whole, so that hints of one object are merged and a flood
// of hooks is one message at a time. When a worker dies, the next one claims the same deliveries again.
import { type SessionColumns, sessionRowOf, type SessionRow } from '#connections/session.ts'
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Hint } from '#crm/contract.ts'
import { safeInteger } from '#db/columns.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { SILENT_MINUTES } from '#runs/schedule-slots.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'

/** How long a worker may stay silent before another one takes over: as with runs, a minute. */
const LEASE_SECONDS = 60
/** A third of the lease, so that one lost renewal does no harm. */
const RENEW_MS = 20_000
/** More than a slice has time to read. */
const CLAIM_MAX = 200
/** Bytes of all bodies but the first: a claim is in memory as a whole, twice. */
const CLAIM_BYTES_MAX = 4_000_000
/**
 * Objects that one integration's hooks have read one by one within a period: one a second. Beyond that a sync a minute
 * reads the changes for fewer calls, and forged hooks leave most of the vendor's pace to the syncs. A large account's
 * busiest ten minutes have 200 hooks.
 */
const READS_MAX = 600
const READS_PERIOD = sql.raw(`interval '10 minutes'`)
/** A message takes seconds. A delivery that is overdue by half a minute has lost its message. */
const MESSAGE_GRACE_SECONDS = 30
/** Inboxes for one tick of the cron: fifty batches of messages, sent well within its 30 s of CPU. */
const SWEEP_MAX = 5000

export interface InboxDelivery {
  readonly id: string
  readonly kind: 'hook' | 'recheck'
  readonly contentType: string | null
  readonly body: Uint8Array<ArrayBuffer> | null
  /** Null: more has changed than is read one by one. */
  readonly hints: readonly Hint[] | null
  readonly receivedSeq: number
  /** This attempt included. */
  readonly attempts: number
  readonly repeats: number
}

export interface Claim {
  readonly integration: SessionRow & {
    readonly settingsEpoch: number
    /** The CRM has refused it, and nobody has switched it on again. A test that fails meanwhile stops nothing. */
    readonly isStopped: boolean
    /** A refusal that may pass is remembered. */
    readonly isRefusedForNow: boolean
  }
  /** The integration's change counter before the vendor is asked. */
  readonly changeSeq: number
  readonly deliveries: readonly InboxDelivery[]
  /** How many objects may be read one by one. */
  readonly readsLeft: number
}

/** Selects the integration under the settings of the claim, by the alias `i`. */
export function settingsOf({ id, settingsEpoch }: Claim['integration']): SQL {
  return sql`i.id = ${id}::uuid and i.settings_epoch = ${settingsEpoch}::int`
}

interface ClaimedIntegration extends SessionColumns {
  id: string
  settings_epoch: number
  connection_status: string
  sync_enabled: boolean | null
  passing_refusal: string | null
  change_seq: string
  reads: number
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

/** New deliveries are claimed before they are due, so that they are merged; failed ones wait until they are due. */
const READY = sql.raw(`(d.status = 'new' and (d.attempts = 0 or d.due_at <= now()))`)
const LEASE = sql`now() + ${LEASE_SECONDS}::int * interval '1 second'`

/** Null: another worker holds the inbox, or nothing in it is ready. */
export async function claimInbox(context: Context, integrationId: string): Promise<Claim | null> {
  const [integrations, deliveries] = await context.db.batch([
    context.db.execute<ClaimedIntegration>(sql`
      update crm_integrations i set inbox_until = ${LEASE}, called_at = now() from businesses b
      where i.id = ${integrationId}::uuid and b.id = i.business_id and (i.inbox_until is null or i.inbox_until < now())
        and exists (select from webhook_deliveries d where d.integration_id = i.id and ${READY})
      returning i.*, b.timezone, b.currency,
        case when i.hook_reads_since > now() - ${READS_PERIOD} then i.hook_reads else 0 end as reads`),
    // now() is the same in the whole transaction, so this lease is found only when the statement before has taken it.
    context.db.execute<ClaimedDelivery>(sql`
      update webhook_deliveries d set attempts = d.attempts + 1 from (
        select id, sum(bytes) over (order by due_at, id) - bytes as bytes_before from (
          select d.id, d.due_at, coalesce(octet_length(d.body), 0) as bytes
          from webhook_deliveries d join crm_integrations i on i.id = d.integration_id
          where i.id = ${integrationId}::uuid and i.inbox_until = ${LEASE} and ${READY}
          order by d.due_at limit ${CLAIM_MAX}::int for no key update of d skip locked) due) ready
      where d.id = ready.id and ready.bytes_before < ${CLAIM_BYTES_MAX}::int
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
      isStopped: row.connection_status === 'failed' && row.sync_enabled !== true,
      isRefusedForNow: row.passing_refusal !== null,
    },
    changeSeq: safeInteger(row.change_seq),
    readsLeft: Math.max(READS_MAX - row.reads, 0),
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      kind: delivery.kind,
      contentType: delivery.content_type,
      body: delivery.body && new Uint8Array(delivery.body),
      hints: delivery.hints,
      receivedSeq: safeInteger(delivery.received_seq),
      attempts: delivery.attempts,
      repeats: delivery.repeats,
    })),
  }
}

/** Renews the lease of the inbox until the work is done. */
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

/** The outcome of a delivery in this slice. */
export type Settlement =
  | { readonly status: 'done' | 'rejected' | 'failed'; readonly reason: string | null }
  /** Tried without success: to be tried again. */
  | { readonly status: 'later'; readonly seconds: number }
  /** Waits for a run, which is no failure: earlier attempts count no more. */
  | { readonly status: 'waits'; readonly seconds: number }
  /** Not tried: the claim counts as no attempt. */
  | { readonly status: 'untried' }

export interface Worked {
  readonly settlements: ReadonlyMap<string, Settlement>
  /** How long nothing of this inbox is asked of the vendor. */
  readonly pauseSeconds: number
  /** Objects of settled deliveries that the slice had no time for: each becomes a recheck of its own. */
  readonly left: readonly Hint[]
  /** Objects that were read. */
  readonly reads: number
}

/**
 * Stores the outcomes of the claimed deliveries and releases the inbox. A delivery that came again meanwhile stays new.
 * Returns in how many seconds the next delivery is due, or null.
 */
export async function settleInbox(
  context: Context,
  claim: Claim,
  { settlements, pauseSeconds, left, reads }: Worked,
): Promise<number | null> {
  const { id } = claim.integration
  const given = sql`json_to_recordset(${toPostgresJson(rowsOf(claim, settlements))}::json)
    as s(id uuid, repeats int, attempts int, status text, reason text, seconds float8, waits bool)`
  const [, , , , next] = await context.db.batch([
    // Locked first, so that the statements below see a claim that was being made meanwhile.
    context.db.execute(sql`select id from crm_integrations where id = ${id}::uuid for no key update`),
    // Claiming counts an attempt: when a delivery has more, another worker has taken over the inbox. Our own rechecks,
    // hooks of another account and replays of old hooks do not prove that hooks arrive.
    context.db.execute(sql`
      with seen as (
        select max(d.received_at) filter (where d.kind = 'hook' and s.status is distinct from 'rejected') as last_at,
          coalesce(bool_or(d.attempts > s.attempts), false) as is_taken_over
        from webhook_deliveries d join ${given} on s.id = d.id)
      update crm_integrations i set
        inbox_until = case when ${pauseSeconds}::float8 > 0 then now() + ${pauseSeconds}::float8 * interval '1 second' end,
        hook_reads = ${reads}::int
          + case when i.hook_reads_since > now() - ${READS_PERIOD} then i.hook_reads else 0 end,
        hook_reads_since = case when i.hook_reads_since > now() - ${READS_PERIOD} then i.hook_reads_since else now() end,
        webhook_last_at = greatest(i.webhook_last_at, seen.last_at),
        webhook_missed_at = case
          when seen.last_at > i.webhook_missed_at - ${SILENT_MINUTES}::int * interval '1 minute' then null
          else i.webhook_missed_at end
      from seen where i.id = ${id}::uuid and not seen.is_taken_over`),
    context.db.execute(sql`
      update webhook_deliveries d set
        status = coalesce(s.status, 'new'), reason = s.reason, done_at = case when s.status is not null then now() end,
        due_at = case when s.seconds is null then d.due_at else now() + s.seconds * interval '1 second' end,
        attempts = case when s.waits then 1 else d.attempts - (s.status is null and s.seconds is null)::int end
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

/** The outcomes as the statements take them. A delivery that is not over has no status. */
function rowsOf({ deliveries }: Claim, settlements: Worked['settlements']) {
  return deliveries.map(({ id, repeats, attempts }) => {
    const settlement = settlements.get(id) ?? { status: 'untried' }
    const isOver = 'reason' in settlement
    return {
      ...{ id, repeats, attempts },
      status: isOver ? settlement.status : null,
      reason: isOver ? settlement.reason : null,
      seconds: 'seconds' in settlement ? settlement.seconds : null,
      waits: settlement.status === 'waits',
    }
  })
}

/**
 * Inboxes with overdue deliveries that no worker holds, for the cron. One index lookup an inbox, however full it is.
 */
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
