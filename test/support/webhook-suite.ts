// What every connector's webhooks promise, whoever the vendor is. A connector's own tests add its forms and oddities.
import { describe, expect, it } from 'vitest'
import { seeded } from '#sandbox/faults.ts'
import type { HookDelivery, Hooks } from '#sandbox/hooks.ts'
import { expectLedger, type VendorTenant } from '#test/connector-suite.ts'
import { deliver, deliveriesOf, takeAll, workOffHooks } from '#test/hooks.ts'
import { allTransactions, sync } from '#test/tenants.ts'

export interface HookTenant extends VendorTenant {
  readonly hooks: Hooks
}

export interface WebhookCase<T extends HookTenant> {
  readonly type: string
  /** A tenant of its own, synced, whose vendor sends its hooks to it; nothing is on its way. */
  readonly create: () => Promise<T>
  /** What happens at the vendor and is told by a hook, by name. Each may happen again and again. */
  readonly events: Readonly<Record<string, (tenant: T) => void>>
  /** Bodies that tell nothing of sales; `contentType` as the vendor calls them. */
  readonly ignored: Readonly<Record<string, { readonly contentType: string; readonly body: string }>>
  /** The same delivery as another account would send it; left out where the vendor does not tell accounts. */
  readonly foreign?: (delivery: HookDelivery) => HookDelivery
  /** The same delivery from somebody who knows the address and not the secret; left out where there is none. */
  readonly unverified?: (delivery: HookDelivery) => HookDelivery
  /** What the vendor is answered for a body that nobody can read; 200 when left out. */
  readonly unreadableStatus?: number
}

export function describeWebhooks<T extends HookTenant>(vendor: WebhookCase<T>): void {
  const { type, create, events } = vendor
  /** Something has happened, and its hooks are on their way. */
  const happened = (tenant: T, names = Object.keys(events)) => {
    for (const name of names) {
      tenant.context.clock.advance(1500)
      events[name]?.(tenant)
    }
    const deliveries = takeAll(tenant.hooks)
    expect(deliveries.length).toBeGreaterThan(0)
    return deliveries
  }
  const receive = async (tenant: T, deliveries: readonly HookDelivery[]) => {
    for (const delivery of deliveries) expect((await deliver(tenant, delivery)).status).toBe(200)
    await workOffHooks(tenant)
  }

  describe(`${type} webhooks`, () => {
    it.each(Object.keys(events))('follow, without a sync: %s', async (name) => {
      const tenant = await create()
      const before = await allTransactions(tenant)
      await receive(tenant, happened(tenant, [name]))
      await expectLedger(tenant)
      expect(await allTransactions(tenant)).not.toEqual(before)
      expect((await deliveriesOf(tenant)).map(({ status }) => status)).not.toContain('failed')
    })

    it('end in the vendor’s present state in whatever order they come, and twice', async () => {
      const tenant = await create()
      const deliveries = happened(tenant)
      await receive(tenant, deliveries.toReversed())
      await expectLedger(tenant)
      const settled = await allTransactions(tenant)
      await receive(tenant, [...deliveries, ...deliveries])
      expect(await allTransactions(tenant)).toEqual(settled)
    })

    it('make one look of hints that come together', async () => {
      const tenant = await create()
      const deliveries = happened(tenant)
      for (const delivery of [...deliveries, ...deliveries, ...deliveries]) await deliver(tenant, delivery)
      const asked = tenant.vendor.requests.length
      await workOffHooks(tenant)
      const once = tenant.vendor.requests.length - asked
      // Three times as many hints would be three times as many requests.
      expect(once).toBeLessThan(deliveries.length * 3)
      await expectLedger(tenant)
    })

    it('are nobody’s at an address that is not theirs, and nothing is stored', async () => {
      const tenant = await create()
      const [delivery] = happened(tenant)
      if (!delivery) throw new Error('no hook was sent')
      const token = delivery.url.split('/').at(-1) ?? ''
      for (const url of [
        delivery.url.replace(token, `${token.slice(1)}${token.slice(0, 1)}`),
        delivery.url.replace(token, token.slice(1)),
        delivery.url.replace(`/${type}/`, '/csv/'),
        delivery.url.replace(`/${type}/`, '/nobody/'),
      ]) {
        expect((await deliver(tenant, delivery, url)).status).toBe(404)
      }
      expect(await deliveriesOf(tenant)).toEqual([])
      expect(tenant.context.messages).toEqual([])
    })

    it('are kept as rejected, with the reason, when nobody can read them', async () => {
      const tenant = await create()
      const [delivery] = happened(tenant)
      if (!delivery) throw new Error('no hook was sent')
      const bodies = ['{"half":', '', '\u0000']
      for (const body of bodies) {
        const { status } = await deliver(tenant, { ...delivery, body })
        expect(status).toBe(vendor.unreadableStatus ?? 200)
      }
      const kept = await deliveriesOf(tenant, '&status=rejected')
      expect(kept).toHaveLength(bodies.length)
      for (const { reason } of kept) expect(reason).toMatchObject({ code: 'unreadable', message: expect.any(String) })
      expect(tenant.context.messages).toEqual([])
    })

    it('are answered and left at that when they tell nothing of sales', async () => {
      const tenant = await create()
      const [delivery] = happened(tenant)
      if (!delivery) throw new Error('no hook was sent')
      for (const [name, { contentType, body }] of Object.entries(vendor.ignored)) {
        const headers = { ...delivery.headers, 'content-type': contentType }
        expect((await deliver(tenant, { ...delivery, headers, body })).status, name).toBe(200)
        const [kept] = await deliveriesOf(tenant)
        expect(kept, name).toMatchObject({ status: 'ignored', hasBody: false, externalIds: [] })
      }
      const all = await deliveriesOf(tenant)
      const count = all.reduce((sum: number, { repeats }) => sum + 1 + repeats, 0)
      expect(count).toBe(Object.keys(vendor.ignored).length)
      expect(tenant.context.messages).toEqual([])
      expect((await tenant.call('GET', tenant.path)).json.webhooks).toMatchObject({ status: 'live' })
    })

    it('look again later when the vendor is down for the moment', async () => {
      const tenant = await create()
      const deliveries = happened(tenant)
      tenant.vendor.faults.plan.next = ['503', '429', 'html', 'reset']
      await receive(tenant, deliveries)
      await expectLedger(tenant)
    })

    it('show their address’s token and secret in no log line and no delivery', async () => {
      const tenant = await create()
      const deliveries = happened(tenant)
      await receive(tenant, deliveries)
      const token = deliveries[0]?.url.split('/').at(-1) ?? ''
      const seen = [JSON.stringify(await deliveriesOf(tenant)), ...tenant.context.logged].join('\n')
      for (const secret of [token, ...tenant.vendor.secrets]) expect(seen).not.toContain(secret)
    })

    it('of half a day, with repeats, in disorder and one in ten lost, beside polling: the database equals the books', async () => {
      const tenant = await create()
      await replayHours(tenant, Object.values(events))
      await expectLedger(tenant)
    })

    if (vendor.foreign) {
      it('are not worked off when they are about another account', async () => {
        const tenant = await create()
        const [delivery] = happened(tenant)
        if (!delivery || !vendor.foreign) throw new Error('no hook was sent')
        await deliver(tenant, vendor.foreign(delivery))
        const asked = tenant.vendor.requests.length
        await workOffHooks(tenant)
        expect(tenant.vendor.requests.length).toBe(asked)
        expect(await deliveriesOf(tenant)).toMatchObject([{ status: 'rejected', reason: { code: 'foreign_account' } }])
      })
    }

    if (vendor.unverified) {
      it('are refused, counted and never worked off without the secret', async () => {
        const tenant = await create()
        const [delivery] = happened(tenant)
        if (!delivery || !vendor.unverified) throw new Error('no hook was sent')
        for (let times = 0; times < 3; times += 1) {
          expect((await deliver(tenant, vendor.unverified(delivery))).status).toBe(401)
        }
        expect(tenant.context.messages).toEqual([])
        const [kept] = await deliveriesOf(tenant)
        expect(kept).toMatchObject({ status: 'rejected', repeats: 2, reason: { code: 'unverified' } })
        const replay = await tenant.call('POST', `${tenant.path}/webhook-deliveries/${kept.id}/replay`)
        expect(replay.json).toMatchObject({ code: 'not_replayable' })
      })
    }
  })
}

const HOURS = 12
const EVENTS_AN_HOUR = 3

/** Each hour things happen; of their hooks one in ten is lost, one in three comes twice, and they come in any order. */
async function replayHours<T extends HookTenant>(tenant: T, events: readonly ((tenant: T) => void)[]): Promise<void> {
  const random = seeded(7)
  const late: HookDelivery[] = []
  for (let hour = 0; hour < HOURS; hour += 1) {
    for (let count = 0; count < EVENTS_AN_HOUR; count += 1) {
      tenant.context.clock.advance(20 * 60_000)
      events[Math.floor(random() * events.length)]?.(tenant)
    }
    const sent = takeAll(tenant.hooks).filter(() => random() >= 0.1)
    const repeated = sent.flatMap((delivery) => (random() < 1 / 3 ? [delivery, delivery] : [delivery]))
    // Some come an hour late, when their object has changed again.
    const [now, later] = [repeated.filter(() => random() < 0.8), repeated.filter(() => random() < 0.2)]
    for (const delivery of [...late.splice(0), ...now].toSorted(() => random() - 0.5)) await deliver(tenant, delivery)
    late.push(...later)
    await tenant.context.drain()
    if (hour % 6 === 5) expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  }
  await workOffHooks(tenant)
  tenant.context.clock.advance(28 * 3_600_000)
  expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
}
