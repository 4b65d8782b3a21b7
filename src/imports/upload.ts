// Takes a file in one request: checks its beginning, streams it into R2 and puts a run in line. A refused or
// interrupted upload leaves nothing behind.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { CrmError } from '#lib/crm-error.ts'
import { Problem } from '#lib/errors.ts'
import { fileKey, type Limit, storeFile } from '#connections/file-store.ts'
import { givenOf, takeHead, type Target, unbroken, unreadable } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'
import { checkLine, startBulk } from '#runs/start-bulk.ts'
import type { RunRow } from '#runs/schema.ts'
import { getRun } from '#runs/list.ts'

/** The beginning that is checked, and by which the preview and the run read too. */
export const HEAD_BYTES = 1_000_000

/**
 * Throws Problem: `unreadable_file`, `body_too_large`, `too_many_runs`, `invalid_request` for an upload that broke off.
 */
export async function importFile(context: Context, target: Target, chunks: Chunks): Promise<RunRow> {
  const { row } = target
  await checkLine(context, row.id)
  const { taken, ...head } = await takeHead(chunks, HEAD_BYTES)
  const plan = await checkHead(context, target, head)
  const id = crypto.randomUUID()
  const all = (async function* () {
    yield* taken
    yield* unbroken(chunks)
  })()
  const { bytes } = await storeFile(context.files, fileKey(row.id, id), all, limitOf(context))
  return startImport(context, target, { id, bytes, plan })
}

/** The plan for the run. Throws Problem `unreadable_file`, also for a file with an open question. */
export async function checkHead(
  context: Context,
  target: Target,
  head: Parameters<Target['imports']['check']>[0],
): Promise<unknown> {
  try {
    const { doubts, plan } = await target.imports.check(head, givenOf(context, target))
    const [doubt] = doubts
    if (!doubt) return plan
    const { en, ru } = doubt.message
    throw new CrmError('malformed', { reason: 'mapping_unconfirmed', params: { en, ru } })
  } catch (error) {
    throw unreadable(target, error)
  }
}

export function limitOf({ config: { importBytesMax } }: Context): Limit {
  const detail = `A file may have ${importBytesMax} bytes at most.`
  return { bytesMax: importBytesMax, refuse: () => new Problem('body_too_large', { detail }) }
}

/** Opens a run with the id of its file. Deletes the file when the run cannot be put in line. */
export async function startImport(
  context: Context,
  { row, imports }: Target,
  file: { readonly id: string; readonly bytes: number; readonly plan: unknown },
): Promise<RunRow> {
  const cursor = JSON.stringify(imports.begin(file, file.plan, context.clock.now()))
  try {
    const run = await startBulk(
      context,
      { integrationId: row.id, tenant: null },
      {
        ...({
          trigger: 'import',
          task: 'pull',
          columns: sql`id, import_id, from_seq, cursor, progress_total`,
        } as const),
        values: sql`${file.id}::uuid, ${file.id}::uuid, i.change_seq, ${cursor}::jsonb, ${Math.ceil(file.bytes / 1024)}::int`,
      },
    )
    if (run) return run
    throw new Problem('not_found')
  } catch (error) {
    // The run may be stored although the database's answer was lost.
    const run = await getRun(context, { integrationId: row.id, runId: file.id, tenant: null })
    if (run) return run
    await context.files.delete(fileKey(row.id, file.id))
    throw error
  }
}
