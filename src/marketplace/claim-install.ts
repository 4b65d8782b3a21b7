// A business claims the branches that its owner has just installed the app in. Who holds the ticket came from the
// vendor's page, which proves nothing about a branch: the vendor itself says whether it is waiting for us.
import { sql } from 'drizzle-orm'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import type { InstallState } from '#crm/marketplace.ts'
import { sha256 } from '#crypto/digest.ts'
import { hexBytes } from '#db/bytea.ts'
import { getBusiness } from '#businesses/get-business.ts'
import { findIntegration, type IntegrationRow } from '#integrations/queries.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import type { LocalizedText } from '#lib/localized.ts'
import { HELD } from '#connections/marketplace.ts'
import { change, findInstalls, type Install, takeNow } from '#marketplace/installs.ts'
import { branchesIn, integrationOf, requireSameVendor } from '#marketplace/integration.ts'
import { advance } from '#marketplace/steps.ts'
import { readTicket, type Ticket } from '#marketplace/tickets.ts'
import { callOf, type Vendor, vendorOf } from '#marketplace/vendor.ts'

/** The vendor's own limit between the click and our answer. */
const BEGUN_SECONDS = 60 * 60
/** A browser gives up after a minute. What a long chain has left then, the cron goes on with. */
const FINISH_MS = 40_000
/** Clocks differ. */
const AHEAD_SECONDS = 5 * 60

export interface Claim {
  readonly ticket: string
  readonly businessId: string
  /** An admin says that the branch is this business's, whenever the installation was begun. */
  readonly isConfirmed: boolean
  /** The only integration that it may be for, as a reconnect of that; null: any of the business. */
  readonly reconnects: string | null
  /** Throws when the caller may not connect this CRM. */
  readonly permit: (crmType: string) => void
  readonly requestUrl: string
}

/**
 * Throws Problem: `not_found` (no such ticket or business), `ticket_used`, `misconfigured`, `integration_exists`,
 * `already_claimed`, `not_claimable`, `other_account`, `crm_unavailable`.
 */
export async function claimInstall(context: Context, claim: Claim): Promise<IntegrationRow> {
  const { businessId } = claim
  const ticket = await readTicket(context, claim.ticket)
  if (!ticket) throw new Problem('not_found')
  const vendor = vendorOf(context, ticket.brand)
  if (!vendor) throw new Problem('misconfigured')
  claim.permit(vendor.connector.type)
  if (!(await getBusiness(context, businessId, null))) throw new Problem('not_found')
  const existing = await integrationOf(context, businessId)
  if (existing) requireSameVendor(context, existing, vendor)
  if (claim.reconnects !== null) requireKnown(existing, vendor, { ...claim, ticket })
  const known = await settleEnds(context, ticket)
  refuseOthers(known, businessId)
  const hash = hexBytes(await sha256(claim.ticket))
  if (!(await isResumed(context, { hash, businessId, known }))) {
    if (ticket.isExpired) throw new Problem('ticket_used')
    if (ticket.userId === null && !claim.isConfirmed) throw unsigned()
    const branches = await claimable(context, vendor, { ticket, isConfirmed: claim.isConfirmed })
    await take(context, { ...claim, ticket, hash, branches })
  }
  return finish(context, ticket, businessId)
}

/** A reconnect is for the branches that the integration has. */
function requireKnown(
  existing: IntegrationRow | null,
  vendor: Vendor,
  { reconnects, ticket }: { readonly reconnects: string | null; readonly ticket: Ticket },
): void {
  const known = existing?.id === reconnects && existing ? branchesIn(vendor, existing) : []
  if (!ticket.branchIds.every((branchId) => known.includes(branchId))) throw new Problem('other_account')
}

/**
 * Finishes what has ended: an uninstallation of ours that is still under way would undo the new installation, and a
 * branch that is still in the settings of an integration would stay there once the row is another claim's.
 */
async function settleEnds(context: Context, { brand, branchIds }: Ticket): Promise<readonly Install[]> {
  const known = await findInstalls(context, brand, branchIds)
  const ending = known.filter(({ state, hasStep }) => hasStep && !HELD.includes(state))
  for (const install of ending) await advance(context, install)
  return ending.length > 0 ? findInstalls(context, brand, branchIds) : known
}

function refuseOthers(known: readonly Install[], businessId: string): void {
  const others = known.filter((one) => one.businessId !== businessId && !['uninstalled', 'expired'].includes(one.state))
  if (others.length > 0) throw alreadyClaimed()
}

function alreadyClaimed(): Problem {
  return new Problem('already_claimed', {
    detail: {
      en: 'The branch is connected for another business. Disconnect the app in the branch first, then connect it again.',
      ru: 'Филиал подключён к другой компании. Сначала отключите приложение в филиале, затем подключите его снова.',
    },
  })
}

/** The same business comes again with a ticket whose claim was cut off. Throws Problem `ticket_used`. */
async function isResumed(
  context: Context,
  {
    hash,
    businessId,
    known,
  }: { readonly hash: string; readonly businessId: string; readonly known: readonly Install[] },
): Promise<boolean> {
  const { rows } = await context.db.execute<{ business_id: string }>(
    sql`select business_id from marketplace_tickets where ticket_hash = ${hash}::bytea`,
  )
  const [used] = rows
  if (!used) return false
  const isUnfinished = known.some((one) => ['claimed', 'told', 'checked'].includes(one.state))
  if (used.business_id === businessId && isUnfinished) return true
  throw new Problem('ticket_used')
}

interface Branch {
  readonly branchId: string
  readonly begunAt: string | null
}

/** Asks the vendor. Throws Problem: `not_claimable`, `crm_unavailable`. */
async function claimable(
  context: Context,
  vendor: Vendor,
  { ticket, isConfirmed }: { readonly ticket: Ticket; readonly isConfirmed: boolean },
): Promise<readonly Branch[]> {
  const call = callOf(context, vendor, { about: vendor.marketplace.brand, lane: 'people' })
  const branches: Branch[] = []
  for (const branchId of ticket.branchIds) {
    const state = await askState(context, async () => vendor.marketplace.stateOf(call, branchId))
    const isWaiting = state.status === 'pending' && isJustBegun(context, state.begunAt)
    if (!isWaiting && !(isConfirmed && state.status !== 'none')) {
      context.log.warn('install_not_claimable', { branchId, status: state.status, begunAt: state.begunAt })
      throw notClaimable(branchId)
    }
    // What an admin confirms is told for an hour from now on.
    branches.push({ branchId, begunAt: (isWaiting && state.begunAt?.toISOString()) || null })
  }
  return branches
}

async function askState(context: Context, ask: () => Promise<InstallState>): Promise<InstallState> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    const level = error.kind === 'auth' ? 'error' : 'warn'
    context.log[level]('marketplace_status_failed', { kind: error.kind, reason: error.reason })
    throw new Problem('crm_unavailable', {
      detail: {
        en: 'The marketplace did not say whether the branch waits to be connected. Try again in a minute.',
        ru: 'Маркетплейс не ответил, ждёт ли филиал подключения. Попробуйте ещё раз через минуту.',
      },
      cause: error,
    })
  }
}

function isJustBegun({ clock }: Context, begunAt: Date | null): boolean {
  if (!begunAt) return false
  const seconds = (clock.now().getTime() - begunAt.getTime()) / 1000
  return seconds <= BEGUN_SECONDS && seconds >= -AHEAD_SECONDS
}

/** Anybody can make up an unsigned address with the number of a branch whose owner has just clicked. */
function unsigned(): Problem {
  return new Problem('not_claimable', {
    detail: {
      en: 'The marketplace did not say who pressed “Connect”, so this page cannot know that the branch is yours. Ask our support to confirm it.',
      ru: 'Маркетплейс не сообщил, кто нажал «Подключить», и мы не знаем, что филиал ваш. Попросите нашу поддержку подтвердить подключение.',
    },
  })
}

function notClaimable(branchId: string): Problem {
  const detail: LocalizedText = {
    en: `Branch ${branchId} does not wait to be connected: the app was not connected there within the last hour. Press “Connect” in the marketplace again.`,
    ru: `Филиал ${branchId} не ждёт подключения: за последний час приложение там не подключали. Нажмите «Подключить» в маркетплейсе ещё раз.`,
  }
  return new Problem('not_claimable', { detail })
}

interface Taking extends Pick<Claim, 'businessId' | 'requestUrl'> {
  readonly ticket: Ticket
  readonly hash: string
  readonly branches: readonly Branch[]
}

/** Uses the ticket and writes the claims, in one statement. Throws Problem: `ticket_used`, `already_claimed`. */
async function take(context: Context, taking: Taking): Promise<void> {
  const { businessId, ticket, hash, branches, requestUrl } = taking
  const origin = context.config.publicUrl ?? new URL(requestUrl).origin
  const { rows } = await context.db.execute<{ is_used: boolean; claimed: string[] }>(sql`
    with used as (
      insert into marketplace_tickets (ticket_hash, business_id) values (${hash}::bytea, ${businessId}::uuid)
      on conflict do nothing returning business_id
    ), wanted as (
      select x.* from json_to_recordset(${JSON.stringify(branches)}::json) as x("branchId" text, "begunAt" timestamptz)
    ), claimed as (
      insert into marketplace_installs as i (brand, branch_id, business_id, user_id, begun_at, deadline_at, origin, next_step_at)
      select ${ticket.brand}, w."branchId", u.business_id, ${ticket.userId}, w."begunAt",
        coalesce(w."begunAt", now()) + ${BEGUN_SECONDS}::int * interval '1 second', ${origin},
        now() + interval '90 seconds'
      from wanted w, used u order by w."branchId"
      on conflict (brand, branch_id) do update set business_id = excluded.business_id, integration_id = null,
        state = 'claimed', user_id = excluded.user_id, claim = i.claim + 1, begun_at = excluded.begun_at,
        claimed_at = now(), deadline_at = excluded.deadline_at, origin = excluded.origin, told_at = null,
        active_at = null, ended_at = null, next_step_at = excluded.next_step_at, attempts = 0, last_error = null,
        missing_nights = 0
      where i.state in ('uninstalled','expired') or i.business_id = excluded.business_id and i.state <> 'leaving'
      returning i.branch_id, i.business_id, i.integration_id
    ), audited as (${auditLines(context, { action: 'install.claimed' }, sql`select business_id, integration_id from claimed`)})
    select exists (select from used) as is_used, (select coalesce(json_agg(branch_id), '[]') from claimed) as claimed`)
  const [taken] = rows
  if (!taken?.is_used) throw new Problem('ticket_used')
  if (taken.claimed.length === branches.length) return
  // Another business was faster with one of them: none is kept.
  const installs = await findInstalls(context, ticket.brand, taken.claimed)
  for (const install of installs.filter((one) => one.businessId === businessId && one.state === 'claimed')) {
    await change(context, install, { state: 'expired', seconds: null, error: 'already_claimed' })
  }
  throw alreadyClaimed()
}

/** Goes on as far as it gets: all branches come into the integration before its sync is switched on once. */
async function finish(context: Context, { brand, branchIds }: Ticket, businessId: string): Promise<IntegrationRow> {
  const ours = async () =>
    (await findInstalls(context, brand, branchIds)).filter((one) => one.businessId === businessId)
  const startedAt = context.clock.now().getTime()
  const isInTime = () => context.clock.now().getTime() - startedAt < FINISH_MS
  const installs = await ours()
  await takeNow(context, installs)
  for (const install of installs) if (isInTime()) await advance(context, install, { until: 'checked' })
  for (const install of await ours()) if (install.state === 'checked' && isInTime()) await advance(context, install)
  const after = await ours()
  const refused = after.find(({ state }) => !HELD.includes(state))
  if (refused) throw refusalOf(refused)
  const integrationId = after.find((one) => one.integrationId !== null)?.integrationId
  const row = integrationId ? await findIntegration(context.db, integrationId, businessId) : null
  if (!row) throw new Problem('conflict')
  return row
}

function refusalOf({ branchId, lastError }: Install): Problem {
  if (lastError !== 'user_unknown' && lastError !== 'users_unreadable') return notClaimable(branchId)
  return new Problem('not_claimable', {
    detail: {
      en: `Whoever connected the app is not among the users of branch ${branchId}, so it was disconnected there again.`,
      ru: `Того, кто подключал приложение, нет среди пользователей филиала ${branchId}, поэтому оно там снова отключено.`,
    },
  })
}
