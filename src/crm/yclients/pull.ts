// A round: one branch after another, each by its own cursor. A branch that the vendor refuses (its licence ended, it
// was deleted) is left out and reported, and one that fails is tried again after the others, so that neither stalls
// them.
import type { Page, Session, Window } from '#crm/contract.ts'
import { CrmError } from '#lib/crm-error.ts'
import { pullBranch } from '#crm/yclients/branch.ts'
import type { BranchCursor, Cursor, Round } from '#crm/yclients/cursor.ts'
import { isOver } from '#crm/yclients/plan.ts'
import { isOfBranch } from '#crm/yclients/refusal.ts'
import { branchesOf, type Settings } from '#crm/yclients/settings.ts'

/** The name of a branch's capability in the connection test. */
export function capabilityOf(companyId: string): string {
  return `branch_${companyId}`
}

export async function* pull(
  session: Session<Settings>,
  stored: Cursor | null,
  window?: Window,
): AsyncGenerator<Page<Cursor>> {
  const all = branchesOf(session.settings)
  let state: RoundState = { branches: stored?.branches ?? {}, round: beginRound(session, all, stored, window) }
  const failed: unknown[] = []
  let isAnswering = true
  for (let [companyId] = state.round.left; companyId !== undefined; [companyId] = state.round.left) {
    // All that is left has failed before.
    if (failed.length === state.round.left.length) throw failed[0]
    try {
      for await (const page of pullBranch(session, companyId, state.branches[companyId] ?? null, window)) {
        const done = state.round.done + (page.progress?.done ?? 0)
        state = afterPage(state, companyId, { page, done, isLive: !window })
        isAnswering = true
        yield pageOf(state, all.length === 1 ? page : ofOne(page, companyId, { state, done }), !window)
      }
      state = { ...state, round: without(state.round, companyId) }
    } catch (error) {
      if (all.length === 1 || !(error instanceof CrmError) || !isOfOne(error)) throw error
      if (isOfBranch(error)) {
        const refused = [...state.round.refused, companyId]
        if (refused.length === all.length) throw error
        state = { ...state, round: { ...without(state.round, companyId), refused } }
        const leftOut = [{ list: capabilityOf(companyId), error, locationId: companyId }]
        yield pageOf(state, { records: [], leftOut }, !window)
      } else {
        // Two branches in a row that do not answer are an outage.
        if (!isAnswering) throw error
        isAnswering = false
        failed.push(error)
        state = { ...state, round: { ...state.round, left: [...state.round.left.slice(1), companyId] } }
      }
    }
  }
}

interface RoundState {
  readonly branches: Readonly<Record<string, BranchCursor>>
  readonly round: Round
}

/** The round of this run, or a new one. One that broke off is followed by one that begins with the next branch. */
function beginRound(
  { startedAt }: Session<Settings>,
  all: readonly string[],
  stored: Cursor | null,
  window: Window | undefined,
): Round {
  const round = stored?.round ?? null
  // A backfill's cursor belongs to one run.
  if (round && (window || round.startedAt === startedAt.toISOString())) return round
  const [brokenOff] = round?.left ?? []
  const at = brokenOff === undefined ? -1 : all.indexOf(brokenOff)
  return {
    startedAt: startedAt.toISOString(),
    left: [...all.slice(at + 1), ...all.slice(0, at + 1)],
    refused: [],
    done: 0,
  }
}

/** Whether another branch may work: credentials and limits are the same for all. */
function isOfOne({ kind }: CrmError): boolean {
  return kind !== 'auth' && kind !== 'rate_limited'
}

/** A page of one branch among several. Once the branch is done, what was told of a refusal of it is over. */
function ofOne(
  page: Page<BranchCursor>,
  companyId: string,
  { state, done }: { readonly state: RoundState; readonly done: number },
): Page<BranchCursor> {
  const own = state.round.left.includes(companyId) ? [] : [capabilityOf(companyId)]
  return { ...page, answered: [...(page.answered ?? []), ...own], progress: { done, total: null } }
}

interface Pulled {
  readonly page: Page<BranchCursor>
  readonly done: number
  readonly isLive: boolean
}

function afterPage({ branches, round }: RoundState, companyId: string, { page, done, isLive }: Pulled): RoundState {
  const { plan } = page.cursor
  const isDone = isLive ? page.isLast === true : plan !== null && isOver(plan)
  return {
    branches: { ...branches, [companyId]: page.cursor },
    round: isDone ? { ...without(round, companyId), done } : round,
  }
}

function without(round: Round, companyId: string): Round {
  return { ...round, left: round.left.filter((id) => id !== companyId) }
}

/** A live round is over with its last page; a backfill's stays in the cursor, so that it is not made again. */
function pageOf(
  { branches, round }: RoundState,
  { records, skipped, leftOut, answered, progress }: Omit<Page<unknown>, 'cursor' | 'isLast'>,
  isLive: boolean,
): Page<Cursor> {
  const isLast = isLive && round.left.length === 0
  return {
    records,
    cursor: { version: 2, branches: { ...branches }, round: isLast ? null : { ...round } },
    ...(skipped !== undefined && { skipped }),
    ...(leftOut && { leftOut }),
    ...(answered && { answered }),
    ...(progress && { progress }),
    ...(isLast && { isLast }),
  }
}
