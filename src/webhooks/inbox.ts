// An integration's inbox. One worker at a time claims it as a whole, so that hints of one object are merged and a flood
// of hooks is one message at a time. When a worker dies, the next one claims the same deliveries again.
// Taking and ending its work are procedures of the database, migrations/0010_slices.sql.
import { and, eq, gt, type SQL, sql } from 'drizzle-orm'
import { type TakenRow, takenRowOf, type TakenSession } from '#connections/taken-session.ts'
import type { Context } from '#context.ts'
import type { Hint } from '#crm/contract.ts'
import { bytesOf } from '#db/bytea.ts'
import { crmIntegrations } from '#db/schema/crm-integrations.ts'
import { SILENT_MINUTES } from '#runs/schedule-slots.ts'
import type { Erased } from '#tombstones/erased.ts'
import { loadErased } from '#tombstones/load-erased.ts'
import { mentionsErased } from '#tombstones/mentions.ts'
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
const READS_SECONDS = 600
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
  readonly integration: TakenRow & {
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
  /** Customers whose names, phones and addresses are not kept. */
  readonly erased: Erased
}

/** Selects the integration under the settings of the claim, by the alias `i`. */
export function settingsOf({ id, settingsEpoch }: Claim['integration']): SQL {
  return sql`i.id = ${id}::uuid and i.settings_epoch = ${settingsEpoch}::int`
}

/** What `take_inbox` answers. Bytes are text in it, as JSON has none. */
interface Taken extends Pick<Claim['integration'], 'id' | 'settingsEpoch' | 'isStopped' | 'isRefusedForNow'> {
  readonly changeSeq: number
  readonly erasures: number
  readonly reads: number
  readonly session: TakenSession
  readonly deliveries: readonly (Omit<InboxDelivery, 'body'> & { readonly body: string | null })[]
}

/** Null: another worker holds the inbox, or nothing in it is ready. */
export async function claimInbox(context: Context, integrationId: string): Promise<Claim | null> {
  const params = [integrationId, LEASE_SECONDS, READS_SECONDS, CLAIM_MAX, CLAIM_BYTES_MAX]
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[taken]] = (await context.db.call('call take_inbox($1, $2, $3, $4, $5, null)', params)) as [[Taken | null]]
  return taken && toClaim(taken, await loadErased(context, integrationId, taken.erasures))
}

function toClaim({ id, settingsEpoch, isStopped, isRefusedForNow, session, ...taken }: Taken, erased: Erased): Claim {
  return {
    erased,
    integration: { ...takenRowOf(id, session), settingsEpoch, isStopped, isRefusedForNow },
    changeSeq: taken.changeSeq,
    readsLeft: Math.max(READS_MAX - taken.reads, 0),
    deliveries: taken.deliveries.map((delivery) => ({ ...delivery, body: bytesOf(delivery.body) })),
  }
}

/** Renews the lease of the inbox until the work is done. */
export async function holdInbox<T>(context: Context, integrationId: string, work: Promise<T>): Promise<T> {
  const renew = async () => {
    try {
      await context.db
        .update(crmIntegrations)
        .set({ inboxUntil: sql`now() + ${LEASE_SECONDS}::int * interval '1 second'` })
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
  const given = [toPostgresJson(rowsOf(claim, settlements)), toPostgresJson(left)]
  const params = [claim.integration.id, ...given, pauseSeconds, reads, READS_SECONDS, SILENT_MINUTES]
  const [[seconds] = []] = await context.db.call('call finish_inbox($1, $2, $3, $4, $5, $6, $7, null)', params)
  return typeof seconds === 'number' ? seconds : null
}

/** The outcomes as the procedure takes them. A delivery that is not over has no status. */
function rowsOf({ deliveries, erased }: Claim, settlements: Worked['settlements']) {
  const decoder = new TextDecoder()
  return deliveries.map(({ id, repeats, attempts, body }) => {
    const settlement = settlements.get(id) ?? { status: 'untried' }
    const isOver = 'reason' in settlement
    return {
      ...{ id, repeats, attempts },
      status: isOver ? settlement.status : null,
      reason: isOver ? settlement.reason : null,
      seconds: 'seconds' in settlement ? settlement.seconds : null,
      waits: settlement.status === 'waits',
      names_erased: body !== null && mentionsErased(decoder.decode(body), erased),
    }
  })
}

/** Inboxes with overdue deliveries that no worker holds, for the cron. */
export async function overdueInboxes(context: Context): Promise<readonly string[]> {
  const params = [MESSAGE_GRACE_SECONDS, SWEEP_MAX]
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the procedure's own
  const [[inboxes]] = (await context.db.call('call overdue_inboxes($1, $2, null)', params)) as [[readonly string[]]]
  return inboxes
}
