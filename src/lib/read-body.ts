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
  const { taken, isWhole } = await take(chunks, { bytesMax })
  const bytes = await concat(taken)
  return { bytes: bytes.subarray(0, bytesMax), isWhole, taken }
}

/** Null: there are more than `bytesMax` bytes, and the rest was cancelled. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks = await takeAll(body, { bytesMax })
  return chunks && concat(chunks)
}

export interface TextLimit {
  readonly bytesMax: number
  /** Of `{`, `[` and `,`: as JSON, each is at most one value in memory. Infinity when left out. */
  readonly partsMax?: number
}

/** Of brackets in each other. A million take V8 a second to parse (Node 24), these some milliseconds. */
const DEPTH_MAX = 10_000

/** UTF-8 without its byte order mark. Null: it exceeds the limit, and the rest was cancelled. */
export async function readText(body: ReadableStream<Uint8Array> | null, limit: TextLimit): Promise<string | null> {
  const chunks = await takeAll(body, limit)
  if (!chunks) return null
  const decoder = new TextDecoder()
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
}

async function takeAll(
  body: ReadableStream<Uint8Array> | null,
  limit: TextLimit,
): Promise<readonly Uint8Array[] | null> {
  if (!body) return []
  const chunks = body[Symbol.asyncIterator]()
  const { taken, isWhole } = await take(chunks, limit)
  if (isWhole) return taken
  await chunks.return?.()
  return null
}

async function take(
  chunks: Chunks,
  { bytesMax, partsMax = Infinity }: TextLimit,
): Promise<Pick<Head, 'taken' | 'isWhole'>> {
  const taken: Uint8Array[] = []
  const isJson = partsMax !== Infinity
  let json: JsonSize = { parts: 0, depth: 0, deepest: 0 }
  for (let bytes = 0; bytes <= bytesMax && json.parts <= partsMax && json.deepest <= DEPTH_MAX;) {
    const next = await chunks.next()
    if (next.done === true) return { taken, isWhole: true }
    taken.push(next.value)
    bytes += next.value.byteLength
    if (isJson) json = grown(json, next.value)
  }
  return { taken, isWhole: false }
}

/** Brackets within texts count too: that many, all opening, are in no text. */
interface JsonSize {
  readonly parts: number
  /** Brackets that are open. */
  readonly depth: number
  readonly deepest: number
}

/** Only `{`, `[`, `,`, `]` and `}`: in UTF-8 they are never a part of another character. */
function grown({ parts, depth, deepest }: JsonSize, bytes: Uint8Array): JsonSize {
  for (const byte of bytes) {
    if (byte === 0x2c) parts += 1
    else if (byte === 0x5b || byte === 0x7b) {
      parts += 1
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1
  }
  return { parts, depth, deepest }
}

async function concat(chunks: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([...chunks]).arrayBuffer())
}
