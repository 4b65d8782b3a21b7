import { describe, expect, it } from 'vitest'
import { streamRun } from '#api/run-events.ts'
import type { Context } from '#context.ts'
import { getRun } from '#runs/list.ts'
import { createWriter, integrationOf, transaction } from '#test/pages.ts'
import { createSession } from '#test/sessions.ts'
import { createSalonTenant, type Salon, sync } from '#test/tenants.ts'
import { tenantToken, token } from '#test/tokens.ts'

interface Event {
  readonly id: string | null
  readonly event: string | null
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into what was sent
  readonly data: any
  readonly comment: string | null
}

function parse(block: string): Event {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
  const data = field('data')
  return {
    id: field('id'),
    event: field('event'),
    data: data && JSON.parse(data),
    comment: /^: (.*)$/m.exec(block)?.[1] ?? null,
  }
}

async function open(salon: Salon, runId: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await salon.context.app.fetch(
    new Request(`https://api.example.com${salon.path}/runs/${runId}/events`, {
      headers: { authorization: `Bearer ${await tenantToken(salon.businessId)}`, ...headers },
    }),
  )
  return response
}

/** The stream's blocks as they come. */
async function* blocks(response: Response): AsyncGenerator<Event> {
  const body: ReadableStream<Uint8Array> | null = response.body
  if (!body) return
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) yield parse(part)
  }
}

async function all(response: Response): Promise<Event[]> {
  const events = []
  for await (const event of blocks(response)) events.push(event)
  return events
}

describe('the events of a run', () => {
  it('tell of each page and end with the run', async () => {
    const writer = await createWriter()
    const { salon, run } = writer
    const response = await open(salon, run.id)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('cache-control')).toContain('no-store')
    const seen: Event[] = []
    for await (const event of blocks(response)) {
      if (event.event !== 'run') continue
      seen.push(event)
      if (seen.length === 1) await writer.write([transaction('a')])
      if (seen.length === 2) await salon.call('POST', `${salon.path}/runs/${run.id}/cancel`)
    }
    expect(seen.map(({ data }) => [data.status, data.counters.pages])).toEqual([
      ['running', 0],
      ['running', 1],
      ['cancelled', 1],
    ])
    expect(new Set(seen.map(({ id }) => id)).size).toBe(3)
  })

  it('show a run that is over as it ended, in the language asked for', async () => {
    const salon = await createSalonTenant()
    salon.sandbox.denied.add('licence')
    const ended = await sync(salon)
    const events = await all(await open(salon, ended.id, { 'accept-language': 'ru' }))
    expect(events.filter(({ event }) => event === 'run')).toMatchObject([{ data: { status: 'failed' } }])
    expect(events.at(-1)?.data.error.message).toMatch(/лицензия/i)
  })

  it('are not repeated to who comes back, and 204 tells that nothing follows', async () => {
    const writer = await createWriter()
    const { salon, run } = writer
    const [, first] = await take(await open(salon, run.id), 2)
    await salon.call('POST', `${salon.path}/runs/${run.id}/cancel`)
    const events = await all(await open(salon, run.id, { 'last-event-id': first?.id ?? '' }))
    const runs = events.filter(({ event }) => event === 'run')
    expect(runs.map(({ data }) => data.status)).toEqual(['cancelled'])
    const again = await open(salon, run.id, { 'last-event-id': runs[0]?.id ?? '' })
    expect([again.status, await again.text()]).toEqual([204, ''])
  })

  it('beat at least every 15 seconds while nothing happens', async () => {
    const { salon, run } = await createWriter()
    const response = await open(salon, run.id)
    let startedAt = 0
    for await (const event of blocks(response)) {
      const now = salon.context.clock.now().getTime()
      if (event.event === 'run') startedAt = now
      if (event.comment === null) continue
      expect(now - startedAt).toBeLessThan(17_000)
      break
    }
  })

  it('ask the database no more once their reader has gone', async () => {
    const { salon, run } = await createWriter()
    await take(await open(salon, run.id), 2)
    // The poll that was under way when the reader went, if there was one.
    await integrationOf(salon)
    const before = salon.context.roundTrips()
    for (let n = 0; n < 20; n += 1) await salon.context.clock.sleep(1000)
    expect(salon.context.roundTrips()).toBe(before)
  })

  it('close by themselves after a while, long before the day is over', async () => {
    const { salon, run } = await createWriter()
    const before = salon.context.clock.now().getTime()
    const exp = Math.floor(before / 1000) + 3600
    const long = await token({ business_id: salon.businessId, exp })
    const response = await open(salon, run.id, { authorization: `Bearer ${long}` })
    salon.context.clock.advance(13 * 60_000)
    await all(response)
    expect(salon.context.clock.now().getTime() - before).toBeLessThan(20 * 60_000)
  })

  it('end with the connect session that reads them', async () => {
    const { salon, run } = await createWriter()
    const session = await createSession(salon, { permissions: ['view'] })
    const response = await open(salon, run.id, { authorization: `Bearer ${session.token}` })
    const before = salon.context.clock.now().getTime()
    await salon.call('DELETE', `/v1/connect-sessions/${session.id}`)
    await all(response)
    expect(salon.context.clock.now().getTime() - before).toBeLessThan(10_000)
  })

  it('are nobody else’s', async () => {
    const [own, other] = [await createSalonTenant(), await createSalonTenant()]
    const { id } = await sync(other)
    expect((await open(own, id)).status).toBe(404)
  })
})

async function take(response: Response, count: number): Promise<Event[]> {
  const events: Event[] = []
  for await (const event of blocks(response)) {
    events.push(event)
    if (events.length === count) break
  }
  return events
}

/** Time that stands still until it is moved; whoever sleeps then goes on. */
function createStoppedClock() {
  let now = Date.now()
  let sleepers: { readonly until: number; readonly wake: () => void }[] = []
  return {
    now: () => new Date(now),
    sleep: async (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ until: now + ms, wake })
      }),
    sleeping: () => sleepers.length,
    advance: (ms: number) => {
      now += ms
      const due = sleepers.filter(({ until }) => until <= now)
      sleepers = sleepers.filter(({ until }) => until > now)
      for (const { wake } of due) wake()
    },
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await scheduler.wait(1)
}

/** Streams of one run, as `watchers` people watch it. Each takes whatever comes at once, but those that are slow. */
async function watch(count: number, slow = 0) {
  const writer = await createWriter()
  const { salon, run: taken } = writer
  const clock = createStoppedClock()
  const runOf = { integrationId: salon.integrationId, runId: taken.id, tenant: salon.businessId }
  const run = await getRun(salon.context, runOf)
  if (!run) throw new Error('the run was not found')
  const pages = Array.from({ length: count }, () => [] as number[])
  const readers = pages.map((seen, n) => {
    const context: Context = { ...salon.context, clock }
    const principal = {
      subject: `${n}`,
      businessId: salon.businessId,
      scopes: new Set<never>(),
      isAdmin: false,
      expiresAt: Infinity,
      session: null,
    }
    const signal = new AbortController().signal
    const stream = streamRun(context, runOf, { run, lastEventId: null, language: 'en', principal, signal })
    const reader = stream?.getReader()
    const take = async () => {
      for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
        const { data } = parse(new TextDecoder().decode(part.value))
        if (data) seen.push(data.counters.pages)
      }
    }
    if (n >= slow) void take()
    return reader
  })
  const quick = count - slow
  await until(() => clock.sleeping() >= quick)
  const seconds = async (n: number, left = quick) => {
    for (let second = 0; second < n; second += 1) {
      clock.advance(1000)
      await until(() => clock.sleeping() >= left)
    }
  }
  return { writer, pages, readers, seconds, reads: salon.context.roundTrips }
}

describe('many watchers of one run', () => {
  it('share one read a second, and all see each page', async () => {
    const { writer, pages, seconds, reads } = await watch(8)
    const before = reads()
    await seconds(5)
    expect(reads() - before).toBeLessThanOrEqual(6)
    await writer.write([transaction('a')])
    await seconds(2)
    expect(pages).toEqual(pages.map(() => [0, 1]))
  })

  it('go on when one of them takes nothing, or goes', async () => {
    const { writer, pages, readers, seconds } = await watch(3, 1)
    await seconds(2)
    void readers[1]?.cancel()
    await writer.write([transaction('a')])
    // A read that the one that goes has begun is waited for until it must have gone.
    await seconds(4, 1)
    expect(pages[2]).toEqual([0, 1])
  })

  it('ask less often while nothing happens', async () => {
    const { seconds, reads } = await watch(1)
    await seconds(60)
    const before = reads()
    await seconds(20)
    expect(reads() - before).toBeLessThanOrEqual(6)
  })
})
