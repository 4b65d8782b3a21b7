// Takes back what an import brought: tells beforehand what that would do, or puts a run in line that does it.
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '#context.ts'
import type { LocalizedText } from '#crm/contract.ts'
import { safeInteger } from '#db/columns.ts'
import { isVisible, type TenantScope } from '#db/tenant.ts'
import { Problem } from '#lib/errors.ts'
import type { RunRow } from '#runs/schema.ts'
import { startBulk } from '#runs/start-bulk.ts'
import { ACTIVE, BRAKED } from '#runs/states.ts'
import { broughtRows, undoPreview } from '#transactions/undo-statement.ts'

/** Counted from the upload. The contract's number: a quarter's accounts are closed by then. */
export const UNDO_DAYS = 90

const count = z.int().nonnegative()

export const UndoPreview = z
  .strictObject({
    cancelled: count.meta({ description: 'Sales and refunds that the import added: they become `cancelled`.' }),
    restored: count.meta({ description: 'Those that it changed: they get the state from before it.' }),
    kept: count.meta({ description: 'Those that something has changed since: they stay as they are.' }),
    paidChange: z
      .array(
        z.strictObject({
          currency: z.string().meta({ description: 'ISO 4217.' }),
          amountMinor: z.int().meta({ description: 'In minor units.' }),
        }),
      )
      .meta({ description: 'By how much the sum of all paid sales and refunds rises; below zero: falls.' }),
  })
  .meta({ id: 'UndoPreview', description: 'What taking an import back would do.' })
type UndoPreview = z.infer<typeof UndoPreview>

interface UndoRequest extends TenantScope {
  readonly runId: string
  readonly language: keyof LocalizedText
}

type Refusal = 'no_import' | 'still_running' | 'too_old' | 'already_undone'

const REFUSALS: Readonly<Record<Refusal, LocalizedText>> = {
  no_import: {
    en: 'This run imported no file, so there is nothing to take back.',
    ru: 'Этот запуск не загружал файл: отменять нечего.',
  },
  still_running: {
    en: 'The file is still being imported. Cancel the import or wait for its end, then take it back.',
    ru: 'Файл ещё загружается. Остановите загрузку или дождитесь её конца, а потом отмените.',
  },
  too_old: {
    en: `The file was imported more than ${UNDO_DAYS} days ago. An import can be taken back for ${UNDO_DAYS} days.`,
    ru: `Файл загружен больше ${UNDO_DAYS} дней назад. Отменить загрузку можно в течение ${UNDO_DAYS} дней.`,
  },
  already_undone: {
    en: 'This import has been taken back already. What has been changed since the import stays as it is.',
    ru: 'Эта загрузка уже отменена. Продажи, которые изменились после загрузки, остались как есть.',
  },
}

interface Import {
  readonly id: string
  readonly fromSeq: number
}

interface FoundRow extends Record<string, unknown> {
  import_id: string | null
  from_seq: string | null
  is_pull: boolean
  is_recent: boolean
  is_active: boolean
  is_undoing: boolean
  is_undone: boolean
}

/** Null: no such run. Throws Problem `not_undoable`. */
export async function previewUndo(context: Context, request: UndoRequest): Promise<UndoPreview | null> {
  const found = await findImport(context, request)
  if (!found) return null
  const { integrationId } = request
  const [undone, brought] = await context.db.batch([
    context.db.execute<{ cancelled: number; restored: number; paid_change: UndoPreview['paidChange'] }>(
      undoPreview(integrationId, found.id, found.fromSeq),
    ),
    context.db.execute<{ rows: number }>(broughtRows(integrationId, found.id, found.fromSeq)),
  ])
  const { cancelled = 0, restored = 0, paid_change: paidChange = [] } = undone.rows[0] ?? {}
  return { cancelled, restored, kept: (brought.rows[0]?.rows ?? 0) - cancelled - restored, paidChange }
}

/**
 * Puts the undo in line, or returns the one of this import that is active. Null: no such run. Throws Problem
 * `not_undoable`, `too_many_runs`.
 */
export async function undoImport(context: Context, request: UndoRequest): Promise<RunRow | null> {
  const { integrationId, tenant } = request
  const found = await findImport(context, request)
  if (!found) return null
  const run = await startBulk(
    context,
    { integrationId, tenant },
    {
      ...({ trigger: 'import', task: 'undo', action: 'import.undone' } as const),
      ...{ columns: sql`import_id, from_seq`, values: sql`${found.id}::uuid, ${found.fromSeq}::bigint` },
      same: sql`r.task = 'undo' and r.import_id = ${found.id}::uuid`,
    },
  )
  // What the brake stopped of this file is not wanted any more.
  await context.db.execute(sql`
    update sync_runs r set confirmed_at = now() where r.import_id = ${found.id}::uuid and r.task = 'pull' and ${BRAKED}`)
  return run
}

async function findImport(context: Context, request: UndoRequest): Promise<Import | null> {
  const { rows } = await context.db.execute<FoundRow>(sql`
    select r.import_id, f.from_seq, r.task = 'pull' as is_pull,
      coalesce(f.created_at > now() - ${UNDO_DAYS}::int * interval '1 day', false) as is_recent,
      exists (select from sync_runs a where a.import_id = r.import_id and a.task = 'pull' and a.status in ${ACTIVE}) as is_active,
      exists (select from sync_runs u where u.import_id = r.import_id and u.task = 'undo' and u.status in ${ACTIVE}) as is_undoing,
      exists (select from sync_runs u where u.import_id = r.import_id and u.task = 'undo' and u.status = 'succeeded')
        -- The undo of a later import may have given back what this one brought.
        and not exists (
          select from crm_transactions t where t.integration_id = i.id and t.change_seq > f.from_seq
            and t.run_id in (select p.id from sync_runs p where p.import_id = r.import_id and p.task = 'pull')) as is_undone
    from sync_runs r join crm_integrations i on i.id = r.integration_id left join sync_runs f on f.id = r.import_id
    where r.id = ${request.runId}::uuid and ${isVisible(request)}`)
  const [row] = rows
  if (!row) return null
  const refusal = refusalOf(row)
  if (refusal) {
    throw new Problem('not_undoable', {
      detail: REFUSALS[refusal],
      extensions: { reason: refusal },
    })
  }
  return { id: row.import_id ?? request.runId, fromSeq: safeInteger(row.from_seq ?? '0') }
}

function refusalOf(row: FoundRow): Refusal | null {
  if (row.import_id === null || !row.is_pull) return 'no_import'
  if (row.is_undoing) return null
  if (row.is_active) return 'still_running'
  if (!row.is_recent) return 'too_old'
  return row.is_undone ? 'already_undone' : null
}
