// A pull reads one file: the uploaded one, or the one at the address if it has changed. Every page is a batch of rows,
// with the byte at which the next one begins.
import type { MappedRecord, Page, Session } from '#crm/contract.ts'
import { unmapped } from '#crm/kit/mapping.ts'
import { FileGone, type Line, readBatches, type Source } from '#crm/csv/batches.ts'
import { beginFile, type Cursor, type FileProgress } from '#crm/csv/cursor.ts'
import { idOf, nameRows, type NoteDown, type SourceRow, type Rejected, toRecord } from '#crm/csv/identity.ts'
import { checkPlan, type Plan, planFile, publicHeader, SAMPLE_BYTES } from '#crm/csv/plan.ts'
import { noteReceipts, noteRejected, toReceipt } from '#crm/csv/receipts.ts'
import { refusal } from '#crm/csv/refusal.ts'
import { createRowReader, type RowReader } from '#crm/csv/rows.ts'
import type { Settings } from '#crm/csv/settings.ts'
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
  const fetched = await files.fetch(session.apiUrl, cursor.storedVersion, refusal)
  if (!fetched) return
  if (cursor.keptFileId !== null) await files.remove(cursor.keptFileId)
  yield* readFile(session, { ...cursor, keptFileId: null }, beginFile(fetched, fetched.version, clock.now()))
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
  const { settings, fallback, files } = session
  const read: Source['read'] = async (at, bytes) => files.read(from.fileId, at, bytes)
  const { plan, fileOffset } = from.plan
    ? { plan: from.plan, fileOffset: from.fileOffset }
    : await planOf(session, from, read)
  const note: NoteDown = async (notes) => files.note(from.fileId, notes)
  const context: ReadContext = { plan, settings, reader: createRowReader(plan, settings, fallback), note }
  const isByReceipt = plan.rows !== 'sales'
  let at: FileProgress = { ...from, plan, fileOffset }
  const page = ({ records, skipped }: RowsPage, isOver: boolean) => ({
    ...{ records, skipped, cursor: isOver ? null : at, progress: progressOf(at) },
  })
  if (!at.areRowsRead) {
    for await (const batch of readBatches({ bytes: from.bytes, read }, plan, fileOffset)) {
      const rows = await toPage(context, batch.lines)
      const areRowsRead = batch.fileOffset.offset >= from.bytes
      at = { ...from, plan: { ...plan, encoding: batch.encoding }, fileOffset: batch.fileOffset, areRowsRead }
      yield page(rows, areRowsRead && !isByReceipt)
    }
    // The file has no rows below the header.
    if (!at.areRowsRead) yield page({ records: [], skipped: 0 }, !isByReceipt)
  }
  if (!isByReceipt) return
  for (let isLast = false; !isLast;) {
    const noted = await files.noted(from.fileId, at.receiptsTo, RECEIPTS_A_PAGE)
    const records = noted.flatMap(([, notes]) => toReceipt(notes, plan, settings) ?? [])
    isLast = noted.length < RECEIPTS_A_PAGE
    at = { ...from, plan, fileOffset: at.fileOffset, areRowsRead: true, receiptsTo: noted.at(-1)?.[0] ?? at.receiptsTo }
    yield page({ records, skipped: 0 }, isLast)
  }
}

/** In KiB: the number of rows is not known before they are read. */
function progressOf({ fileOffset, bytes }: FileProgress): { readonly done: number; readonly total: number } {
  return { done: Math.ceil(fileOffset.offset / 1024), total: Math.ceil(bytes / 1024) }
}

async function planOf({ settings, files }: Session<Settings>, from: FileProgress, read: Source['read']) {
  // The file store refuses a range of length 0.
  const bytes = from.bytes === 0 ? new Uint8Array() : await read(0, SAMPLE_BYTES)
  if (bytes === null) throw new FileGone()
  try {
    const isWhole = bytes.byteLength >= from.bytes
    const planned = planFile({ bytes, isWhole }, settings)
    // At an address, a file with only a header is valid: the till has sold nothing yet. An upload without rows is the
    // wrong file.
    checkPlan(planned, from.version !== null || !isWhole || planned.rows.length > 0)
    return { plan: planned.plan, fileOffset: planned.from }
  } catch (error) {
    if (from.version === null || !(error instanceof CrmError)) throw error
    await files.remove(from.fileId)
    throw pulledError(error)
  }
}

/** A page instead of a file: the server is under maintenance, or the share link is not for downloads. */
export function pulledError(error: CrmError): CrmError {
  const isPage = error.reason === 'html' || error.reason === 'json'
  return isPage ? new CrmError('unavailable', { reason: 'html_page' }) : error
}

interface ReadContext {
  readonly plan: Plan
  readonly settings: Settings
  readonly reader: RowReader
  readonly note: NoteDown
}

export interface RowsPage {
  readonly records: readonly MappedRecord[]
  readonly skipped: number
}

/** Sales and rejected rows. Rows of receipts are only noted. */
export async function toPage({ plan, settings, reader, note }: ReadContext, lines: readonly Line[]): Promise<RowsPage> {
  const source: SourceRow[] = []
  const rejected: Rejected[] = []
  let skipped = 0
  const broken: string[] = []
  for (const { cells, problem, line, raw } of lines) {
    const result = cells === null ? { rejected: { reason: problem ?? 'not_utf8', field: null } } : reader.read(cells)
    if (result === 'blank') continue
    if (result === 'skip') skipped += 1
    else if ('rejected' in result) {
      rejected.push({ source: { line, raw }, rejected: result.rejected })
      const of = reader.idOf(cells ?? [])
      if (of.id !== null) broken.push(idOf(of, plan))
    } else source.push({ row: result.row, line, raw })
  }
  const named = await nameRows(source, plan, note)
  const isByReceipt = plan.rows !== 'sales'
  const whole = named.flatMap((row) => ('rejected' in row ? [] : [row]))
  const parts = isByReceipt ? whole.filter(({ source: { row } }) => row.id !== null) : []
  if (parts.length > 0) await note(await noteReceipts(parts, plan))
  if (isByReceipt && broken.length > 0) await note(await noteRejected(broken))
  const sales = whole.filter(({ source: { row } }) => !isByReceipt || row.id === null)
  const records = sales.map((sale) => toRecord(sale, settings))
  const rejectedRows = [...rejected, ...named.flatMap((row) => ('rejected' in row ? [row] : []))]
  return {
    records: [...records.filter((record) => record !== null), ...rejectedRows.map((row) => toRejected(row, plan))],
    skipped: skipped + records.filter((record) => record === null).length,
  }
}

function toRejected({ source: { line, raw }, rejected: { reason, field } }: Rejected, plan: Plan): MappedRecord {
  const at = field === null ? undefined : plan.columns[field]?.[0]
  const column = at === undefined ? null : publicHeader(plan, at)
  return { ...unmapped(null, reason, raw()), sourceLine: { line, column } }
}
