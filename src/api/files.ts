// What the routes that take a file share: its content types, its length, and that the rest of a refused one is read.
import type { Context } from '#context.ts'
import { chunksOf, findTarget, type Target } from '#imports/target.ts'
import { limitOf } from '#imports/upload.ts'
import { Problem } from '#lib/errors.ts'
import type { Chunks } from '#lib/read-body.ts'
import type { Language } from '#lib/localized.ts'
import type { RawBody } from '#api/route.ts'
import { orNotFound } from '#api/shared.ts'

const BYTES = { type: 'string', format: 'binary' } as const

/** A file as the body. Its content decides what it is. */
export const FILE: RawBody = {
  'text/csv': BYTES,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': BYTES,
}

/** Content types that programs give to tables. */
const FILE_TYPES: ReadonlySet<string> = new Set([
  ...['', 'text/csv', 'text/plain', 'text/tab-separated-values', 'application/csv', 'application/octet-stream'],
  ...['application/vnd.ms-excel', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  'application/vnd.ms-excel.sheet.macroenabled.12',
])

interface OfIntegration {
  readonly context: Context
  readonly params: { readonly id: string }
  readonly tenant: string | null
  readonly language: Language
}

/** Throws Problem `not_found`, and `invalid_request` where no files are taken. */
export async function targetOf({ context, params, tenant, language }: OfIntegration): Promise<Target> {
  return orNotFound(await findTarget(context, { integrationId: params.id, tenant, language }))
}

/** In lower case, without parameters. */
export function typeOf({ headers }: Request): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
}

/** Throws Problem `unsupported_media_type`, `body_too_large`, and what `take` throws. */
export async function takeBody<T>(
  context: Context,
  request: Request,
  take: (chunks: Chunks) => Promise<T>,
  moreTypes: readonly string[] = [],
): Promise<T> {
  const type = typeOf(request)
  if (!FILE_TYPES.has(type) && !moreTypes.includes(type)) {
    throw new Problem('unsupported_media_type', {
      detail: {
        en: 'Send the file itself as the body, as text/csv.',
        ru: 'Отправьте сам файл в теле запроса, как text/csv.',
      },
    })
  }
  // A file that announces its length is refused before it is read; any other is counted as it comes.
  const { bytesMax, refuse } = limitOf(context)
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw refuse()
  const chunks = chunksOf(request.body)
  try {
    return await take(chunks)
  } finally {
    await drainBody(chunks)
  }
}

/** The platform's limit for one request. */
const DRAINED_BYTES_MAX = 100_000_000

/** A client that is cut off while it sends may never read the answer, so the rest is read and dropped. */
async function drainBody(chunks: Chunks): Promise<void> {
  try {
    for (let bytes = 0; bytes < DRAINED_BYTES_MAX;) {
      const next = await chunks.next()
      if (next.done === true) return
      bytes += next.value.byteLength
    }
    await chunks.return?.()
  } catch {
    // The client has disconnected.
  }
}
