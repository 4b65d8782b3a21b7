// What is imported of a file: the file itself, or the rows that a file of rejected rows holds.
import type { Context } from '#context.ts'
import type { FileHead } from '#crm/files.ts'
import { type Mended, openMended } from '#imports/mended.ts'
import { takeHead, type Target, unbroken } from '#imports/target.ts'
import type { Chunks } from '#lib/read-body.ts'

export interface OpenedFile {
  readonly head: FileHead
  /** The head included. */
  readonly all: AsyncIterable<Uint8Array>
  /** Of the file that these are rejected rows of; null: it is a file of its own. */
  readonly mended: Pick<Mended, 'plan'> | null
}

/** Throws Problem `unreadable_file` for rejected rows of an unknown file, `invalid_request` for a broken upload. */
export async function openFile(context: Context, target: Target, chunks: Chunks): Promise<OpenedFile> {
  const sent = await open(target, chunks)
  if (!target.imports.isRejected(sent.head)) return { ...sent, mended: null }
  const { plan, chunks: rows } = await openMended(context, target, sent)
  return { ...(await open(target, rows)), mended: { plan } }
}

async function open({ imports }: Target, chunks: Chunks): Promise<Omit<OpenedFile, 'mended'>> {
  const { taken, bytes, isWhole } = await takeHead(chunks, imports.headBytes)
  const all = (async function* () {
    yield* taken
    yield* unbroken(chunks)
  })()
  return { head: { bytes, isWhole }, all }
}
