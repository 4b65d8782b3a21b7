// A pull reads one file: the uploaded one, or the one at the address if it has changed. Every page is a batch of rows,
// with the byte at which the next one begins.
import type { MappedRecord, Page, Session } from '#crm/contract.ts'
import type { FileRequest } from '#crm/files.ts'
import type { Doubt } from '#crm/imports.ts'
import { readBatches } from '#crm/csv/batches.ts'
import { beginFile, type Cursor, type FileProgress } from '#crm/csv/cursor.ts'
import { keyOf, type NoteDown } from '#crm/csv/identity.ts'
import { type ReadContext, toPage } from '#crm/csv/pages.ts'
import { type Plan, SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { doubtsOf, readFor } from '#crm/csv/reading.ts'
import { assemble, REFUNDS_FROM } from '#crm/csv/receipts.ts'
import { refusal } from '#crm/csv/refusal.ts'
import { createRowReader } from '#crm/csv/rows.ts'
import { type Settings, sheetOf } from '#crm/csv/settings.ts'
import { FileGone, type Source } from '#crm/csv/source.ts'
import { checkTable } from '#crm/csv/table.ts'
import { CrmError } from '#lib/crm-error.ts'

const RECEIPTS_A_PAGE = 1000

const EMPTY: Cursor = { version: 1, upload: null, storedVersion: null, keptFileId: null, file: null }

export async function* pull(session: Session<Settings>, from: Cursor | null): AsyncGenerator<Page<Cursor>> {
  const { files, clock } = session
  let cursor = from ?? EMPTY
  const { file: begun } = cursor
  if (begun) {
    const isRead = yield* readFile(session, cursor, begun)
    cursor = isRead ? afterFile(cursor, begun) : { ...cursor, file: null }
    // A file that was fetched before this run began may have changed since.
    if (isRead && begun.startedAt >= session.startedAt.toISOString()) return
  }
  if (cursor.upload !== null) await files.remove(cursor.upload)
  if (cursor.upload !== null || session.apiUrl === '') return
  const fetched = await files.fetch(fileRequest(session), cursor.storedVersion)
  if (!fetched) return
  if (cursor.keptFileId !== null) await files.remove(cursor.keptFileId)
  yield* readFile(session, { ...cursor, keptFileId: null }, beginFile(fetched, fetched.version, clock.now()))
}

export function fileRequest({ apiUrl, settings }: Session<Settings>): FileRequest {
  return { url: apiUrl, refuse: refusal, sheet: sheetOf(settings) }
}

function afterFile(cursor: Cursor, { version, fileId }: FileProgress): Cursor {
  return { ...cursor, ...(version && { storedVersion: version, keptFileId: fileId }), file: null }
}

/** False: the file is no longer stored and can be fetched again. Throws CrmError for an uploaded one. */
async function* readFile(
  session: Session<Settings>,
  cursor: Cursor,
  from: FileProgress,
): AsyncGenerator<Page<Cursor>, boolean> {
  try {
    for await (const page of pagesOf(session, from)) {
      yield { ...page, cursor: page.cursor ? { ...cursor, file: page.cursor } : afterFile(cursor, from) }
    }
    return true
  } catch (error) {
    if (!(error instanceof FileGone)) throw error
    if (from.version === null) throw new CrmError('not_found', { reason: 'file_gone', isFinal: true })
    return false
  }
}

/** The last page has no cursor. */
async function* pagesOf(session: Session<Settings>, from: FileProgress): AsyncGenerator<Page<FileProgress | null>> {
  const { fallback, files } = session
  const read: Source['read'] = async (at, bytes) => files.read(from.fileId, at, bytes)
  const plan = from.plan ?? (await planOf(session, from, read))
  const fileOffset = from.plan ? from.fileOffset : plan.from
  const note: NoteDown = async (notes) => files.note(from.fileId, notes)
  const context: ReadContext = { plan, reader: createRowReader(plan, fallback), note, keyOf }
  const isByReceipt = plan.rows !== 'sales'
  let at: FileProgress = { ...from, plan, fileOffset }
  const page = (records: readonly MappedRecord[], skipped: number, isOver: boolean) => ({
    ...{ records, skipped, cursor: isOver ? null : at, progress: progressOf(at) },
  })
  if (!at.areRowsRead) {
    for await (const batch of readBatches({ bytes: from.bytes, read }, plan, fileOffset)) {
      const { records, skipped, above, hasRefunds } = await toPage(context, batch.lines, at.above)
      const areRowsRead = batch.fileOffset.offset >= from.bytes
      at = {
        ...{ ...from, plan: { ...plan, encoding: batch.encoding }, fileOffset: batch.fileOffset, areRowsRead, above },
        hasRefunds: at.hasRefunds || hasRefunds,
      }
      yield page(records, skipped, areRowsRead && !isByReceipt && !at.hasRefunds)
    }
    // The file has no rows below the header.
    if (!at.areRowsRead) yield page([], 0, !isByReceipt)
  }
  if (!isByReceipt && !at.hasRefunds) return
  const { fileId } = from
  for (let isLast = false; !isLast;) {
    const noted = await files.noted(fileId, at.receiptsTo ?? (isByReceipt ? null : REFUNDS_FROM), RECEIPTS_A_PAGE)
    const records = await assemble(
      noted.map(([, notes]) => notes),
      plan,
      async (ids) => session.storedSales(ids),
    )
    isLast = noted.length < RECEIPTS_A_PAGE
    at = { ...at, areRowsRead: true, receiptsTo: noted.at(-1)?.[0] ?? at.receiptsTo }
    yield page(records, 0, isLast)
  }
}

/** In KiB: the number of rows is not known before they are read. */
function progressOf({ fileOffset, bytes }: FileProgress): { readonly done: number; readonly total: number } {
  return { done: Math.ceil(fileOffset.offset / 1024), total: Math.ceil(bytes / 1024) }
}

/** Of a file that nobody checked: there is nobody to answer, so an open question fails the run. */
async function planOf(session: Session<Settings>, from: FileProgress, read: Source['read']): Promise<Plan> {
  // The file store refuses a range of length 0.
  const bytes = from.bytes === 0 ? new Uint8Array() : await read(0, SAMPLE_BYTES)
  if (bytes === null) throw new FileGone()
  try {
    const isWhole = bytes.byteLength >= from.bytes
    const given = { ...session, formats: await session.formats(), format: null }
    const reading = readFor({ bytes, isWhole }, given)
    // At an address, a file with only a header is valid: the till has sold nothing yet. An upload without rows is the
    // wrong file.
    checkTable(reading.table, reading.plan, from.version !== null || !isWhole || reading.table.rows.length > 0)
    const [doubt] = await doubtsOf(reading, given)
    if (doubt) throw unconfirmed(doubt)
    return reading.plan
  } catch (error) {
    if (from.version === null || !(error instanceof CrmError)) throw error
    await session.files.remove(from.fileId)
    throw pulledError(error)
  }
}

/** Nobody is there to answer: the sentence of the first question is the failure's. */
export function unconfirmed({ message: { en, ru } }: Doubt): CrmError {
  return new CrmError('malformed', { reason: 'mapping_unconfirmed', params: { en, ru }, isFinal: true })
}

/** A page instead of a file: the server is under maintenance, or the share link is not for downloads. */
export function pulledError(error: CrmError): CrmError {
  const isPage = ['html', 'json', 'xml'].includes(error.reason ?? '')
  return isPage ? new CrmError('unavailable', { reason: 'html_page' }) : error
}
