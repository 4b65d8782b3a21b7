// The least that a Worker can do for the same answer: one SELECT by the same driver, as JSON.
import { neon, neonConfig } from '@neondatabase/serverless'

interface Bindings {
  readonly DATABASE_URL: string
  readonly NEON_FETCH_ENDPOINT: string
}

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    neonConfig.fetchEndpoint = env.NEON_FETCH_ENDPOINT
    const id = new URL(request.url).pathname.split('/').at(-1)
    const [row] = await neon(env.DATABASE_URL)`select * from crm_integrations where id = ${id}::uuid`
    return Response.json(row)
  },
}
