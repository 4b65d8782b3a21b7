// The rows of installs. Each write names the claim and the state that it was decided by: whatever happened meanwhile
// (the owner uninstalled, another step was faster) is not overwritten.
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Action } from '#audit/actions.ts'
import { auditLines } from '#audit/statements.ts'
import type { Context } from '#context.ts'
import { type InstallStateName, marketplaceInstalls } from '#db/schema/marketplace-installs.ts'

const columns = {
  id: marketplaceInstalls.id,
  brand: marketplaceInstalls.brand,
  branchId: marketplaceInstalls.branchId,
  businessId: marketplaceInstalls.businessId,
  integrationId: marketplaceInstalls.integrationId,
  state: marketplaceInstalls.state,
  userId: marketplaceInstalls.userId,
  claim: marketplaceInstalls.claim,
  origin: marketplaceInstalls.origin,
  attempts: marketplaceInstalls.attempts,
  lastError: marketplaceInstalls.lastError,
  /** The hour in which the vendor can be told is over. */
  isLate: sql<boolean>`${marketplaceInstalls.deadlineAt} <= now()`,
  hasStep: sql<boolean>`${marketplaceInstalls.nextStepAt} is not null`,
}

export type Install = {
  readonly [K in keyof typeof columns]: (typeof marketplaceInstalls.$inferSelect & {
    isLate: boolean
    hasStep: boolean
  })[K]
}

export async function findInstalls(context: Context, brand: string, branchIds: readonly string[]): Promise<Install[]> {
  const { brand: of, branchId } = marketplaceInstalls
  return context.db
    .select(columns)
    .from(marketplaceInstalls)
    .where(and(eq(of, brand), inArray(branchId, [...branchIds])))
    .orderBy(branchId)
}

/** Those of one integration, whatever their state. */
export async function installsOf(context: Context, integrationId: string): Promise<Install[]> {
  const { integrationId: of, branchId } = marketplaceInstalls
  return context.db.select(columns).from(marketplaceInstalls).where(eq(of, integrationId)).orderBy(branchId)
}

/** Those of a business whose access is not settled yet. */
export async function unfinishedOf(context: Context, businessId: string, brand: string): Promise<Install[]> {
  const { businessId: owner, brand: of, state } = marketplaceInstalls
  return context.db
    .select(columns)
    .from(marketplaceInstalls)
    .where(and(eq(owner, businessId), eq(of, brand), inArray(state, ['claimed', 'told'])))
}

export async function reread(context: Context, { id }: Pick<Install, 'id'>): Promise<Install | null> {
  const [row] = await context.db.select(columns).from(marketplaceInstalls).where(eq(marketplaceInstalls.id, id))
  return row ?? null
}

/** So long a step has before another worker takes it: the longest makes a few calls of 15 s each. */
const STEP_SECONDS = 90

/** Takes up to so many whose step is due, the longest due first. */
export async function takeDue(context: Context, max: number): Promise<Install[]> {
  const { rows } = await context.db.execute<{ id: string }>(sql`
    with due as (
      select id from marketplace_installs where next_step_at <= now() order by next_step_at limit ${max}::int
      for no key update skip locked)
    update marketplace_installs i set next_step_at = now() + ${STEP_SECONDS}::int * interval '1 second', attempts = attempts + 1
    from due where i.id = due.id returning i.id`)
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  return context.db.select(columns).from(marketplaceInstalls).where(inArray(marketplaceInstalls.id, ids))
}

/** What has a step that a request may go on with. */
const UNFINISHED: readonly InstallStateName[] = ['claimed', 'told', 'checked', 'leaving']

/** Takes these now, whether they are due or not; one that another worker has finished meanwhile stays at rest. */
export async function takeNow(context: Context, installs: readonly Pick<Install, 'id'>[]): Promise<void> {
  const ids = installs.map(({ id }) => id)
  if (ids.length === 0) return
  await context.db
    .update(marketplaceInstalls)
    .set({ nextStepAt: sql`now() + ${STEP_SECONDS}::int * interval '1 second'` })
    .where(and(inArray(marketplaceInstalls.id, ids), inArray(marketplaceInstalls.state, [...UNFINISHED])))
}

export interface Change {
  readonly state?: InstallStateName
  readonly integrationId?: string
  /** Until the next step; null: there is none. */
  readonly seconds: number | null
  readonly error?: string | null
}

/** What a move into a state leaves beside it: the column with its time, and the audit's line. */
const MOVES: Readonly<Partial<Record<InstallStateName, { readonly column?: string; readonly action?: Action }>>> = {
  told: { column: 'told_at' },
  active: { column: 'active_at', action: 'install.connected' },
  frozen: { action: 'install.frozen' },
  uninstalled: { column: 'ended_at', action: 'install.ended' },
  expired: { column: 'ended_at', action: 'install.ended' },
}

/** The statement of a change. It returns no row when the install has changed since it was read. */
export function changeStatement(context: Context, install: Install, to: Change): SQL {
  const { state = install.state, integrationId = install.integrationId, seconds, error = install.lastError } = to
  const isMoved = state !== install.state
  const { column, action } = (isMoved && MOVES[state]) || {}
  return sql`
    with moved as (
      update marketplace_installs i set state = ${state}, integration_id = ${integrationId}::uuid, last_error = ${error},
        ${column === undefined ? sql`` : sql`${sql.raw(column)} = now(),`}
        attempts = case when ${isMoved || seconds === null}::bool then 0 else i.attempts end,
        missing_nights = case when ${isMoved}::bool then 0 else i.missing_nights end,
        next_step_at = now() + ${seconds}::float8 * interval '1 second'
      where i.id = ${install.id}::uuid and i.claim = ${install.claim}::int and i.state = ${install.state}
      returning i.business_id, i.integration_id
    )${action ? sql`, audited as (${auditLines(context, { action }, sql`select * from moved`)})` : sql``}
    select business_id from moved`
}

/** False: it has changed since it was read. */
export async function change(context: Context, install: Install, to: Change): Promise<boolean> {
  const { rows } = await context.db.execute(changeStatement(context, install, to))
  return rows.length > 0
}
