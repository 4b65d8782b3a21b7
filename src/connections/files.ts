// The files of a session: stored in R2 and read by ranges, fetched through egress, with notes in Postgres.
import { and, eq, gt, sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import type { Files, FileRequest, FileVersion, Notes } from '#crm/files.ts'
import { fileNotes } from '#db/schema/file-notes.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { Http, HttpStream } from '#lib/egress.ts'
import { readHead } from '#lib/read-body.ts'
import { fileKey, storeFile } from '#connections/file-store.ts'
import { openTable, toTable } from '#connections/workbooks.ts'
import { toPostgresJson } from '#transactions/page-rows.ts'

export function createFiles(context: Context, integrationId: string, http: Http): Files {
  const keyOf = (id: string) => fileKey(integrationId, id)
  return {
    peek: async ({ sheet, ...request }, bytesMax) => {
      const { body } = await openFile(http, request)
      const chunks = chunksOf(body)
      try {
        const { head, close } = await openTable(context, integrationId, chunks, { bytesMax, sheet })
        await close()
        return head
      } finally {
        await chunks.return(undefined)
      }
    },
    fetch: async (request, known) => fetchFile(context, keyOf, http, { ...request, known }),
    read: async (id, from, bytes) => {
      const object = await context.files.get(keyOf(id), { range: { offset: from, length: bytes } })
      return object === null ? null : new Uint8Array(await object.arrayBuffer())
    },
    remove: async (id) => context.files.delete(keyOf(id)),
    note: async (id, notes) => note(context, { integrationId, id }, notes),
    noted: async (id, after, most) => noted(context, { integrationId, id }, { after, most }),
  }
}

/** 429 is left to egress, as is what servers fail with. */
const REFUSALS = Array.from({ length: 100 }, (_, index) => 400 + index).filter((status) => status !== 429)
const REFUSAL_BYTES = 2048

async function openFile(
  http: Http,
  { refuse, ...request }: Parameters<Http['open']>[0] & Pick<FileRequest, 'refuse'>,
): Promise<HttpStream> {
  const answer = await http.open({ ...request, expect: REFUSALS })
  const { status, headers, body } = answer
  if (status < 400) return answer
  const chunks = chunksOf(body)
  const { bytes } = await readHead(chunks, REFUSAL_BYTES)
  await chunks.return(undefined)
  throw refuse({ status, headers, text: new TextDecoder().decode(bytes) })
}

async function fetchFile(
  context: Context,
  keyOf: (id: string) => string,
  http: Http,
  { url, known, refuse, sheet }: FileRequest & { readonly known: FileVersion | null },
) {
  const answer = await openFile(http, {
    url,
    refuse,
    headers: {
      ...(known?.etag != null && { 'if-none-match': known.etag }),
      ...(known?.lastModified != null && { 'if-modified-since': known.lastModified }),
    },
  })
  const etag = answer.headers.get('etag')
  if (answer.status === 304 || (etag !== null && etag === known?.etag)) {
    await answer.body?.cancel()
    return null
  }
  const id = crypto.randomUUID()
  const stored = await storeFile(context.files, keyOf(id), chunksOf(answer.body), {
    bytesMax: context.config.importBytesMax,
    refuse: () => new CrmError('rejected', { reason: 'file_too_large', isFinal: true }),
  })
  const isTruncated = (lengthOf(answer) ?? stored.bytes) !== stored.bytes
  if (isTruncated || stored.sha256 === known?.sha256) await context.files.delete(keyOf(id))
  if (isTruncated) throw new CrmError('unavailable', { reason: 'truncated' })
  if (stored.sha256 === known?.sha256) return null
  const version = { etag, lastModified: answer.headers.get('last-modified'), sha256: stored.sha256 }
  try {
    return { id, bytes: await toTable(context, keyOf(id), stored.bytes, sheet), version }
  } catch (error) {
    await context.files.delete(keyOf(id))
    throw error
  }
}

/** Null where the length is not given, or is that of the compressed body. */
function lengthOf({ headers }: HttpStream): number | null {
  const length = headers.get('content-length')
  return length === null || headers.get('content-encoding') !== null ? null : Number(length)
}

/** The chunks of a body. One that breaks off is an outage of its sender. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (!body) return
  const chunks = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await readNext(chunks)
      if (done === true) return
      yield value
    }
  } finally {
    // A stream that broke throws its error again here.
    await chunks.return?.().catch(() => undefined)
  }
}

async function readNext(chunks: AsyncIterator<Uint8Array, unknown>): Promise<IteratorResult<Uint8Array, unknown>> {
  try {
    return await chunks.next()
  } catch {
    throw new CrmError('unavailable', { reason: 'connection' })
  }
}

interface FileOf {
  readonly integrationId: string
  readonly id: string
}

interface NoteRow extends Record<string, unknown> {
  key: string
  parts: Notes
}

async function note(context: Context, { integrationId, id }: FileOf, notes: ReadonlyMap<string, Notes>) {
  if (notes.size === 0) return new Map()
  // In one order, so that two workers on the same page wait for each other instead of deadlocking.
  const sorted = [...notes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, parts]) => ({ key, parts }))
  const { rows } = await context.db.execute<NoteRow>(sql`
    insert into file_notes (integration_id, file_id, key, parts)
    select ${integrationId}::uuid, ${id}::uuid, r.key, r.parts
    from json_to_recordset(${toPostgresJson(sorted)}::json) as r(key uuid, parts jsonb)
    on conflict (integration_id, file_id, key) do update set parts = file_notes.parts || excluded.parts
    returning key, parts`)
  return new Map(rows.map(({ key, parts }) => [key, parts]))
}

async function noted(
  context: Context,
  { integrationId, id }: FileOf,
  { after, most }: { readonly after: string | null; readonly most: number },
) {
  const { fileId, key, parts, integrationId: owner } = fileNotes
  const isAfter = after === null ? undefined : gt(key, after)
  const rows = await context.db
    .select({ key, parts })
    .from(fileNotes)
    .where(and(eq(owner, integrationId), eq(fileId, id), isAfter))
    .orderBy(key)
    .limit(most)
  return rows.map((row) => [row.key, row.parts] as const)
}
