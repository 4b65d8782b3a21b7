// What every connector promises, whoever the vendor is. A connector's own tests add its traps; this is the same for
// all.
import { describe, expect, it } from 'vitest'
import { findConnector } from '#crm/registry.ts'
import type { Faults } from '#sandbox/faults.ts'
import { describeBelief } from '#test/belief-suite.ts'
import { describeCheck } from '#test/check-suite.ts'
import { collect, cursorOf, idsOf, openedSession, storedCursor } from '#test/pulls.ts'
import { allTransactions, type Connected, sync } from '#test/tenants.ts'

/** A transaction as the vendor's own books know it; compared by the members it has. */
interface LedgerEntry {
  readonly externalId: string
  readonly status: string
  readonly amountMinor: number
  readonly occurredAt: string
}

/** The vendor's side of a tenant. */
interface Vendor {
  readonly faults: Faults
  /** Every request that reached it. */
  readonly requests: readonly unknown[]
  /** What the database must hold once everything has been shown. */
  readonly ledger: () => readonly LedgerEntry[]
  /** Somebody buys something, now. */
  readonly sell: () => void
  /** From now on the stored credentials are refused. */
  readonly revoke: () => void
  /** From now on a right is missing; the name of the capability that tells so in the connection report. */
  readonly forbid: () => string
  /** From now on every object that is shown has fields that nobody knows. */
  readonly addUnknownFields: () => void
  /** So many more sales are shown from now on, each in a form that nobody can read. They are not in the ledger. */
  readonly addOddRows?: (count: number) => void
  /**
   * Takes one of the sales whose ids begin so out of the books, without a trace. Where the vendor can be asked for a
   * period.
   */
  readonly vanish?: { readonly prefix: string; readonly remove: (id: string) => void }
  /** What must never be seen outside. */
  readonly secrets: readonly string[]
}

export interface VendorTenant extends Connected {
  readonly vendor: Vendor
}

export interface ConnectorCase {
  readonly type: string
  /** A tenant of its own with some weeks of sales. */
  readonly create: () => Promise<VendorTenant>
  /** Vendor calls that a sync may need at most when nothing has changed since the last one. */
  readonly idleCallsMax: number
  /** It believes refusals in the vendor's own words only, and its vendor has `addOddRows`. A file has no vendor. */
  readonly believesOnlyVendor: boolean
}

const DAY_MS = 86_400_000
const RETRIED = ['500', '503', 'html', 'truncated', 'reset'] as const
/** Of a long pull so many pages are gone on from: the first, the last but one and some between. */
const CURSORS = 8

export function describeConnector({ type, create, idleCallsMax, believesOnlyVendor }: ConnectorCase): void {
  if (believesOnlyVendor) describeBelief({ type, create, expectLedger })
  describe(`${type} keeps the promises of every connector`, () => {
    it('stores exactly what the vendor has', async () => {
      const tenant = await create()
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
      expect(tenant.vendor.ledger().length).toBeGreaterThan(20)
      await expectLedger(tenant)
    })

    it('changes nothing when nothing has changed, and asks for little', async () => {
      const tenant = await create()
      await sync(tenant)
      const before = await allTransactions(tenant)
      await sync(tenant)
      const asked = tenant.vendor.requests.length
      const run = await sync(tenant)
      expect(run).toMatchObject({ status: 'succeeded', counters: { inserted: 0, updated: 0, quarantined: 0 } })
      expect(tenant.vendor.requests.length - asked).toBeLessThanOrEqual(idleCallsMax)
      expect(await allTransactions(tenant)).toEqual(before)
    })

    it('brings what was sold since', async () => {
      const tenant = await create()
      await sync(tenant)
      tenant.context.clock.advance(5 * 60_000)
      tenant.vendor.sell()
      tenant.context.clock.advance(5 * 60_000)
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
      await expectLedger(tenant)
    })

    if (findConnector(type)?.capabilities.backfill) {
      describeCheck(type, create)

      it('scans wide when a person asks, and only then finds what vanished a week ago without a trace', async () => {
        const tenant = await create()
        await sync(tenant)
        const externalId = vanishOne(tenant)
        const { connector, session } = await openedSession(tenant, tenant.context.clock.now())
        expect(idsOf(await collect(connector.pull(session, await cursorOf(tenant))))).not.toContain(externalId)
        const { status } = tenant.vendor.ledger().find((entry) => entry.externalId === externalId) ?? {}
        expect(status).toBe('cancelled')
        // What no list shows counts after two scans.
        for (const _ of [1, 2]) expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
        await expectLedger(tenant)
      })

      it('follows a plan of an earlier run by a fresh one, which finds what was sold since', async () => {
        const tenant = await create()
        const startedAt = tenant.context.clock.now()
        const { connector, session } = await openedSession(tenant, startedAt)
        const pages = await collect(connector.pull(session, null))
        const before = new Set(tenant.vendor.ledger().map(({ externalId }) => externalId))
        tenant.context.clock.advance(5 * 60_000)
        tenant.vendor.sell()
        const { session: later } = await openedSession(tenant, tenant.context.clock.now())
        const rest = await collect(connector.pull(later, storedCursor(connector, pages.at(-2))))
        const sold = tenant.vendor.ledger().find(({ externalId }) => !before.has(externalId))
        expect(idsOf(rest)).toContain(sold?.externalId)
      })

      // A slice may end with any page, the last one too. Were the backfill made again, one that is exactly as long as
      // a slice would never end.
      it('leaves nothing to do after the last page of a backfill', async () => {
        const tenant = await create()
        const to = tenant.context.clock.now()
        const window = { from: new Date(to.getTime() - 5 * DAY_MS).toISOString(), to: to.toISOString() }
        const { connector, session } = await openedSession(tenant, to)
        const pages = await collect(connector.pull(session, null, window))
        expect(idsOf(pages).length).toBeGreaterThan(0)
        const { session: next } = await openedSession(tenant, to)
        const rest = await collect(connector.pull(next, storedCursor(connector, pages.at(-1)), window))
        expect(rest).toEqual([])
      })
    }

    it('passes its connection test and shows a sample of what it will store', async () => {
      const tenant = await create()
      const { json } = await tenant.call('POST', `${tenant.path}/test`)
      expect(json.ok, JSON.stringify(json.capabilities)).toBe(true)
      expect(json.sample.length).toBeGreaterThan(0)
      await sync(tenant)
      const stored = new Map((await allTransactions(tenant)).map((item) => [item.externalId, item]))
      const paid = json.sample.filter(({ status }: LedgerEntry) => status === 'paid')
      for (const { id: _, changeSeq: __, createdAt: ___, updatedAt: ____, ...shown } of paid) {
        expect(stored.get(shown.externalId)).toMatchObject({
          ...shown,
          occurredAt: new Date(shown.occurredAt).toISOString(),
          ...(shown.sourceUpdatedAt && { sourceUpdatedAt: new Date(shown.sourceUpdatedAt).toISOString() }),
        })
      }
    })

    it('stops for a person when the credentials are refused, in the test and in the sync alike', async () => {
      const tenant = await create()
      tenant.vendor.revoke()
      const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': 'ru' })
      expect(json.ok).toBe(false)
      const credentials = json.capabilities.find(({ name }: { name: string }) => name === 'credentials')
      expect(credentials).toMatchObject({ required: true, ok: false, detail: expect.stringMatching(/[а-я]/) })
      const asked = tenant.vendor.requests.length
      const run = await sync(tenant)
      expect(run).toMatchObject({ status: 'failed', attempt: 0, error: { kind: 'auth' } })
      expect(tenant.vendor.requests.length - asked).toBeLessThanOrEqual(3)
      const { json: integration } = await tenant.call('GET', tenant.path)
      expect(integration).toMatchObject({ syncEnabled: false, connection: { status: 'failed' } })
    })

    it('names a missing right, in the test and in the sync alike', async () => {
      const tenant = await create()
      const name = tenant.vendor.forbid()
      const { json } = await tenant.call('POST', `${tenant.path}/test`, undefined, { 'accept-language': 'ru' })
      expect(json.ok).toBe(false)
      const failed = json.capabilities.filter((one: { ok: boolean; required: boolean }) => one.required && !one.ok)
      expect(failed.map((one: { name: string }) => one.name)).toContain(name)
      expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    })

    it('waits a 429 out, with and without Retry-After, and uses up no retry', async () => {
      const tenant = await create()
      tenant.vendor.faults.plan.next = ['429', '429-silent', '429', '429', '429', '429-silent']
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', attempt: 0 })
      await expectLedger(tenant)
    })

    it('tries again after every kind of answer that is none', async () => {
      const tenant = await create()
      const { plan, played } = tenant.vendor.faults
      Object.assign(plan, { kinds: RETRIED, every: 4 })
      for (let missing = [...RETRIED]; missing.length > 0; missing = missing.filter((fault) => !played.has(fault))) {
        plan.next = missing.slice(0, 1)
        expect(await sync(tenant)).toMatchObject({ status: 'succeeded', error: null })
        await expectLedger(tenant)
        // A vendor that is asked for little has not played all of them: each of the others strikes what is asked first.
        plan.every = 0
        tenant.vendor.sell()
        tenant.context.clock.advance(5 * 60_000)
      }
    })

    it('fails with a reason when the vendor stays down, and goes on from there later', async () => {
      const tenant = await create()
      tenant.vendor.faults.plan.rate = 1
      expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
      tenant.vendor.faults.plan.rate = 0
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
      await expectLedger(tenant)
    })

    it('is blind to fields that it does not know', async () => {
      const tenant = await create()
      tenant.vendor.addUnknownFields()
      expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0 } })
      await expectLedger(tenant)
    })

    it('goes on from the cursor of any of its pages: nothing is lost and nothing comes twice', async () => {
      const tenant = await create()
      const startedAt = tenant.context.clock.now()
      const { connector, session } = await openedSession(tenant, startedAt)
      const pages = await collect(connector.pull(session, null))
      expect(pages.length).toBeGreaterThan(1)
      for (const index of spread(pages.length - 1, CURSORS)) {
        const stored = storedCursor(connector, pages[index])
        const rest = await collect(connector.pull((await openedSession(tenant, startedAt)).session, stored))
        expect(idsOf(rest), `from page ${index}`).toEqual(idsOf(pages.slice(index + 1)))
      }
    })

    it('shows its secrets in no log line and no answer, whatever goes wrong', async () => {
      const tenant = await create()
      const texts: string[] = []
      const look = async () => {
        for (const path of ['', '/runs', '/quarantine', '/transactions?limit=5']) {
          texts.push((await tenant.call('GET', `${tenant.path}${path}`)).text)
        }
        texts.push((await tenant.call('POST', `${tenant.path}/test`)).text)
      }
      tenant.vendor.faults.plan.next = [...RETRIED, '429']
      await sync(tenant)
      await look()
      tenant.vendor.revoke()
      await sync(tenant)
      await look()
      const seen = [...texts, ...tenant.context.logged].join('\n')
      expect(tenant.vendor.secrets.length).toBeGreaterThan(0)
      for (const secret of tenant.vendor.secrets) expect(seen).not.toContain(secret)
    })
  })
}

export async function expectLedger(tenant: VendorTenant): Promise<void> {
  const stored = new Map((await allTransactions(tenant)).map((item) => [item.externalId, item]))
  const ledger = tenant.vendor.ledger()
  expect(new Set(stored.keys())).toEqual(new Set(ledger.map(({ externalId }) => externalId)))
  for (const { externalId, status, amountMinor, occurredAt } of ledger) {
    const { occurredAt: storedAt, ...row } = stored.get(externalId)
    expect({ externalId, ...row }).toMatchObject({ externalId, status, amountMinor })
    expect(new Date(storedAt).toISOString(), externalId).toBe(new Date(occurredAt).toISOString())
  }
}

/** Up to `most` of the numbers below `count`, evenly spread, the first and the last among them. */
function spread(count: number, most: number): Set<number> {
  return new Set(Array.from({ length: most }, (_, n) => Math.round((n * (count - 1)) / (most - 1))))
}

/** Older than what every sync reads anyway, younger than what the first one has read. */
function vanishOne({ vendor, context }: VendorTenant): string {
  const { prefix = '', remove } = vendor.vanish ?? {}
  const age = ({ occurredAt }: LedgerEntry) => (context.clock.now().getTime() - Date.parse(occurredAt)) / DAY_MS
  const isOne = (entry: LedgerEntry) => entry.externalId.startsWith(prefix) && entry.status === 'paid'
  const one = vendor.ledger().find((entry) => isOne(entry) && age(entry) > 8 && age(entry) < 12)
  if (!one || !remove) throw new Error('nothing can vanish')
  remove(one.externalId.slice(prefix.length))
  return one.externalId
}
