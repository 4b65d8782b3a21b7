import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { StoredError } from '#db/schema/sync-runs.ts'
import { isoInstant, isoInstantOrNull } from '#db/instant.ts'
import { CRM_ERROR_KINDS } from '#lib/crm-error.ts'

const count = z.int().nonnegative()

/** One execution of a sync, backfill or import: contract.md section 6. */
export const Run = z
  .strictObject({
    id: z.guid(),
    integrationId: z.guid(),
    trigger: z.enum(['schedule', 'manual', 'backfill', 'webhook', 'import']),
    status: z.enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled']),
    attempt: count.meta({ description: 'Retries used since the last committed page; at most 3.' }),
    counters: z.strictObject({
      pages: count,
      fetched: count,
      inserted: count,
      updated: count,
      unchanged: count,
      skipped: count.meta({ description: 'Records that were never paid and are not stored.' }),
      quarantined: count,
    }),
    progress: z.strictObject({ done: count, total: count.nullable() }),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    resumeAt: z.iso.datetime().nullable().meta({ description: 'When a waiting run goes on.' }),
    error: z.strictObject({ kind: z.enum(CRM_ERROR_KINDS), message: z.string() }).nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Run' })
export type Run = z.infer<typeof Run>

/** A `sync_runs` row as the driver hands it over for RUN_COLUMNS. */
export interface RunRow extends Record<string, unknown> {
  id: string
  integration_id: string
  trigger: Run['trigger']
  status: Run['status']
  attempt: number
  pages: number
  fetched: number
  inserted: number
  updated: number
  unchanged: number
  skipped: number
  quarantined: number
  progress_done: number
  progress_total: number | null
  created_at: string
  started_at: string | null
  finished_at: string | null
  resume_at: string | null
  error: StoredError | null
}

/** The columns of a RunRow, from whatever `alias` names. */
export function runColumns(alias: string): SQL {
  const columns = [
    'id, integration_id, trigger, status, attempt, pages, fetched, inserted, updated, unchanged, skipped, quarantined',
    'progress_done, progress_total, created_at, started_at, finished_at, resume_at, error',
  ]
  const qualified = columns.join(', ').replaceAll(/[a-z_]+/g, (name) => `${alias}.${name}`)
  return sql.raw(qualified)
}

export function presentRun(row: RunRow): Run {
  return {
    id: row.id,
    integrationId: row.integration_id,
    trigger: row.trigger,
    status: row.status,
    attempt: row.attempt,
    counters: {
      pages: row.pages,
      fetched: row.fetched,
      inserted: row.inserted,
      updated: row.updated,
      unchanged: row.unchanged,
      skipped: row.skipped,
      quarantined: row.quarantined,
    },
    progress: { done: row.progress_done, total: row.progress_total },
    startedAt: isoInstantOrNull(row.started_at),
    finishedAt: isoInstantOrNull(row.finished_at),
    resumeAt: isoInstantOrNull(row.resume_at),
    error: row.error && { kind: row.error.kind, message: row.error.message },
    createdAt: isoInstant(row.created_at),
  }
}
