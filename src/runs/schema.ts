import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { LocalizedText } from '#crm/contract.ts'
import { codeOf, messageOf, type StoredError } from '#db/schema/stored-error.ts'
import { isoInstant, isoInstantOrNull } from '#db/columns.ts'
import { CRM_ERROR_KINDS } from '#lib/crm-error.ts'

const count = z.int().nonnegative()

/** One execution of a sync, backfill or import. */
export const Run = z
  .strictObject({
    id: z.guid().meta({ description: 'The id of the run.' }),
    integrationId: z.guid().meta({ description: 'Whose run it is.' }),
    trigger: z
      .enum(['schedule', 'manual', 'backfill', 'webhook', 'import', 'check'])
      .meta({ description: 'What started it.' }),
    task: z.enum(['pull', 'quarantine', 'undo', 'check']).meta({
      description:
        '`quarantine`: only records that could not be mapped are read again. `undo`: what an import brought is taken back; `updated` counts it, `unchanged` what was changed since and stays. `check`: a period is read and compared; `unchanged` counts what is equal.',
    }),
    status: z
      .enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled'])
      .meta({ description: '`waiting`: it goes on at `resumeAt`. `succeeded`, `failed` and `cancelled` are final.' }),
    attempt: count.meta({ description: 'Retries used since the last committed page; at most 3.' }),
    counters: z
      .strictObject({
        pages: count.meta({ description: 'Pages that were stored.' }),
        fetched: count.meta({ description: 'Records that were read.' }),
        inserted: count.meta({ description: 'Sales and refunds that are new here.' }),
        updated: count.meta({ description: 'Those that were changed.' }),
        unchanged: count.meta({ description: 'Those that were as stored.' }),
        skipped: count.meta({ description: 'Records that were never paid and are not stored.' }),
        quarantined: count.meta({ description: 'Records that could not be read.' }),
      })
      .meta({ description: 'What it has done so far.' }),
    progress: z
      .strictObject({
        done: count.meta({ description: 'Steps that are done.' }),
        total: count.nullable().meta({ description: 'Of how many; null where nobody knows.' }),
      })
      .meta({ description: 'How far it is.' }),
    startedAt: z.iso.datetime().nullable().meta({ description: 'When it began to work; null before.' }),
    finishedAt: z.iso.datetime().nullable().meta({ description: 'When it ended; null before.' }),
    resumeAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When a waiting run goes on, or a scheduled one begins.' }),
    error: z
      .strictObject({
        kind: z.enum(CRM_ERROR_KINDS).meta({ description: 'What went wrong, roughly. Clients decide by it.' }),
        code: z.string().meta({ description: 'The kind, and after a dot the cause where it is known.' }),
        message: z.string().meta({ description: 'In the language of `Accept-Language`: en or ru.' }),
      })
      .nullable()
      .meta({ description: 'Why it failed, or why it waits.' }),
    estimatedCalls: count
      .nullable()
      .meta({ description: 'The expected number of calls to the CRM, estimated when the backfill was requested.' }),
    needsConfirmation: z
      .boolean()
      .meta({ description: 'The run stopped before it changed too much; `POST …/confirm` lets it through once.' }),
    createdAt: z.iso.datetime().meta({ description: 'When it was put in line.' }),
  })
  .meta({ id: 'Run', description: 'One execution of a sync, backfill, import or undo.' })
export type Run = z.infer<typeof Run>

/** A `sync_runs` row as the driver gives it for `runColumns`. */
export interface RunRow extends Record<string, unknown> {
  id: string
  integration_id: string
  trigger: Run['trigger']
  task: Run['task']
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
  estimated_calls: number | null
  confirmed_at: string | null
}

/** The columns of a RunRow; `alias` names the table or CTE. */
export function runColumns(alias: string): SQL {
  const columns = [
    'id, integration_id, trigger, task, status, attempt, pages, fetched, inserted, updated, unchanged, skipped, quarantined',
    'progress_done, progress_total, created_at, started_at, finished_at, resume_at, error, estimated_calls, confirmed_at',
  ]
  const qualified = columns.join(', ').replaceAll(/[a-z_]+/g, (name) => `${alias}.${name}`)
  return sql.raw(qualified)
}

export function presentRun(row: RunRow, language: keyof LocalizedText): Run {
  return {
    id: row.id,
    integrationId: row.integration_id,
    trigger: row.trigger,
    task: row.task,
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
    error: row.error && presentError(row.error, language),
    estimatedCalls: row.estimated_calls,
    needsConfirmation: row.status === 'failed' && row.error?.reason === 'brake' && row.confirmed_at === null,
    createdAt: isoInstant(row.created_at),
  }
}

function presentError(error: StoredError, language: keyof LocalizedText): NonNullable<Run['error']> {
  return { kind: error.kind, code: codeOf(error), message: messageOf(error, language) }
}
