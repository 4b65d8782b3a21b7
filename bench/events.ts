// Events out: what they cost a page, without and with an endpoint that listens, beside a page without their trigger;
// and how fast a backlog of many endpoints is written and delivered to a server on this machine.
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context } from '#context.ts'
import { importKeyring } from '#crypto/keyring.ts'
import { sealSecret, mintSecret } from '#events/endpoint-secret.ts'
import { workEndpoint } from '#events/work-endpoint.ts'
import { takeRun } from '#sync/take-run.ts'
import { startOf, writePage } from '#sync/write-page.ts'
import { cpuOf, tellsCpu } from './cpu.ts'
import type { OpenDatabase } from './database.ts'
import { addRun, type BenchEnv, withEnv } from './env.ts'
import { interleave, type Line, ratios, spreadOf, timed, valueOf } from './measure.ts'
import { fill, record } from './page-write.ts'

interface EventsSize {
  readonly rounds: number
  readonly stored: number
  readonly pageRows: readonly number[]
  readonly endpoints: number
  /** Of each endpoint. */
  readonly events: number
}

/** As many as a queue hands out at once, on a machine with as many cores as this one. */
const WORKERS = 16

export async function measureEvents(open: OpenDatabase, size: EventsSize): Promise<Line[]> {
  const pages = tellsCpu() ? await withEnv(open, async (env) => measureWrites(env, size)) : []
  return [...pages, ...(await withEnv(open, async (env) => measureDelivery(env, size)))]
}

/** The sides of a page: without the trigger, with nobody who listens, and with one endpoint. */
async function measureWrites(env: BenchEnv, { rounds, stored, pageRows }: EventsSize): Promise<Line[]> {
  await fill(env, stored)
  const context = env.openContext()
  const run = await takeRun(context, await addRun(env.pool, env.integrationId, { brakeOff: true, trigger: 'schedule' }))
  if (!run) throw new Error('the run was not to be taken')
  let position = startOf(run)
  const endpoint = async () =>
    env.pool.query(`insert into event_endpoints (business_id, url, secret) values ($1, 'https://a.example', '')`, [
      env.businessId,
    ])
  const write = async (count: number, name: string, round: number) => {
    const records = Array.from({ length: count }, (_, n) =>
      record({ id: `sale:${name}:${count}-${round}-${n}`, amount: 1 }),
    )
    return cpuOf(env.pool, async () => {
      const written = await writePage(context, run, position, { records, cursor: { page: position.pages } })
      if (!written) throw new Error('the page was refused')
      position = written
    })
  }
  const lines: Line[] = []
  for (const count of pageRows) {
    const { bare, deaf, heard } = await interleave(rounds, {
      bare: async (round) => {
        // A change of the table makes its plans again: a page that does not count pays for that.
        await env.pool.query('alter table transaction_feed disable trigger publish_changes')
        await write(count, 'warm', 2 * round)
        const ms = await write(count, 'bare', round)
        await env.pool.query('alter table transaction_feed enable trigger publish_changes')
        await write(count, 'warm', 2 * round + 1)
        return ms
      },
      deaf: async (round) => write(count, 'deaf', round),
      heard: async (round) => {
        await endpoint()
        const ms = await write(count, 'heard', round)
        await env.pool.query('delete from event_endpoints')
        return ms
      },
    })
    const name = `page of ${count} new, PostgreSQL's CPU`
    lines.push(
      { name: `${name}, nobody listens`, value: spreadOf(deaf), unit: 'ms', budget: null },
      { name: `${name}, nobody listens ÷ no trigger`, value: ratios(deaf, bare), unit: '×', budget: null },
      { name: `${name}, one listens ÷ no trigger`, value: ratios(heard, bare), unit: '×', budget: null },
    )
  }
  return lines
}

async function measureDelivery(env: BenchEnv, { endpoints, events }: EventsSize): Promise<Line[]> {
  let taken = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      taken += 1
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const context = await deliveringContext(env, origin)
  try {
    const ids = await addEndpoints(env, context, { endpoints, origin })
    const writtenMs = await timed(async () => publish(env, events))
    const total = endpoints * events
    const deliveredMs = await timed(async () => deliverAll(env, context, ids))
    if (taken !== total) throw new Error(`${taken} of ${total} events were delivered`)
    return [
      {
        name: `events: ${endpoints} endpoints × ${events} written`,
        value: perSecond(total, writtenMs),
        unit: '/s',
        budget: null,
      },
      {
        name: `events: ${endpoints} endpoints × ${events} delivered`,
        value: perSecond(total, deliveredMs),
        unit: '/s',
        budget: null,
      },
    ]
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const perSecond = (count: number, ms: number) => valueOf((count * 1000) / ms)

async function deliveringContext(env: BenchEnv, origin: string): Promise<Context> {
  const ring = await importKeyring(`bench:${randomBytes(32).toString('base64')}`)
  const context = env.openContext()
  const own = {
    keyring: async () => ring,
    fetch: async (input: RequestInfo | URL, init?: RequestInit) => fetch(input, init),
    log: { ...context.log, info: () => undefined },
    config: { egressAllowOrigins: [origin], egressDenyHosts: [] },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a delivery asks for no more
  return { ...context, ...own } as unknown as Context
}

/** All hear of one business. */
async function addEndpoints(
  { pool, businessId }: BenchEnv,
  context: Context,
  { endpoints, origin }: { readonly endpoints: number; readonly origin: string },
): Promise<string[]> {
  const ids = Array.from({ length: endpoints }, () => randomUUID())
  for (const id of ids) {
    const secret = await sealSecret(context, { id, businessId }, mintSecret())
    await pool.query('insert into event_endpoints (id, business_id, url, secret) values ($1, $2, $3, $4)', [
      ...[id, businessId, `${origin}/${id}`, Buffer.from(secret)],
    ])
  }
  return ids
}

async function publish({ pool, businessId, integrationId }: BenchEnv, events: number): Promise<void> {
  await pool.query(
    `select publish_event($1, $2, 'connection.changed', jsonb_build_object('integrationId', $2::uuid, 'status', 'ok',
      'stoppedBy', null)) from generate_series(1, $3::int)`,
    [businessId, integrationId, events],
  )
}

/** Endpoints side by side, until nothing waits. A worker ends with its slice, and another takes the endpoint on. */
async function deliverAll({ pool }: BenchEnv, context: Context, ids: readonly string[]): Promise<void> {
  const left = new Set(ids)
  const isDone = async (id: string) => {
    const sql = `select from event_deliveries where endpoint_id = $1 and status = 'waiting' limit 1`
    return (await pool.query(sql, [id])).rowCount === 0
  }
  const work = async () => {
    for (let [id] = left; id !== undefined; [id] = left) {
      left.delete(id)
      await workEndpoint(context, id)
      if (!(await isDone(id))) left.add(id)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}
