// Files in R2. They are streamed in as parts of one size, never held in memory, and visible only once they are
// complete.
import type { Context } from '#context.ts'

/** R2 wants at least 5 MiB, and one size for all parts but the last. A part is held in memory while it is sent. */
export const PART_BYTES = 8 * 1024 * 1024
/** A run may wait for its vendor for a day, and a person who has to confirm it for a weekend. */
export const FILE_DAYS = 3

const PREFIX = 'imports/'
const LISTED_MAX = 1000

export function fileKey(integrationId: string, fileId: string): string {
  return `${PREFIX}${integrationId}/${fileId}`
}

export interface Limit {
  readonly bytesMax: number
  /** The error for a file with more bytes. */
  readonly refuse: () => Error
}

/** Stores all chunks or nothing. Throws what `chunks` or the limit throw, and what R2 does. */
export async function storeFile(
  files: R2Bucket,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  { bytesMax, refuse }: Limit,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const digest = new crypto.DigestStream('SHA-256')
  const hash = digest.getWriter()
  const parts = createParts(files, key)
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > bytesMax) throw refuse()
      await hash.write(chunk)
      await parts.write(chunk)
    }
    await parts.end()
    await hash.close()
    return { bytes, sha256: new Uint8Array(await digest.digest).toHex() }
  } catch (error) {
    await parts.abort()
    throw error
  }
}

interface Parts {
  readonly write: (chunk: Uint8Array) => Promise<void>
  readonly end: () => Promise<void>
  readonly abort: () => Promise<void>
}

/** Writes one object when the file fits into a part, else a multipart upload. */
function createParts(files: R2Bucket, key: string): Parts {
  const buffer = new Uint8Array(PART_BYTES)
  const uploaded: R2UploadedPart[] = []
  let upload: R2MultipartUpload | null = null
  let used = 0
  const flush = async () => {
    upload ??= await files.createMultipartUpload(key)
    uploaded.push(await upload.uploadPart(uploaded.length + 1, buffer.subarray(0, used)))
    used = 0
  }
  return {
    write: async (chunk) => {
      for (let from = 0; from < chunk.byteLength;) {
        if (used === PART_BYTES) await flush()
        const piece = chunk.subarray(from, from + PART_BYTES - used)
        buffer.set(piece, used)
        used += piece.byteLength
        from += piece.byteLength
      }
    },
    end: async () => {
      if (!upload) {
        await files.put(key, buffer.subarray(0, used))
        return
      }
      if (used > 0) await flush()
      await upload.complete(uploaded)
    },
    abort: async () => {
      // R2 drops unfinished uploads after a week; their parts are never visible.
      await upload?.abort().catch(() => undefined)
    },
  }
}

/** The keys of all files of an integration. */
export async function filesOf(context: Context, integrationId: string): Promise<string[]> {
  const keys: string[] = []
  await eachPage(
    context,
    `${PREFIX}${integrationId}/`,
    async (objects) => void keys.push(...objects.map(({ key }) => key)),
  )
  return keys
}

/** Removes all files of an integration. */
export async function removeFiles(context: Context, integrationId: string): Promise<void> {
  await removeListed(context, `${PREFIX}${integrationId}/`, () => true)
}

/** Removes files that no run can still need. Returns how many. */
export async function removeOldFiles(context: Context): Promise<number> {
  const before = context.clock.now().getTime() - FILE_DAYS * 86_400_000
  return removeListed(context, PREFIX, ({ uploaded }) => uploaded.getTime() < before)
}

async function removeListed(context: Context, prefix: string, isDue: (file: R2Object) => boolean): Promise<number> {
  let removed = 0
  await eachPage(context, prefix, async (objects) => {
    const keys = objects.filter(isDue).map(({ key }) => key)
    if (keys.length > 0) await context.files.delete(keys)
    removed += keys.length
  })
  return removed
}

async function eachPage({ files }: Context, prefix: string, act: (objects: readonly R2Object[]) => Promise<void>) {
  let cursor: string | undefined
  do {
    const page = await files.list({ prefix, limit: LISTED_MAX, ...(cursor !== undefined && { cursor }) })
    await act(page.objects)
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
}
