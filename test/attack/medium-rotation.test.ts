// A webhook address that leaked is replaced by several people at once: one address works, and who is told of it is told
// right.
import { expect, it } from 'vitest'
import { request, createSalonTenant } from '#test/tenants.ts'

it('leaves one live address of five rotations at once, and says so to all of them', async () => {
  const salon = await createSalonTenant()
  const rotate = async () => salon.call('POST', `${salon.path}/webhook-token`)
  const answers = await Promise.all(Array.from({ length: 5 }, rotate))
  const made = answers.filter(({ status }) => status === 200)
  const others = answers.filter(({ status }) => status !== 200)
  expect(made.length).toBeGreaterThan(0)
  for (const { status, json } of others) expect([status, json.code]).toEqual([409, 'conflict'])
  const { webhookUrl } = (await salon.call('GET', salon.path)).json
  const urls = made.map(({ json }) => json.webhookUrl)
  expect(urls).toEqual([webhookUrl])
  const { status } = await request(salon.context, new URL(webhookUrl).pathname, { method: 'POST', body: '{}' })
  expect(status).not.toBe(404)
})
