// Reads bodies up to a limit, and no further than needed to find that a body exceeds it.

export type Chunks = AsyncIterator<Uint8Array, unknown>

export interface Head {
  /** At most `bytesMax` bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The body ends with them. */
  readonly isWhole: boolean
  /** The chunks as they came, which may hold more than `bytesMax` bytes. */
  readonly taken: readonly Uint8Array[]
}

/** Takes chunks until they exceed `bytesMax` or end; the iterator continues behind them. */
export async function readHead(chunks: Chunks, bytesMax: number): Promise<Head> {
  const { taken, isWhole } = await take(chunks, bytesMax)
  const bytes = await concat(taken)
  return { bytes: bytes.subarray(0, bytesMax), isWhole, taken }
}

/** Null: there are more than `bytesMax` bytes, and the rest was cancelled. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks = await takeAll(body, bytesMax)
  return chunks && concat(chunks)
}

/** UTF-8 without its byte order mark. Null: there are more than `bytesMax` bytes, and the rest was cancelled. */
export async function readText(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<string | null> {
  const chunks = await takeAll(body, bytesMax)
  if (!chunks) return null
  const decoder = new TextDecoder()
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}

async function takeAll(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<readonly Uint8Array[] | null> {
  if (!body) return []
  const chunks = body[Symbol.asyncIterator]()
  const { taken, isWhole } = await take(chunks, bytesMax)
  if (isWhole) return taken
  await chunks.return?.()
  return null
}

async function take(chunks: Chunks, bytesMax: number): Promise<Pick<Head, 'taken' | 'isWhole'>> {
  const taken: Uint8Array[] = []
  for (let bytes = 0; bytes <= bytesMax;) {
    const next = await chunks.next()
    if (next.done === true) return { taken, isWhole: true }
    taken.push(next.value)
    bytes += next.value.byteLength
  }
  return { taken, isWhole: false }
}

async function concat(chunks: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([...chunks]).arrayBuffer())
}
