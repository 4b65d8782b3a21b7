import { describe, expect, it } from 'vitest'
import { integrationOf } from '#test/pages.ts'
import { paidVisit, post, visitEvent, workOffHooks } from '#test/hooks.ts'
import { createSalonTenant, type Salon } from '#test/tenants.ts'

const OTHERS = 'https://loyalty.example.org/hooks'

/** A salon whose owner already has another service's webhooks. */
async function withOthers(active: 0 | 1 = 1): Promise<Salon> {
  const salon = await createSalonTenant()
  salon.sandbox.hookSettings = { urls: [OTHERS], active, client: 1, record: 0, self_sending: 1 }
  return salon
}

const enable = async (salon: Salon, more: object = {}) =>
  (await salon.call('PATCH', salon.path, { syncEnabled: true, ...more })).json
const posts = ({ sandbox }: Salon) => sandbox.requests.filter((line) => line.startsWith('POST'))

/** The CRM answers nothing about its settings until what is returned is called. */
function holdSettings({ sandbox }: Salon): () => void {
  const { app } = sandbox
  const { promise, resolve } = Promise.withResolvers<void>()
  const answer = async (request: Request) => {
    if (request.url.includes('/hooks_settings/')) await promise
    return app.fetch(request)
  }
  Object.assign(sandbox, { app: { fetch: answer } })
  return resolve
}

describe('registration', () => {
  it('is done when sync is switched on, beside what others have set', async () => {
    const salon = await withOthers()
    const { webhookUrl, webhookSetup } = await enable(salon)
    expect(webhookSetup).toEqual({ registration: 'registered', steps: null })
    expect(salon.sandbox.hookSettings).toEqual({
      urls: [OTHERS, webhookUrl],
      ...{ active: 1, client: 1, self_sending: 1 },
      ...{ record: 1, finances_operation: 1, goods_operations_sale: 1 },
    })
  })

  it('writes nothing where all is set already', async () => {
    const salon = await withOthers()
    await enable(salon)
    const before = salon.sandbox.hookSettings
    await salon.call('POST', `${salon.path}/webhook-registration`)
    expect(posts(salon)).toHaveLength(1)
    expect(salon.sandbox.hookSettings).toBe(before)
  })

  it('leaves off what others have switched off as a whole, and says so', async () => {
    const salon = await withOthers(0)
    const { webhookSetup } = await enable(salon)
    expect(webhookSetup).toMatchObject({
      registration: 'disabled',
      steps: { ru: expect.stringContaining('/webhooks/yclients/') },
    })
    expect(salon.sandbox.hookSettings.active).toBe(0)
  })

  it('is left to a person who wants it so', async () => {
    const salon = await withOthers()
    const { webhookSetup } = await enable(salon, { registerWebhooks: false })
    expect(webhookSetup.registration).toBeNull()
    expect(webhookSetup.steps.en).toContain((await integrationOf(salon)).webhookUrl)
    expect(posts(salon)).toEqual([])
  })

  it('fails nothing else when the CRM does not let us', async () => {
    const salon = await withOthers()
    salon.sandbox.denied.add('settings')
    const { status, json } = await salon.call('PATCH', salon.path, { syncEnabled: true })
    expect([status, json.syncEnabled, json.webhookSetup.registration]).toEqual([200, true, 'failed'])
    salon.sandbox.denied.clear()
    const again = await salon.call('POST', `${salon.path}/webhook-registration`)
    expect(again.json.webhookSetup.registration).toBe('registered')
  })

  it('is taken back by deleting the integration: others’ stay', async () => {
    const salon = await withOthers()
    await enable(salon)
    expect((await salon.call('DELETE', salon.path)).status).toBe(204)
    expect(salon.sandbox.hookSettings).toMatchObject({ urls: [OTHERS], active: 1, client: 1 })
  })

  it('is taken back when asked for, and switches the CRM’s webhooks off when nobody else has any', async () => {
    const salon = await createSalonTenant()
    await enable(salon)
    const { json } = await salon.call('DELETE', `${salon.path}/webhook-registration`)
    expect(json.webhookSetup.registration).toBe('absent')
    expect(salon.sandbox.hookSettings).toMatchObject({ urls: [], active: 0 })
  })

  it('does not keep an integration from being deleted when the CRM is down', async () => {
    const salon = await withOthers()
    await enable(salon)
    salon.sandbox.faults.plan.rate = 1
    expect((await salon.call('DELETE', salon.path)).status).toBe(204)
    expect((await salon.call('GET', salon.path)).status).toBe(404)
  })

  it('keeps nobody waiting for a slow CRM: the integration is gone, and its address follows', async () => {
    const salon = await withOthers()
    const { webhookUrl } = await enable(salon)
    const answer = holdSettings(salon)
    const startedAt = Date.now()
    expect((await salon.call('DELETE', salon.path)).status).toBe(204)
    expect(Date.now() - startedAt).toBeLessThan(5000)
    expect((await salon.call('GET', salon.path)).status).toBe(404)
    expect(salon.sandbox.hookSettings.urls).toEqual([OTHERS, webhookUrl])
    answer()
    await expect.poll(() => salon.sandbox.hookSettings.urls).toEqual([OTHERS])
  })

  it('follows a new address: the old one is taken out in the same write and stops working at once', async () => {
    const salon = await withOthers()
    const before = (await enable(salon)).webhookUrl
    const { json } = await salon.call('POST', `${salon.path}/webhook-token`)
    expect(json.webhookUrl).not.toBe(before)
    expect(salon.sandbox.hookSettings.urls).toEqual([OTHERS, json.webhookUrl])
    expect(json.webhookSetup.registration).toBe('registered')
    const { pathname } = new URL(before)
    const answer = await salon.context.app.fetch(
      new Request(`https://api.example.com${pathname}`, { method: 'POST', body: JSON.stringify(visitEvent(1)) }),
    )
    expect(answer.status).toBe(404)
    expect((await post(salon, visitEvent(1))).status).toBe(200)
  })

  it('takes former addresses out later when the CRM’s settings did not answer at their rotation', async () => {
    const salon = await withOthers()
    const first = (await enable(salon)).webhookUrl
    salon.sandbox.denied.add('settings')
    for (let times = 0; times < 2; times += 1) {
      const { json } = await salon.call('POST', `${salon.path}/webhook-token`)
      expect(json.webhookSetup.registration).toBe('failed')
    }
    salon.sandbox.denied.clear()
    // Of another business, whatever was appended to it, or of nobody we know: none is ours to take out.
    const live = (await integrationOf(await createSalonTenant())).webhookUrl
    const others = [OTHERS, live, `${live}/`, `${live}?source=yclients`, `${live}#a`]
    salon.sandbox.hookSettings = { ...salon.sandbox.hookSettings, urls: [...others, first] }
    const { json } = await salon.call('POST', `${salon.path}/webhook-registration`)
    expect(json.webhookSetup.registration).toBe('registered')
    expect(salon.sandbox.hookSettings.urls).toEqual([...others, json.webhookUrl])
  })

  it('of a new address is not begun where the old one was set up by hand', async () => {
    const salon = await withOthers()
    await salon.call('POST', `${salon.path}/webhook-token`)
    expect(posts(salon)).toEqual([])
  })

  it('leaves a branch that is no longer connected', async () => {
    const salon = await withOthers()
    await enable(salon)
    await salon.call('PATCH', salon.path, { additionalConfig: { companyId: 540_112, initialDays: 5 } })
    expect(salon.sandbox.hookSettings.urls).toEqual([OTHERS])
    expect((await integrationOf(salon)).webhookSetup.registration).toBeNull()
  })
})

describe('the connection report', () => {
  const told = async (salon: Salon, language = 'en') => {
    const { json } = await salon.call('POST', `${salon.path}/test`, undefined, { 'accept-language': language })
    return json.capabilities.find(({ name }: { name: string }) => name === 'webhook_settings')
  }

  it('says whether hooks are set up and arrive', async () => {
    const salon = await withOthers()
    expect(await told(salon)).toMatchObject({
      required: false,
      ok: true,
      detail: expect.stringMatching(/not in.*yet.*No webhook/),
    })
    await enable(salon)
    expect(await told(salon)).toMatchObject({ ok: true, detail: expect.stringMatching(/is in the CRM.*No webhook/) })
    await post(salon, visitEvent(paidVisit(salon)))
    await workOffHooks(salon)
    expect(await told(salon)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/last webhook arrived at 20\d\d-/),
    })
  })

  it('says what is wrong with them, in both languages, and still passes', async () => {
    const salon = await withOthers()
    await enable(salon)
    salon.sandbox.hookSettings = { ...salon.sandbox.hookSettings, active: 0 }
    expect(await told(salon)).toMatchObject({ ok: false, detail: expect.stringContaining('Switch its webhooks on') })
    expect(await told(salon, 'ru')).toMatchObject({ ok: false, detail: expect.stringMatching(/Включите вебхуки/) })
    expect((await salon.call('POST', `${salon.path}/test`)).json.ok).toBe(true)
  })
})
