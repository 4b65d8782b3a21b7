// Takes a file in one request: checks its beginning, streams it into R2 and puts a run in line. A refused or
// interrupted upload leaves nothing behind.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Checked } from '#crm/imports.ts'
import { Problem } from '#lib/errors.ts'
import { fileKey, type Limit, storeFile } from '#connections/file-store.ts'
import { checkFile, readable } from '#imports/given.ts'
import { keptFile } from '#imports/mended.ts'
import { openFile } from '#imports/open-file.ts'
import type { Target } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'
import { checkLine, startBulk } from '#runs/start-bulk.ts'
import type { RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'

/**
 * Throws Problem: `unreadable_file`, `mapping_unconfirmed`, `body_too_large`, `too_many_runs`, `invalid_request` for an
 * upload that broke off or an unknown format.
 */
export async function importFile(
  context: Context,
  target: Target,
  { chunks, format }: { readonly chunks: Chunks; readonly format: string | undefined },
): Promise<RunRow> {
  const { row } = target
  await checkLine(context, row.id)
  const { head, mended, all, close } = await openFile(context, target, chunks)
  const id = crypto.randomUUID()
  try {
    const checked = await checkFile(context, target, { head, mended, format })
    // A workbook may turn out to be damaged behind its head.
    const { bytes } = await readable(target, async () =>
      storeFile(context.files, fileKey(row.id, id), all, limitOf(context)),
    )
    return await startImport(context, target, { id, bytes, checked })
  } catch (error) {
    await context.files.delete(fileKey(row.id, id))
    throw error
  } finally {
    await close()
  }
}

export function limitOf({ config: { importBytesMax } }: Context): Limit {
  const detail = {
    en: `A file may have ${importBytesMax} bytes at most.`,
    ru: `Файл может занимать не более ${importBytesMax} байт.`,
  }
  return { bytesMax: importBytesMax, refuse: () => new Problem('body_too_large', { detail }) }
}

/** Opens a run with the id of its file. When it throws, there is none. */
export async function startImport(
  context: Context,
  { row, imports }: Target,
  { checked, ...file }: { readonly id: string; readonly bytes: number; readonly checked: Checked },
): Promise<RunRow> {
  const cursor = JSON.stringify(imports.begin(file, checked.plan, context.clock.now()))
  try {
    const run = await startBulk(
      context,
      { integrationId: row.id, tenant: null },
      {
        ...({
          trigger: 'import',
          task: 'pull',
          action: 'import.started',
          columns: sql`id, import_id, from_seq, cursor, progress_total`,
        } as const),
        values: sql`${file.id}::uuid, ${file.id}::uuid, i.change_seq, ${cursor}::jsonb, ${Math.ceil(file.bytes / 1024)}::int`,
        // For the rejected rows, when they are sent back.
        also: sql`top as (
          insert into rejected_rows (run_id, line, reason, raw)
          select o.id, 0, '', ${keptFile(checked)} from opened o)`,
      },
    )
    if (run) return run
    throw new Problem('not_found')
  } catch (error) {
    // The run may be stored although the database's answer was lost.
    const run = await getRun(context, { integrationId: row.id, runId: file.id, tenant: null })
    if (run) return run
    throw error
  }
}
