import type { WebhookRequest } from '#crm/webhook.ts'
import { readBytes } from '#lib/read-body.ts'

/** Bytes and headers as they came. Null: more than `bytesMax` bytes. */
export async function readWebhook(request: Request, bytesMax: number): Promise<WebhookRequest | null> {
  const { headers } = request
  if (request.method === 'GET') {
    const bytes = new Uint8Array(new TextEncoder().encode(new URL(request.url).search.slice(1)))
    return bytes.length > bytesMax ? null : { headers, contentType: 'application/x-www-form-urlencoded', bytes }
  }
  const bytes = await readBody(request, bytesMax)
  return bytes && { headers, contentType: headers.get('content-type'), bytes }
}

/** The server enforces an announced length; without one the bytes are counted as they arrive. */
async function readBody(request: Request, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const announced = request.headers.get('content-length')
  if (announced !== null) {
    if (Number(announced) > bytesMax) return null
    const bytes = new Uint8Array(await request.arrayBuffer())
    return bytes.length > bytesMax ? null : bytes
  }
  return readBytes(request.body, bytesMax)
}
