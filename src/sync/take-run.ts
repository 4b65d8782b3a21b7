import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { type TakenRow, takenRowOf, type TakenSession } from '#connections/taken-session.ts'
import { isoInstant } from '#db/columns.ts'
import { CONNECTORS } from '#crm/registry.ts'
import type { Run } from '#runs/schema.ts'

/**
 * How long a slice may stay silent before another worker takes over. A minute is what the cron needs to notice it
 * anyway, and three times the interval at which a slice renews its lease.
 */
export const LEASE_SECONDS = 60

/** The present version of each CRM's mapping. */
const MAP_VERSIONS = JSON.stringify(Object.fromEntries(CONNECTORS.map(({ type, mapVersion }) => [type, mapVersion])))
/** The hour at which each CRM's night begins, where it is another than midnight. */
const NIGHT_HOURS = JSON.stringify(
  Object.fromEntries(CONNECTORS.flatMap(({ type, nightFromHour }) => (nightFromHour ? [[type, nightFromHour]] : []))),
)

/**
 * A run that this slice holds: each of its writes carries `leaseEpoch` and is refused once another worker took over.
 */
export interface TakenRun {
  readonly id: string
  readonly integrationId: string
  readonly leaseEpoch: number
  readonly trigger: Run['trigger']
  readonly task: Run['task']
  readonly isBulk: boolean
  /** The wide scan of the night falls to it. */
  readonly isNightly: boolean
  readonly startedAt: Date
  readonly attempt: number
  readonly ageSeconds: number
  /** Pages committed so far: the ordinal that the next write must carry. */
  readonly pages: number
  /** The run's own checkpoint, or where the last live run ended. */
  readonly cursor: unknown
  /** It reads all that a person's scan does, since the rules of the mapping are newer than what is stored. */
  readonly readsAll: boolean
  readonly window: { readonly from: string; readonly to: string } | null
  /** The integration's change counter before the vendor is asked. */
  readonly changeSeq: number
  readonly integration: TakenRow & { readonly syncEnabled: boolean; readonly settingsEpoch: number }
}

/** What the procedure answers. */
interface Taken {
  readonly id: string
  readonly integrationId: string
  readonly trigger: Run['trigger']
  readonly task: Run['task']
  readonly isBulk: boolean
  readonly isNightly: boolean
  readonly startedAt: string
  readonly attempt: number
  readonly pages: number
  readonly from: string | null
  readonly to: string | null
  readonly readsAll: boolean
  readonly ageSeconds: number
  readonly cursor: unknown
  readonly leaseEpoch: number
  readonly changeSeq: number
  readonly syncEnabled: boolean
  readonly settingsEpoch: number
  readonly session: TakenSession
}

/** It has to be alone: a bulk run, a wide scan of the night, or a run whose last worker died. */
interface HeldBack {
  readonly id: null
}

/**
 * Takes a run for this slice. Null when there is nothing to do: another worker holds it, it is not due, it waits behind
 * another run, it is over, or it no longer exists. A lease that ran out is a death, for the run that held it. The first
 * since a committed page costs no attempt, since the worker may have died of another run.
 */
export async function takeRun(context: Context, runId: string): Promise<TakenRun | null> {
  const { rows } = await context.db.execute<TakeAnswer>(take(runId, true))
  const taken = rows[0]?.taken ?? null
  return taken && taken.id !== null ? toTakenRun(taken) : null
}

/**
 * The same for runs beside each other, in one request. Their order is that of their ids, so that two workers with the
 * same runs lock them in the same order. `held_back`: it has to be taken alone.
 */
export async function takeRunsBesideOthers(
  context: Context,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, TakenRun | 'held_back' | null>> {
  const [first, ...others] = runIds.toSorted()
  if (first === undefined) return new Map()
  const call = (runId: string) => context.db.execute<TakeAnswer>(take(runId, false))
  const answers = await context.db.batch([call(first), ...others.map(call)])
  const taken = answers.map(({ rows }) => rows[0]?.taken ?? null)
  return new Map(
    [first, ...others].map((runId, index) => {
      const row = taken[index] ?? null
      return [runId, row && (row.id === null ? 'held_back' : toTakenRun(row))]
    }),
  )
}

interface TakeAnswer extends Record<string, unknown> {
  readonly taken: Taken | HeldBack | null
}

const take = (runId: string, isAlone: boolean) =>
  sql`call take_run(${runId}, ${isAlone}, ${LEASE_SECONDS}, ${MAP_VERSIONS}, ${NIGHT_HOURS}, null)`

function toTakenRun(row: Taken): TakenRun {
  const { id, integrationId, trigger, task, isBulk, isNightly, attempt, ageSeconds, pages, cursor, readsAll } = row
  const { from, to } = row
  return {
    ...{ id, integrationId, trigger, task, isBulk, isNightly, attempt, ageSeconds, pages, cursor, readsAll },
    leaseEpoch: row.leaseEpoch,
    startedAt: new Date(isoInstant(row.startedAt)),
    window: from && to ? { from: isoInstant(from), to: isoInstant(to) } : null,
    changeSeq: row.changeSeq,
    integration: {
      ...takenRowOf(integrationId, row.session),
      syncEnabled: row.syncEnabled,
      settingsEpoch: row.settingsEpoch,
    },
  }
}
