// `POST …/sync?wait=`: answers when the run has ended.
import { expect, it } from 'vitest'
import { createApp } from '#api/app.ts'
import { ROUTES } from '#api/routes.ts'
import { env } from '#test/env.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'
import { tenantToken } from '#test/tokens.ts'

/** `pause`: what happens while the request waits. */
async function start({ context, businessId, path }: Salon, search: string, pause: () => Promise<void>) {
  const sleep = async (ms: number) => {
    context.clock.advance(ms)
    await pause()
  }
  const app = createApp(ROUTES, () => ({ ...context, clock: { ...context.clock, sleep } }))
  const headers = { authorization: `Bearer ${await tenantToken(businessId)}` }
  const url = `https://api.example.com${path}/sync${search}`
  return app.fetch(new Request(url, { method: 'POST', headers }), env)
}

it('answers 200 with the run once it has ended', async () => {
  const salon = await createSalonTenant()
  const response = await start(salon, '?wait=25', salon.context.drain)
  expect([response.status, await response.json()]).toMatchObject([200, { status: 'succeeded' }])
})

it('answers 202 and where to look when the time is up', async () => {
  const salon = await createSalonTenant()
  const before = salon.context.clock.now().getTime()
  const response = await start(salon, '?wait=3', async () => undefined)
  expect(response.status).toBe(202)
  expect(salon.context.clock.now().getTime() - before).toBeGreaterThanOrEqual(3000)
  expect(response.headers.get('location')).toMatch(new RegExp(`^${salon.path}/runs/[0-9a-f-]{36}$`))
})

it('does not wait for more than ten requests of one subject', async () => {
  const salon = await createSalonTenant()
  const waiting: string[] = []
  const { promise: allWait, resolve: nowAllWait } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const pause = async () => {
    if (waiting.push('one') === 10) nowAllWait()
    await released
  }
  const many = Array.from({ length: 10 }, async () => start(salon, '?wait=1', pause))
  await allWait
  expect((await start(salon, '?wait=25', pause)).status).toBe(202)
  expect(waiting).toHaveLength(10)
  release()
  expect(new Set((await Promise.all(many)).map(({ status }) => status))).toEqual(new Set([202]))
})

it.each(['0', '26', '1.5', 'x'])('refuses wait=%s', async (wait) => {
  const salon = await createSalonTenant()
  const { status, json } = await salon.call('POST', `${salon.path}/sync?wait=${wait}`)
  expect([status, json.errors[0].path]).toEqual([400, 'query.wait'])
})
