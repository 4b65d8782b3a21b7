import type { WebhookRequest } from '#crm/webhook.ts'

/** Bytes and headers as they came; null when there are more than `bytesMax`, of which no more is read than it takes to know. */
export async function readWebhook(request: Request, bytesMax: number): Promise<WebhookRequest | null> {
  const { headers } = request
  if (request.method === 'GET') {
    const bytes = new Uint8Array(new TextEncoder().encode(new URL(request.url).search.slice(1)))
    return bytes.length > bytesMax ? null : { headers, contentType: 'application/x-www-form-urlencoded', bytes }
  }
  const bytes = await readBytes(request, bytesMax)
  return bytes && { headers, contentType: headers.get('content-type'), bytes }
}

/** Content-Length is only used to stop early. */
async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const body: ReadableStream<Uint8Array> | null = request.body
  if (!body) return new Uint8Array()
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return null
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > bytesMax) return null
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
