// Reads the objects that hooks point at from the vendor, and writes them. When the vendor throttles or is unavailable,
// the slice ends, and the objects that are left are read later.
import type { Context } from '#context.ts'
import type { Connector } from '#crm/connector.ts'
import type { MappedRecord, Session } from '#crm/contract.ts'
import type { Instead } from '#crm/webhook.ts'
import { CrmError } from '#lib/crm-error.ts'
import { toCrmError } from '#sync/failure.ts'
import { forgetRefusal, rememberRefusal } from '#sync/passing-refusal.ts'
import { decide, NOT_SHOWN_SECONDS } from '#sync/retry-policy.ts'
import { writeRecords } from '#transactions/write-records.ts'
import { failConnection } from '#webhooks/fail-connection.ts'
import { type Claim, type Settlement, settingsOf } from '#webhooks/inbox.ts'
import { reasonOf, storedReason } from '#webhooks/reasons.ts'
import type { Task } from '#webhooks/tasks.ts'

export type Outcome = Settlement

export interface Refetched {
  readonly outcomes: ReadonlyMap<Task, Outcome>
  readonly pauseSeconds: number
  /** Even the first delivery had to be left unfinished. */
  readonly isOutOfTime: boolean
  /** The vendor does not accept the credentials, and sync was switched off. */
  readonly refusal: CrmError | null
}

type Ending = Pick<Refetched, 'pauseSeconds' | 'refusal'>

interface Refetch {
  readonly claim: Claim
  readonly connector: Connector<unknown, unknown>
  readonly session: Session<unknown>
  readonly tasks: readonly Task[]
}

/** Short, so that the inboxes of many integrations take turns. */
const SLICE_MS = 5000
/** For the first delivery, which is finished where it can be: a hundred objects at more than half a second each. */
const FIRST_MS = 60_000
/** Objects in one write: a worker that dies loses the reads of a few seconds at most. */
const WRITE_RECORDS_MAX = 25

interface Read {
  readonly records: readonly MappedRecord[]
  /** The change counter from when a body with these records arrived; null: they were read in this slice. */
  readonly snapshotSeq: number | null
  readonly outcome: Outcome
}

export async function refetch(context: Context, input: Refetch): Promise<Refetched> {
  const outcomes = new Map<Task, Outcome>()
  const startedAt = context.clock.now().getTime()
  // The first delivery gets more time, so that a slice makes progress even with one that exceeds it.
  const [first] = input.tasks[0]?.deliveries ?? []
  let group: { readonly task: Task; readonly read: Read }[] = []
  let snapshotSeq = input.claim.changeSeq
  let ending: Ending = { pauseSeconds: 0, refusal: null }
  let isOutOfTime = false
  let hasAnswered = false
  for (const [index, task] of input.tasks.entries()) {
    const next = input.tasks[index + 1]
    try {
      const read = await readTask(input, task)
      group.push({ task, read })
      hasAnswered ||= read.snapshotSeq === null
    } catch (error) {
      const failed = await onError(context, { input, task, hasAnswered }, toCrmError(error))
      outcomes.set(task, failed.outcome)
      ending = failed.ending ?? ending
      context.log.warn('hook_read_failed', { kind: toCrmError(error).kind, reason: toCrmError(error).reason, error })
    }
    const ms = context.clock.now().getTime() - startedAt
    const isOfFirst = first !== undefined && next?.deliveries.includes(first) === true
    isOutOfTime = isOfFirst && ms >= FIRST_MS
    const isLate = isOutOfTime || (ms >= SLICE_MS && !isOfFirst)
    const isOver = !next || failedForAll(ending) || isLate
    if (group.length >= WRITE_RECORDS_MAX || isOver) {
      const seq = await writeGroup(
        context,
        input,
        group.map(({ read }) => read),
        snapshotSeq,
      )
      if (seq === null) return { outcomes: new Map(), isOutOfTime, ...ending }
      snapshotSeq = seq
      for (const { task: written, read } of group) outcomes.set(written, read.outcome)
      group = []
    }
    if (isOver) break
  }
  if (hasAnswered && !failedForAll(ending)) await forgetRefusal(context, input.claim.integration)
  return { outcomes, isOutOfTime, ...ending }
}

function failedForAll({ pauseSeconds, refusal }: Ending): boolean {
  return pauseSeconds > 0 || refusal !== null
}

/** From the body where it names its version, else from the vendor, else from the body all the same. */
async function readTask(input: Refetch, task: Task): Promise<Read> {
  const carried = await mapCarried(input, task)
  if (carried && carried.records.every(isVersioned)) return { ...carried, outcome: DONE }
  const fallback = carried && {
    ...carried,
    outcome: { status: 'done', reason: storedReason('from_body', null) } as const,
  }
  try {
    const read = await readFromVendor(input, task)
    if (read && 'instead' in read) return { records: read.instead, snapshotSeq: null, outcome: INSTEAD }
    if (read) return { records: read, snapshotSeq: null, outcome: DONE }
  } catch (error) {
    if (fallback && toCrmError(error).kind === 'forbidden') return fallback
    throw error
  }
  return fallback ?? { records: [], snapshotSeq: null, outcome: notShown(task) }
}

const DONE: Outcome = { status: 'done', reason: null }
const INSTEAD: Outcome = { status: 'done', reason: storedReason('read_instead', null) }

function notShown(task: Task): Outcome {
  const seconds = NOT_SHOWN_SECONDS[triesOf(task) - 1]
  return seconds === undefined
    ? { status: 'failed', reason: storedReason('not_shown', null) }
    : { status: 'later', seconds }
}

function isVersioned(record: MappedRecord): boolean {
  if (record.type === 'transaction') return record.transaction.sourceUpdatedAt !== null
  return record.type === 'gone' && record.sourceUpdatedAt !== null
}

async function mapCarried(
  { connector: { webhook }, session }: Refetch,
  { carried }: Task,
): Promise<Pick<Read, 'records' | 'snapshotSeq'> | null> {
  if (!webhook?.map || carried.length === 0) return null
  const records: MappedRecord[] = []
  for (const { event } of carried) {
    const record = await webhook.map(session, event)
    // An event without the object might be the newest one.
    if (!record) return null
    records.push(record)
  }
  return { records, snapshotSeq: Math.min(...carried.map(({ receivedSeq }) => receivedSeq)) }
}

async function readFromVendor(
  { connector, session }: Refetch,
  { hint }: Task,
): Promise<readonly MappedRecord[] | Instead | null> {
  if (connector.webhook?.read) return connector.webhook.read(session, hint)
  const record = await connector.fetchOne?.(session, hint)
  return record && record.type !== 'none' ? [record] : null
}

/** The change counter after the write. Null: the settings have changed, and nothing more may be written. */
async function writeGroup(
  context: Context,
  { claim, connector }: Refetch,
  reads: readonly Read[],
  snapshotSeq: number,
): Promise<number | null> {
  const { id: integrationId, settingsEpoch } = claim.integration
  const canRecheck = connector.fetchOne !== undefined || connector.webhook?.read !== undefined
  let seq = snapshotSeq
  for (const isCarried of [true, false]) {
    const same = reads.filter((read) => (read.snapshotSeq !== null) === isCarried)
    const records = same.flatMap((read) => read.records)
    if (records.length === 0) continue
    // Objects written a moment ago are others, so they are no reason to recheck these.
    const since = isCarried ? Math.min(...same.map((read) => read.snapshotSeq ?? snapshotSeq)) : snapshotSeq
    const written = await writeRecords(context, {
      integrationId,
      settingsEpoch,
      snapshotSeq: since,
      records,
      canRecheck,
    })
    if (!written) return null
    context.log.info('hook_written', {
      records: records.length,
      inserted: written.inserted,
      updated: written.updated,
      rechecks: written.rechecks,
    })
    seq = written.seq
  }
  return seq
}

interface Failed {
  readonly outcome: Outcome
  /** What it means for the objects that are left; null: nothing. */
  readonly ending: Ending | null
}

interface Failing {
  readonly input: Refetch
  readonly task: Task
  /** The vendor has answered for another object of this slice. */
  readonly hasAnswered: boolean
}

async function onError(context: Context, failing: Failing, error: CrmError): Promise<Failed> {
  const { task, input, hasAnswered } = failing
  const { integration } = input.claim
  const refusedSeconds = error.mayPass
    ? await rememberRefusal(context, error, { isOurs: settingsOf(integration), isNew: hasAnswered })
    : 0
  const tried = { attempt: triesOf(task) - 1, ageSeconds: 0, refusedSeconds }
  const pace = { baseSeconds: context.config.retryBaseSeconds, random: context.random() }
  const decision = decide('hooks', error, tried, pace)
  if (decision.action === 'fail') {
    const ending = decision.turnsSyncOff ? { pauseSeconds: 0, refusal: error } : null
    if (ending && !(await failConnection(context, integration, error))) {
      return onError(context, failing, new CrmError('unavailable', { reason: 'refuses_many', cause: error }))
    }
    return { outcome: { status: 'failed', reason: reasonOf(error) }, ending }
  }
  const { seconds, countsAsRetry, pausesInbox } = decision
  return {
    outcome: countsAsRetry ? { status: 'later', seconds } : { status: 'untried' },
    ending: pausesInbox ? { pauseSeconds: seconds, refusal: null } : null,
  }
}

/** This one included. */
function triesOf({ deliveries }: Task): number {
  return Math.max(...deliveries.map(({ attempts }) => attempts))
}
