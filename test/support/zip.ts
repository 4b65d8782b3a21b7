// ZIP archives for tests, honest or not: what an archive says of its parts can be set apart from what is in them.
export interface ZipPart {
  readonly path: string
  readonly content: string | Uint8Array
  readonly isStored?: boolean
  readonly flags?: number
  readonly method?: number
  /** What the archive says. */
  readonly crc?: number
  readonly size?: number
}

export async function zipOf(parts: readonly ZipPart[]): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const part of parts) {
    const content = typeof part.content === 'string' ? new TextEncoder().encode(part.content) : part.content
    const packed = part.isStored === true ? content : await deflate(content)
    const name = new TextEncoder().encode(part.path)
    const fields = [
      ...[u16(20), u16(part.flags ?? 0x800), u16(part.method ?? (part.isStored === true ? 0 : 8)), u32(0)],
      ...[u32(part.crc ?? crc32(content)), u32(packed.byteLength), u32(part.size ?? content.byteLength)],
      ...[u16(name.byteLength), u16(0)],
    ]
    const local = concat([u32(0x04034b50), ...fields, name, packed])
    directory.push(concat([u32(0x02014b50), u16(20), ...fields, u16(0), u16(0), u16(0), u32(0), u32(offset), name]))
    pieces.push(local)
    offset += local.byteLength
  }
  const entries = concat(directory)
  const end = [u32(0x06054b50), u32(0), u16(parts.length), u16(parts.length), u32(entries.byteLength), u32(offset)]
  return concat([...pieces, entries, ...end, u16(0)])
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

const u16 = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff)
const u32 = (value: number) => Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)

function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
