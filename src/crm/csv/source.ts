// A stored file as it is read.

/** Null: the file is gone. */
export type ReadRange = (from: number, bytes: number) => Promise<Uint8Array | null>

export interface Source {
  readonly bytes: number
  readonly read: ReadRange
}

export class FileGone extends Error {
  override readonly name = 'FileGone'
}

/** Throws FileGone. */
export async function readRange({ read }: Source, from: number, bytes: number): Promise<Uint8Array> {
  const range = await read(from, bytes)
  if (range === null || range.byteLength === 0) throw new FileGone()
  return range
}
