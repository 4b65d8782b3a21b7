import { CrmError } from '#lib/crm-error.ts'

/** The body as text, without a BOM, counted while it streams. Throws CrmError `too_large`, or what the stream throws. */
export async function readText(response: Response, bytesMax: number, signal: AbortSignal): Promise<string> {
  const body: ReadableStream<Uint8Array> | null = response.body
  if (!body) return ''
  const reader = body.getReader()
  // The fetch's own signal ends the stream in production; an in-process server may not know it.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await Promise.race([reader.read(), aborted])
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > bytesMax) {
      await reader.cancel()
      throw new CrmError('unavailable', { reason: 'too_large' })
    }
    text += decoder.decode(value, { stream: true })
  }
}
