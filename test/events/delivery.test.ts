import { sql } from 'drizzle-orm'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyEvent } from '#client/verify-event.ts'
import { workEndpoint } from '#events/work-endpoint.ts'
import { engineHealth } from '#health/engine-health.ts'
import { metricsText } from '#health/metrics.ts'
import { cleanUp } from '#jobs/clean-up.ts'
import { SANDBOX_URL } from '#test/context.ts'
import {
  createReceiver,
  deliverAll,
  dispatch,
  listen,
  type Listening,
  pass,
  removeLeft,
  waitingFor,
} from '#test/receiver.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

async function listening(body: object = {}): Promise<{ salon: Salon; listener: Listening }> {
  const salon = await createSalonTenant()
  return { salon, listener: await listen(salon, body) }
}

/** So many events that the endpoint has not heard of. */
async function happen({ context, businessId, integrationId }: Salon, times = 1) {
  await context.db.execute(sql`
    select publish_event(${businessId}::uuid, ${integrationId}::uuid, 'connection.changed',
      jsonb_build_object('integrationId', ${integrationId}::text, 'status', 'ok', 'stoppedBy', null, 'n', n))
    from generate_series(1, ${times}::int) n`)
}

const deliveriesOf = async ({ call }: Salon, { path }: Listening, search = '') =>
  (await call('GET', `${path}/deliveries${search}`)).json.items

describe('a delivery', () => {
  it('is signed as Standard Webhooks says, and again by both secrets for a day after a rotation', async () => {
    const { salon, listener } = await listening()
    await happen(salon)
    const [event] = await deliverAll(salon.context, listener)
    if (!event) throw new Error('no event')
    expect(new Webhook(listener.secret).verify(event.text, event.headers)).toEqual(event.json)
    expect(await verifyEvent(listener.secret, event.headers, event.text)).toEqual(event.json)
    expect(Object.keys(event.json)).toEqual(['type', 'timestamp', 'data'])
    expect(event.headers['content-type']).toBe('application/json')
    const { json } = await salon.call('POST', `${listener.path}/rotate`)
    await happen(salon)
    const [rotated] = await deliverAll(salon.context, listener)
    for (const secret of [listener.secret, json.secret]) {
      expect(new Webhook(secret).verify(rotated?.text ?? '', rotated?.headers ?? {})).toEqual(rotated?.json)
    }
    await pass(salon.context, listener, 86_400)
    await happen(salon)
    const [later] = await deliverAll(salon.context, listener)
    expect(later?.headers['webhook-signature']?.split(' ')).toHaveLength(1)
    expect(() => new Webhook(listener.secret).verify(later?.text ?? '', later?.headers ?? {})).toThrow()
    expect(await verifyEvent(json.secret, new Headers(later?.headers), later?.text ?? '')).toEqual(later?.json)
  })

  it('that is not taken comes again by the schedule with the same id, and has failed after the eighth time', async () => {
    const { salon, listener } = await listening()
    const { receiver } = listener
    receiver.answer(() => new Response('Anna anna@example.com +7 900 123-45-67 is not known', { status: 500 }))
    await happen(salon)
    const pauses = []
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(await dispatch(salon.context, listener)).toBe(true)
      expect(await dispatch(salon.context, listener)).toBe(false)
      const [waiting] = await waitingFor(salon.context, listener)
      pauses.push(waiting === undefined ? null : Math.round(waiting.seconds))
      await pass(salon.context, listener, waiting?.seconds ? Math.ceil(waiting.seconds) : 0)
    }
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 36_000, null])
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1)
    const [failed] = await deliveriesOf(salon, listener)
    expect(failed).toMatchObject({ status: 'failed', attempts: 8, nextAttemptAt: null, type: 'connection.changed' })
    expect(failed.lastAnswer).toMatchObject({ status: 500, body: 'Anna *** *** is not known', error: null })
    receiver.answer(() => new Response(null, { status: 200 }))
    const resent = await salon.call('POST', `${listener.path}/deliveries/${failed.id}/resend`)
    expect([resent.status, resent.json.status]).toEqual([202, 'waiting'])
    const [again] = await deliverAll(salon.context, listener)
    expect(again?.headers['webhook-id']).toBe(failed.id)
    expect(await deliveriesOf(salon, listener, '?status=delivered&type=connection.changed')).toHaveLength(1)
  })

  it('follows no redirect, calls no address that rules refuse, and gives up what never answers', async () => {
    const { salon, listener } = await listening()
    listener.receiver.answer(() => Response.redirect(`${SANDBOX_URL}/elsewhere`, 302))
    await happen(salon)
    await deliverAll(salon.context, listener)
    expect((await deliveriesOf(salon, listener))[0].lastAnswer).toMatchObject({ status: 302, error: null })
    listener.receiver.answer(() => {
      throw new TypeError('the connection was reset')
    })
    await pass(salon.context, listener, 300)
    await deliverAll(salon.context, listener)
    expect((await deliveriesOf(salon, listener))[0].lastAnswer).toMatchObject({ status: null, error: 'connection' })
    const url = 'https://169.254.169.254/latest'
    await salon.context.db.execute(sql`update event_endpoints set url = ${url} where id = ${listener.id}::uuid`)
    const calls = listener.receiver.received.length
    await pass(salon.context, listener, 2000)
    await deliverAll(salon.context, listener)
    expect((await deliveriesOf(salon, listener))[0].lastAnswer).toMatchObject({ error: 'address_refused' })
    expect(listener.receiver.received).toHaveLength(calls)
  })

  it('is sent again when its worker died before it was stored, and by one worker at a time', async () => {
    const { salon, listener } = await listening()
    await happen(salon, 3)
    const dying = { ...salon.context, fetch: listener.receiver.fetch }
    salon.context.databaseFaults.push('none', 'unsent')
    await expect(workEndpoint(dying, listener.id)).rejects.toThrow()
    expect(listener.receiver.received).toHaveLength(3)
    expect(await dispatch(salon.context, listener)).toBe(false)
    await workEndpoint(dying, listener.id)
    expect(listener.receiver.received).toHaveLength(3)
    await pass(salon.context, listener, 60)
    expect(await dispatch(salon.context, listener)).toBe(true)
    const ids = listener.receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toHaveLength(6)
    expect(new Set(ids.slice(3))).toEqual(new Set(ids.slice(0, 3)))
    expect(await waitingFor(salon.context, listener)).toEqual([])
  })
})

describe('an endpoint', () => {
  it('that takes nothing is left alone for a minute after five failures, whatever waits for it', async () => {
    const { salon, listener } = await listening()
    listener.receiver.answer(() => new Response(null, { status: 503 }))
    await happen(salon, 20)
    await dispatch(salon.context, listener)
    expect(listener.receiver.received).toHaveLength(5)
    expect((await waitingFor(salon.context, listener)).filter(({ attempts }) => attempts === 0)).toHaveLength(15)
    expect(await dispatch(salon.context, listener)).toBe(false)
    listener.receiver.answer(() => new Response(null, { status: 200 }))
    await pass(salon.context, listener, 61)
    await dispatch(salon.context, listener)
    expect(await waitingFor(salon.context, listener)).toEqual([])
  })

  it('that failed for five days is off and has an issue, until somebody switches it on again', async () => {
    const { salon, listener } = await listening()
    const { receiver } = listener
    receiver.answer(() => new Response(null, { status: 500 }))
    await happen(salon)
    await deliverAll(salon.context, listener)
    await pass(salon.context, listener, 5 * 86_400 - 60)
    await dispatch(salon.context, listener)
    expect((await salon.call('GET', listener.path)).json).toMatchObject({ isEnabled: true, disabledAt: null })
    await pass(salon.context, listener, 3600)
    await dispatch(salon.context, listener)
    const { json } = await salon.call('GET', listener.path)
    expect(json).toMatchObject({ isEnabled: false, disabledAt: expect.any(String), failingSince: expect.any(String) })
    const issue = async () => {
      const { rows } = await salon.context.db.execute(sql`
        select code, business_id, integration_id, params, resolved_at is null as is_open from issues
        where endpoint_id = ${listener.id}::uuid`)
      return rows
    }
    expect(await issue()).toEqual([
      {
        ...{ code: 'endpoint_disabled', business_id: salon.businessId, integration_id: null, is_open: true },
        params: { url: receiver.url },
      },
    ])
    await pass(salon.context, listener, 36_000)
    expect(await dispatch(salon.context, listener)).toBe(false)
    receiver.answer(() => new Response(null, { status: 200 }))
    const on = await salon.call('PATCH', listener.path, { isEnabled: true })
    expect(on.json).toMatchObject({ isEnabled: true, disabledAt: null, failingSince: null })
    expect(await issue()).toMatchObject([{ is_open: false }])
    await deliverAll(salon.context, listener)
    expect(await waitingFor(salon.context, listener)).toEqual([])
  })

  it('whose secret does not open fails like one that does not answer, with its reason, until it is rotated', async () => {
    const { salon, listener } = await listening()
    const { db } = salon.context
    await db.execute(
      sql`update event_endpoints set secret = ${`\\x01${'00'.repeat(40)}`}::bytea where id = ${listener.id}::uuid`,
    )
    await happen(salon)
    expect(await dispatch(salon.context, listener)).toBe(true)
    expect(listener.receiver.received).toEqual([])
    const [waiting] = await deliveriesOf(salon, listener)
    expect(waiting).toMatchObject({ attempts: 1, lastAnswer: { status: null, error: 'secret_unreadable' } })
    expect((await salon.call('POST', `${listener.path}/test`)).json).toMatchObject({
      lastAnswer: { error: 'secret_unreadable' },
    })
    await pass(salon.context, listener, 5 * 86_400 + 1)
    await dispatch(salon.context, listener)
    expect((await salon.call('GET', listener.path)).json).toMatchObject({ isEnabled: false })
    const { rows } = await db.execute(sql`
      select code from issues where endpoint_id = ${listener.id}::uuid and resolved_at is null`)
    expect(rows).toEqual([{ code: 'endpoint_disabled' }])
    // The former secret, which does not open either, keeps nobody from signing.
    await salon.call('POST', `${listener.path}/rotate`)
    await salon.call('PATCH', listener.path, { isEnabled: true })
    expect((await deliverAll(salon.context, listener)).length).toBeGreaterThan(0)
    // Its former secret would be one that no key of another test opens.
    await salon.call('DELETE', listener.path)
  })

  it('to which nobody sends what is due raises an alarm, and one that is slow or fails does not', async () => {
    const { salon, listener } = await listening()
    const { db } = salon.context
    await happen(salon, 3)
    const health = async () => engineHealth(salon.context, 'en')
    const isLate = async () => (await health()).alarms.some(({ code }) => code === 'events_late')
    expect(await isLate()).toBe(false)
    await pass(salon.context, listener, 11 * 60)
    expect(await isLate()).toBe(true)
    const { events } = await health()
    expect(events).toMatchObject({ oldest: { endpointId: listener.id } })
    expect(events.oldest?.lateSeconds).toBeGreaterThan(600)
    expect(await metricsText(salon.context)).toMatch(/^crm_events_unattended 1$/m)
    listener.receiver.answer(() => new Response(null, { status: 503 }))
    await dispatch(salon.context, listener)
    await db.execute(sql`
      update event_deliveries set due_at = now() - interval '1 hour' where endpoint_id = ${listener.id}::uuid`)
    expect(await isLate()).toBe(false)
    await salon.call('PATCH', listener.path, { isEnabled: false })
    expect((await health()).events.oldest?.endpointId).not.toBe(listener.id)
  })

  it('that is slow delays no other: what it has no time for is left for the next worker', async () => {
    const { salon, listener } = await listening()
    await happen(salon, 30)
    listener.receiver.answer(() => {
      salon.context.clock.advance(7000)
      return new Response(null, { status: 200 })
    })
    await dispatch(salon.context, listener)
    expect(listener.receiver.received).toHaveLength(5)
    expect(await dispatch(salon.context, listener)).toBe(true)
  })

  it('can be tested at once, also while it is off, and says what it answered', async () => {
    const { salon, listener } = await listening({ types: ['run.finished'] })
    const receiver = createReceiver()
    const context = { ...salon.context, fetch: receiver.fetch }
    const { testEndpoint } = await import('#events/test-endpoint.ts')
    await salon.call('PATCH', listener.path, { isEnabled: false })
    const scope = { endpointId: listener.id, tenant: salon.businessId }
    const tested = await testEndpoint(context, scope)
    expect(tested).toMatchObject({
      type: 'endpoint.test',
      status: 'delivered',
      attempts: 1,
      lastAnswer: { status: 204 },
    })
    expect(receiver.received[0]?.json).toMatchObject({ type: 'endpoint.test', data: { endpointId: listener.id } })
    expect(await testEndpoint(context, { ...scope, tenant: crypto.randomUUID() })).toBeNull()
  })

  it('takes what waits for it along when it is deleted, and delivered events go after a week', async () => {
    const { salon, listener } = await listening()
    await happen(salon, 3)
    const left = sql`select count(*)::int as left from event_deliveries where endpoint_id = ${listener.id}::uuid`
    await salon.context.db.execute(sql`
      insert into event_deliveries (id, endpoint_id, type, data, status) select uuidv7(-n * interval '1 day'),
        ${listener.id}::uuid, 'endpoint.test', '{}', 'delivered' from unnest(array[6, 8]) n`)
    await cleanUp(salon.context)
    expect((await salon.context.db.execute(left)).rows).toEqual([{ left: 4 }])
    expect((await salon.call('DELETE', listener.path)).status).toBe(204)
    await removeLeft(salon.context, listener.id)
    expect((await salon.context.db.execute(left)).rows).toEqual([{ left: 0 }])
  })
})
