// Servers of the product that take events: verified as a receiver would, kept with what the feed showed at that moment,
// and as unreliable as servers are.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Event, verifyEvent } from '#client/index.ts'
import { freePort } from '#dev/free-port.ts'
import type { Service } from './service.ts'

/** How a receiver answers for the time being. `silent` never does; `down` refuses connections. */
export type Mood = 'well' | 'failing' | 'silent' | 'dropping' | 'down'

export interface Told {
  /** The last one that came under this id. */
  readonly event: Event
  readonly body: string
  times: number
  /** Of changes: how many numbers up to `toSeq` were committed when it first came. */
  committed: number | null
}

export interface Receiver {
  readonly url: string
  mood: Mood
  secret: string
  endpointId: string
  /** Null: it hears of all. */
  readonly businessId: string | null
  /** By `webhook-id`: what was taken. */
  readonly told: Map<string, Told>
  /** What was not to be believed, or another body under a known id. */
  readonly flaws: string[]
  /** Null before the service runs. */
  query: Service['query'] | null
  /** Called after an event was read and before it is answered. */
  onEvent: (() => Promise<void>) | null
  readonly close: () => Promise<void>
}

export async function openReceiver(businessId: string | null): Promise<Receiver> {
  const port = await freePort()
  const server = createServer((request, response) => void take(receiver, request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    ...{
      url: `http://127.0.0.1:${port}`,
      mood: 'well',
      secret: '',
      endpointId: '',
      businessId,
      query: null,
      onEvent: null,
    },
    ...{ told: new Map(), flaws: [] },
    close: async () => {
      server.closeAllConnections()
      await new Promise((settle) => void server.close(settle))
    },
  }
  return receiver
}

async function take(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (receiver.mood === 'down') return void request.destroy()
  const body = (await request.toArray()).join('')
  try {
    const event = await verifyEvent(receiver.secret, request.headers, body)
    await keep(receiver, String(request.headers['webhook-id']), { event, body })
  } catch (error) {
    receiver.flaws.push(String(error))
  }
  await receiver.onEvent?.()
  // It has read the event in every mood: what was answered decides whether it comes again.
  if (receiver.mood === 'silent') await sleep(20_000)
  if (receiver.mood === 'dropping') return void response.destroy()
  response.writeHead(receiver.mood === 'failing' ? 500 : 204).end()
}

async function keep(
  { told, flaws, query }: Receiver,
  id: string,
  { event, body }: Pick<Told, 'event' | 'body'>,
): Promise<void> {
  const known = told.get(id)
  if (known) {
    known.times += 1
    if (known.body !== body) flaws.push(`another body under ${id}`)
    return
  }
  const one: Told = { event, body, times: 1, committed: null }
  told.set(id, one)
  if (event.type !== 'transactions.changed' || !query) return
  try {
    one.committed = await committedUpTo(query, event.data.integrationId, event.data.toSeq)
  } catch {
    // PostgreSQL is down: what was committed then cannot be asked for.
  }
}

/** Every number of an integration's feed that was ever committed: those of present and of former states. */
export const NUMBERS = `
  select integration_id, change_seq from transaction_feed
  union select integration_id, change_seq from transaction_changes
  union select integration_id, (before ->> 'change_seq')::bigint from transaction_changes`

export async function committedUpTo(query: Service['query'], integrationId: string, toSeq: number): Promise<number> {
  const [row] = await query<{ count: number }>(
    `select count(*)::int as count from (${NUMBERS}) n where integration_id = '${integrationId}' and change_seq <= ${toSeq}`,
  )
  return row?.count ?? 0
}

/** Makes the endpoint of a receiver. */
export async function subscribe(service: Service, receiver: Receiver): Promise<void> {
  const { url, businessId } = receiver
  const body = { url, ...(businessId !== null && { businessId }) }
  const { status, json } = await service.call<{ id: string; secret: string }>('POST', '/v1/webhook-endpoints', body)
  if (status !== 201) throw new Error(JSON.stringify(json))
  receiver.endpointId = json.id
  receiver.secret = json.secret
  receiver.query = service.query
}
