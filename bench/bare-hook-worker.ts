// The least that a Worker can do to keep a webhook: one INSERT by the same driver, into a table with the same indexes.
import { neon, neonConfig } from '@neondatabase/serverless'

interface Bindings {
  readonly DATABASE_URL: string
  readonly NEON_FETCH_ENDPOINT: string
  readonly INTEGRATION_ID: string
}

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    neonConfig.fetchEndpoint = env.NEON_FETCH_ENDPOINT
    const body = new Uint8Array(await request.arrayBuffer())
    await neon(env.DATABASE_URL)`
      insert into bare_deliveries (integration_id, dedupe_key, content_type, body)
      values (${env.INTEGRATION_ID}::uuid, ${crypto.randomUUID()}, ${request.headers.get('content-type')}, ${`\\x${body.toHex()}`}::bytea)`
    return new Response('ok')
  },
}
