import { describe, expect, it } from 'vitest'
import { readBytes, readHead, readText } from '#lib/read-body.ts'

/** A body of the given chunks, and how many of them were asked for. */
function bodyOf(chunks: readonly Uint8Array[]) {
  const seen = { pulled: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[seen.pulled]
        seen.pulled += 1
        if (chunk) controller.enqueue(chunk)
        else controller.close()
      },
      cancel: () => void (seen.isCancelled = true),
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

const bytes = (...values: number[]) => new Uint8Array(values)

describe('a body', () => {
  it('is put together from its chunks, whatever part of a buffer each is', async () => {
    const { body } = bodyOf([bytes(1, 2), bytes(9, 9, 3, 9).subarray(2, 3), bytes(), bytes(4)])
    expect(await readBytes(body, 4)).toEqual(bytes(1, 2, 3, 4))
    expect(await readBytes(null, 4)).toEqual(bytes())
  })

  it('that is larger than the limit by a byte is null, cancelled and not read any further', async () => {
    const readTextOf: typeof readBytes = async (body, bytesMax) => readText(body, { bytesMax }) as never
    for (const read of [readBytes, readTextOf]) {
      const { body, seen } = bodyOf([bytes(1, 2), bytes(3), bytes(4), bytes(5)])
      expect(await read(body, 2)).toBeNull()
      expect(seen).toEqual({ pulled: 2, isCancelled: true })
    }
  })

  it('is read as text across chunks that split a letter, without its byte order mark', async () => {
    const text = new TextEncoder().encode('\ufeffж€')
    const { body } = bodyOf([...text].map((byte) => bytes(byte)))
    expect(await readText(body, { bytesMax: text.length })).toBe('ж€')
    expect(await readText(null, { bytesMax: 0 })).toBe('')
  })

  it('that breaks off throws what the stream throws', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('broken')) })
    await expect(readBytes(body, 10)).rejects.toThrow('broken')
  })
})

describe('the head of a body', () => {
  it('leaves the rest to be read', async () => {
    const chunks = bodyOf([bytes(1, 2), bytes(3, 4), bytes(5)]).body[Symbol.asyncIterator]()
    expect(await readHead(chunks, 3)).toEqual({
      bytes: bytes(1, 2, 3),
      isWhole: false,
      taken: [bytes(1, 2), bytes(3, 4)],
    })
    expect(await chunks.next()).toEqual({ done: false, value: bytes(5) })
  })

  it('is whole when nothing comes behind it', async () => {
    const chunks = bodyOf([bytes(1, 2), bytes(3)]).body[Symbol.asyncIterator]()
    expect(await readHead(chunks, 3)).toMatchObject({ bytes: bytes(1, 2, 3), isWhole: true })
  })
})
