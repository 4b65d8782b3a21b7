// What is imported of a file: the file itself, or the rows that a file of rejected rows holds.
import type { Context } from '#context.ts'
import { type Mended, openMended } from '#imports/mended.ts'
import { type Target, unbroken, unreadable } from '#imports/target.ts'
import { type OpenedTable, openTable } from '#connections/workbooks.ts'
import type { Chunks } from '#lib/read-body.ts'

export interface OpenedFile extends OpenedTable {
  /** Of the file that these are rejected rows of; null: it is a file of its own. */
  readonly mended: Pick<Mended, 'plan' | 'importId'> | null
}

/**
 * Throws Problem `unreadable_file` for a workbook that cannot be read and for rejected rows of an unknown file,
 * `invalid_request` for a broken upload.
 */
export async function openFile(context: Context, target: Target, chunks: Chunks): Promise<OpenedFile> {
  const sent = await open(context, target, chunks)
  if (!target.imports.isRejected(sent.head)) return { ...sent, mended: null }
  try {
    const { chunks: rows, ...mended } = await openMended(context, target, sent)
    const { head, all } = await open(context, target, rows)
    return { head, all, close: sent.close, mended }
  } catch (error) {
    await sent.close()
    throw error
  }
}

async function open(context: Context, target: Target, chunks: Chunks): Promise<OpenedTable> {
  const { imports, settings, row } = target
  const opening = { bytesMax: imports.headBytes, sheet: imports.sheetOf(settings) }
  try {
    return await openTable(context, row.id, unbroken(chunks), opening)
  } catch (error) {
    throw unreadable(target, error)
  }
}
