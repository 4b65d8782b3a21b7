// The forms that iiko's webhooks come in, and its settings with room for one address; the traps are named in the
// README.
import { describe, expect, it } from 'vitest'
import { webhook } from '#crm/iiko/webhook.ts'
import { ORGANIZATION } from '#sandbox/iiko/cafe.ts'
import { Secret } from '#lib/secret.ts'
import { capability, createCafeTenant } from '#test/cafe.ts'

const bytesOf = (value: unknown) =>
  new Uint8Array(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)))

function eventsOf(value: unknown, contentType: string | null = 'application/json') {
  const parsed = webhook.parse({ contentType, bytes: bytesOf(value) })
  if (parsed.type === 'unreadable') throw new Error(parsed.reason)
  return parsed.events
}
const hintsOf = (value: unknown, contentType?: string | null) =>
  eventsOf(value, contentType).map(({ hint }) => hint?.externalId ?? null)

const info = (change: object = {}) => ({
  ...{ id: '2c1f6f0a', timestamp: 1_763_712_007_121, organizationId: 'ORG', creationStatus: 'Success' },
  ...{ order: { status: 'Closed', sum: 1 }, ...change },
})
const event = (eventType = 'DeliveryOrderUpdate', eventInfo: unknown = info()) => ({
  ...{ eventType, eventTime: '2026-11-21 10:46:41.020', organizationId: 'ORG', correlationId: 'c', eventInfo },
})

describe('an event of iiko', () => {
  it.each([
    ['DeliveryOrderUpdate', ['2c1f6f0a']],
    ['TableOrderUpdate', ['2c1f6f0a']],
    ['DeliveryOrderError', []],
    ['TableOrderError', []],
    ['ReserveUpdate', []],
    ['ReserveError', []],
    ['StopListUpdate', []],
    ['PersonalShift', []],
    ['KitchenOrderUpdate', []],
    ['NomenclatureUpdate', []],
    ['BusinessHoursAndMappingUpdate', []],
    ['SomethingNew', []],
  ])('%s points at %j', (type, hints) => expect(hintsOf([event(type)])).toEqual(hints))

  it('may come alone, among others, with a BOM and under any content type', () => {
    const table = event('TableOrderUpdate', info({ id: 'table' }))
    expect(hintsOf(event())).toEqual(['2c1f6f0a'])
    expect(hintsOf([event(), table], 'text/plain')).toEqual(['2c1f6f0a', 'table'])
    expect(hintsOf(`\uFEFF${JSON.stringify([table])}`, null)).toEqual(['table'])
    expect(hintsOf([event()], 'application/x-www-form-urlencoded')).toEqual(['2c1f6f0a'])
  })

  it.each([[null], [undefined], [info({ order: null })], [info({ order: null, creationStatus: 'InProgress' })]])(
    'without an order tells nothing: %j',
    (eventInfo) => expect(hintsOf([{ ...event(), eventInfo }])).toEqual([]),
  )

  it('that cannot be read makes all changes be looked at, when it is about an order or stands among others', () => {
    expect(hintsOf([event('DeliveryOrderUpdate', { order: {} })])).toEqual([null])
    expect(hintsOf([event(), 7])).toEqual(['2c1f6f0a', null])
  })

  it.each([['{"a":1}'], ['[1,2]'], ['"text"'], ['<html>'], ['[{"half":']])('is none: %s', (body) => {
    expect(webhook.parse({ contentType: 'application/json', bytes: bytesOf(body) }).type).toBe('unreadable')
  })

  it('tells the version of its order and whose it is', () => {
    const [first] = eventsOf([event()])
    expect(first).toMatchObject({ version: '2c1f6f0a:1763712007121', account: 'org' })
    expect(first?.hint?.extra).toEqual({ organizationId: 'org' })
    expect(eventsOf([event('TableOrderUpdate', info({ timestamp: null }))])[0]?.version).toBeNull()
  })
})

describe('the token of iiko', () => {
  const verify = async (authorization: string | null) => {
    const headers = new Headers(authorization === null ? {} : { authorization })
    return webhook.verify?.({ headers, contentType: null, bytes: bytesOf('[]') }, new Secret('s3cret-token'))
  }

  it.each(['s3cret-token', 'Bearer s3cret-token', 'bearer  s3cret-token'])('is accepted as %j', async (value) => {
    expect(await verify(value)).toBe(true)
  })

  it.each([
    null,
    '',
    'Bearer',
    'Bearer ',
    's3cret-toke',
    's3cret-tokens',
    'Basic s3cret-token',
    'Bearer x s3cret-token',
  ])('is refused as %j', async (value) => expect(await verify(value)).toBe(false))
})

describe('iiko’s webhook settings', () => {
  const filter = (orderStatuses: string[]) => ({ orderStatuses, itemStatuses: [], errors: false })
  const switchOn = async (before?: Parameters<Map<string, object>['set']>[1]) => {
    const tenant = await createCafeTenant({ settings: { initialDays: 7 } })
    const { hookSettings } = tenant.sandbox.cloud
    if (before) hookSettings.set(ORGANIZATION, before as never)
    const { json } = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    return { tenant, json, settings: () => hookSettings.get(ORGANIZATION) }
  }

  it('get our address, a token and the statuses that matter', async () => {
    const { json, settings } = await switchOn()
    expect(json.webhookSetup).toEqual({ registration: 'registered', steps: null })
    expect(settings()).toMatchObject({
      webHooksUri: json.webhookUrl,
      authToken: expect.stringMatching(/^[\w-]{43}$/),
      webHooksFilter: {
        deliveryOrderFilter: filter(['Delivered', 'Closed', 'Cancelled']),
        tableOrderFilter: filter(['Closed', 'Deleted']),
      },
    })
  })

  it('keep another service’s address, and say what to do', async () => {
    const foreign = { webHooksUri: 'https://other.example/hook', authToken: 'theirs', webHooksFilter: null }
    const { tenant, json, settings } = await switchOn(foreign)
    expect(json).toMatchObject({ syncEnabled: true, webhookSetup: { registration: 'occupied' } })
    expect(json.webhookSetup.steps.ru).toContain(json.webhookUrl)
    expect(settings()).toEqual(foreign)
    expect(await capability(tenant, 'webhook_settings')).toMatchObject({ ok: false })
    await tenant.call('DELETE', tenant.path)
    expect(settings()).toEqual(foreign)
  })

  it('keep what else a person has ticked, and are cleared when the integration goes', async () => {
    const { tenant, json, settings } = await switchOn()
    const more = { stopListUpdateFilter: { updates: true }, deliveryOrderFilter: filter(['OnWay']) }
    tenant.sandbox.cloud.hookSettings.set(ORGANIZATION, {
      ...{ webHooksUri: json.webhookUrl, authToken: 'old', webHooksFilter: more },
    })
    expect(await capability(tenant, 'webhook_settings')).toMatchObject({ ok: false })
    await tenant.call('PATCH', tenant.path, { additionalConfig: { ...json.additionalConfig, initialDays: 6 } })
    await tenant.call('POST', `${tenant.path}/webhook-token`)
    expect(settings()?.webHooksUri).not.toBe(json.webhookUrl)
    await tenant.call('DELETE', tenant.path)
    expect(settings()).toMatchObject({ webHooksUri: '' })
  })

  it('take the place of a former address that could not be changed when it was rotated', async () => {
    const { tenant, json, settings } = await switchOn()
    tenant.sandbox.cloud.denied.add('hooks')
    await tenant.call('POST', `${tenant.path}/webhook-token`)
    tenant.sandbox.cloud.denied.clear()
    expect(settings()?.webHooksUri).toBe(json.webhookUrl)
    expect((await capability(tenant, 'webhook_settings'))?.detail).not.toMatch(/another/)
    const again = await tenant.call('POST', `${tenant.path}/webhook-registration`)
    expect(again.json.webhookSetup.registration).toBe('registered')
    expect(settings()?.webHooksUri).toBe(again.json.webhookUrl)
  })

  it('that the key may not change stop nothing: a person enters the address', async () => {
    const tenant = await createCafeTenant({ settings: { initialDays: 7 } })
    tenant.sandbox.cloud.denied.add('hooks')
    const { json } = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
    expect(json).toMatchObject({ syncEnabled: true, webhookSetup: { registration: 'failed' } })
    expect(json.webhookSetup.steps.en).toMatch(/token [\w-]{43};/)
  })
})
