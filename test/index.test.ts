// The Worker as the platform calls it: by the crons and queues that wrangler.toml names.
import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { describe, expect, inject, it } from 'vitest'
import worker from '#index.ts'
import { createTestContext } from '#test/context.ts'
import { env } from '#test/env.ts'
import { query } from '#test/pages.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'
import { adminToken } from '#test/tokens.ts'

const { crons, queues, deadQueue } = inject('wrangler')
const { live: queue } = createTestContext().queues
/** What is sent stays where it is: each test delivers its own messages. */
const idle = { ...queue, send: async () => queue.sendBatch([]) }
const bindings: Env = { ...env, LIVE_QUEUE: idle, BULK_QUEUE: idle, HOOK_QUEUE: idle, EVENT_QUEUE: idle }

/** A salon whose sync is due, and that has something that is only kept for a day. */
async function dueAndStale(): Promise<Salon> {
  const salon = await createSalonTenant()
  const { status, text } = await salon.call('PATCH', salon.path, { syncEnabled: true })
  if (status !== 200) throw new Error(text)
  await query(
    salon,
    sql`insert into unpaid_observations (integration_id, external_id, seen_seq, at)
      values (${salon.integrationId}::uuid, 'record:1', 0, now() - interval '2 days')`,
  )
  return salon
}

async function effectsOf(cron: string) {
  const salon = await dueAndStale()
  // Its minute is over, so it looks for events once.
  await worker.scheduled(createScheduledController({ cron, scheduledTime: new Date(Date.now() - 60_000) }), bindings)
  const [counts] = await query(
    salon,
    sql`select (select count(*)::int from sync_runs where integration_id = ${salon.integrationId}::uuid) as opened,
      (select count(*)::int from unpaid_observations where integration_id = ${salon.integrationId}::uuid) as kept`,
  )
  return counts
}

/** What a message about a queued run comes to, sent through a queue of this name. */
async function deliverRun(name: string) {
  const salon = await createSalonTenant()
  const { json } = await salon.call('POST', `${salon.path}/sync`)
  const message = { id: 'm', timestamp: new Date(), attempts: 1, body: { kind: 'runs', runIds: [json.id] } }
  const batch = createMessageBatch(name, [message])
  await worker.queue(batch, bindings, createExecutionContext())
  const { explicitAcks } = await getQueueResult(batch, createExecutionContext())
  const [run] = await query(salon, sql`select status, attempt, dead_letters from sync_runs where id = ${json.id}::uuid`)
  return { run, explicitAcks }
}

describe('the Worker', () => {
  it('answers requests with what the database holds', async () => {
    const id = crypto.randomUUID()
    const request = new Request(`https://api.example.com/v1/businesses/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${await adminToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Салон «Проба»', timezone: 'Europe/Moscow', currency: 'RUB' }),
    })
    expect((await worker.fetch(request, bindings)).status).toBe(201)
    const { rows } = await createTestContext().db.execute(sql`select name from businesses where id = ${id}::uuid`)
    expect(rows).toEqual([{ name: 'Салон «Проба»' }])
  })

  it('opens what is due with the one cron and cleans up with the other', async () => {
    const effects = []
    for (const cron of crons) effects.push(await effectsOf(cron))
    expect(effects).toEqual([
      { opened: 1, kept: 1 },
      { opened: 0, kept: 0 },
    ])
  })

  it.each(queues)('works a run off that comes through %s, whose CRM is down here', async (name) => {
    expect(await deliverRun(name)).toEqual({
      run: { status: 'waiting', attempt: 1, dead_letters: 0 },
      explicitAcks: ['m'],
    })
  })

  it('remembers of a dead letter’s run that its message was given up', async () => {
    expect(await deliverRun(deadQueue)).toEqual({
      run: { status: 'queued', attempt: 1, dead_letters: 1 },
      explicitAcks: ['m'],
    })
  })
})
