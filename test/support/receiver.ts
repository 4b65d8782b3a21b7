// A product's server that takes events, and the dispatch as the cron and the queue do it.
import { sql } from 'drizzle-orm'
import { workEndpoint } from '#events/work-endpoint.ts'
import { enqueueDueEndpoints } from '#jobs/pump-events.ts'
import { SANDBOX_URL, type TestContext } from '#test/context.ts'
import type { Tenant } from '#test/tenants.ts'

export interface Received {
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into the bodies
  readonly json: any
}

export interface Receiver {
  readonly received: Received[]
  /** What it answers next and from then on. */
  readonly answer: (make: (request: Request) => Response | Promise<Response>) => void
  readonly fetch: typeof fetch
  readonly url: string
}

export function createReceiver(): Receiver {
  const received: Received[] = []
  let make: Parameters<Receiver['answer']>[0] = () => new Response(null, { status: 204 })
  return {
    received,
    answer: (next) => void (make = next),
    url: `${SANDBOX_URL}/receiver/${crypto.randomUUID()}`,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const text = await request.clone().text()
      received.push({ headers: Object.fromEntries(request.headers), text, json: JSON.parse(text) })
      return make(request)
    },
  }
}

export interface Listening {
  readonly id: string
  readonly path: string
  readonly secret: string
  readonly receiver: Receiver
}

/** An endpoint of the caller. Without `types` it hears of everything. */
export async function listen(
  { call }: Pick<Tenant, 'call'>,
  body: object = {},
  receiver = createReceiver(),
): Promise<Listening> {
  const { status, json, text } = await call('POST', '/v1/webhook-endpoints', { url: receiver.url, ...body })
  if (status !== 201) throw new Error(text)
  return { id: json.id, path: `/v1/webhook-endpoints/${json.id}`, secret: json.secret, receiver }
}

/** What waits for the endpoint, oldest first. */
export async function waitingFor({ db }: Pick<TestContext, 'db'>, { id }: Pick<Listening, 'id'>) {
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  const { rows } = await db.execute<{ id: string; type: string; data: any; attempts: number; seconds: number }>(sql`
    select id, type, data, attempts, extract(epoch from due_at - now())::float8 as seconds from event_deliveries
    where endpoint_id = ${id}::uuid and status = 'waiting' order by id`)
  return rows
}

/** So many seconds pass for what waits for the endpoint, and for its pauses. */
export async function pass({ db }: Pick<TestContext, 'db'>, { id }: Pick<Listening, 'id'>, seconds: number) {
  const by = sql`${seconds}::int * interval '1 second'`
  await db.batch([
    db.execute(sql`update event_deliveries set due_at = due_at - ${by}
      where endpoint_id = ${id}::uuid and status = 'waiting'`),
    db.execute(sql`update event_endpoints set paused_until = paused_until - ${by}, enqueued_until = enqueued_until - ${by},
      failing_since = failing_since - ${by}, lease_until = lease_until - ${by}, former_until = former_until - ${by}
      where id = ${id}::uuid`),
  ])
}

/** One look of the cron, and what it leads to. True: there was something for this endpoint. */
export async function dispatch(context: TestContext, { id, receiver }: Listening): Promise<boolean> {
  await enqueueDueEndpoints(context)
  const found = context.messages.filter(({ body }) => body.kind === 'endpoint' && body.endpointId === id)
  const others = context.messages.filter(({ lane }) => lane !== 'events')
  context.messages.splice(0, context.messages.length, ...others)
  if (found.length > 0) await workEndpoint({ ...context, fetch: receiver.fetch }, id)
  return found.length > 0
}

/** Everything that waits is due, and is delivered. */
export async function deliverAll(context: TestContext, listening: Listening): Promise<Received[]> {
  const before = listening.receiver.received.length
  await pass(context, listening, 10)
  await dispatch(context, listening)
  return listening.receiver.received.slice(before)
}

/** What the cron does for each that was deleted. */
export async function removeLeft({ db }: Pick<TestContext, 'db'>, id: string): Promise<void> {
  await db.execute(sql`select remove_rows(${id}::uuid, 1000) from removals where integration_id = ${id}::uuid`)
}
