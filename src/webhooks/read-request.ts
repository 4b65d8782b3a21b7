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

/** A length that was announced is held to by the server; without one what arrives is counted. */
async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const announced = request.headers.get('content-length')
  if (announced !== null) {
    if (Number(announced) > bytesMax) return null
    const bytes = new Uint8Array(await request.arrayBuffer())
    return bytes.length > bytesMax ? null : bytes
  }
  const body: ReadableStream<Uint8Array> | null = request.body
  if (!body) return new Uint8Array()
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
