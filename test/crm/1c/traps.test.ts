// What this vendor is known to do (its README has the sources), played by the sandbox, seen from the API.
import { describe, expect, it } from 'vitest'
import { allTransactions, sync } from '#test/tenants.ts'
import { createShopTenant, cursorOf, daysAgo, linesOf, pullFrom, saleOf, sell, storedSales } from '#test/shop.ts'

describe('encoding', () => {
  it('a + for a space (trap 1) and bare Cyrillic (trap 2) are never sent, user and password go as UTF-8', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    const { apiKey, apiSecret } = tenant.sandbox.credentials
    expect(apiKey + apiSecret).toMatch(/[а-я]/)
    expect(tenant.sandbox.requests.length).toBeGreaterThan(5)
    for (const line of tenant.sandbox.requests) expect(line).toMatch(/^GET [\x21-\x2A\x2C-\x7E]+$/)
    // The base would refuse a plus.
    const authorization = `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${apiKey}:${apiSecret}`)))}`
    const url = 'http://127.0.0.1:9/odata/standard.odata/Document_ЧекККМ?$format=json&$filter=Posted+eq+true'
    expect((await tenant.sandbox.app.request(url, { headers: { authorization } })).status).toBe(400)
  })

  it('takes the address of the service as well as that of the base', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    const apiUrl = 'http://127.0.0.1:9/odata/standard.odata/'
    await tenant.call('PATCH', tenant.path, { apiUrl })
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
  })
})

describe('what values look like', () => {
  it('whole numbers as text (trap 3), padded text (trap 19) and empty references and dates (trap 5) are read', async () => {
    const tenant = await createShopTenant({ configuration: 'unf' })
    const { shop } = tenant.sandbox
    const lines = [...linesOf(tenant), { ...(linesOf(tenant)[0] ?? never()), quantity: 3 }]
    shop.add({ at: daysAgo(tenant, 1), lines, card: shop.addCard('2000000012345', null) })
    const bare = sell(tenant)
    await sync(tenant)
    const carded = (await storedSales(tenant)).find(({ card }) => card !== null)
    expect(carded).toMatchObject({ card: '2000000012345', items: [{ name: 'Кофе', quantity: 1 }, { quantity: 3 }] })
    expect((await saleOf(tenant, bare))?.customer).toBeNull()
  })

  it('a byte order mark before JSON is dropped (trap 8)', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    await sync(tenant)
    // Every third answer of the sandbox begins with one.
    expect(tenant.sandbox.requests.length).toBeGreaterThan(9)
    expect((await allTransactions(tenant)).length).toBe(tenant.sandbox.ledger().length)
  })

  it('numbers of receipts repeat per desk and year (trap 17): two with one number are two sales', async () => {
    const tenant = await createShopTenant()
    const { shop } = tenant.sandbox
    const [first, second] = [sell(tenant, 1), sell(tenant, 1)]
    for (const { id } of [first, second]) Object.assign(shop.get(id), { number: 7 })
    await sync(tenant)
    expect(await allTransactions(tenant)).toHaveLength(2)
  })

  it('a customer of composite type is found by the catalog that its type names (trap 18)', async () => {
    const tenant = await createShopTenant({ configuration: 'bp' })
    const { shop } = tenant.sandbox
    const person = shop.addPerson({ name: 'ООО «Ромашка»', phone: '+79001234567', email: 'r@example.com' })
    const receipt = shop.add({ at: daysAgo(tenant, 1), lines: linesOf(tenant), person })
    await sync(tenant)
    const customer = { externalId: person.id, name: 'ООО «Ромашка»', phone: '+79001234567', email: 'r@example.com' }
    expect(await saleOf(tenant, receipt)).toMatchObject({ customer })
  })

  it('a sum that a list leaves out is read from the document itself', async () => {
    const tenant = await createShopTenant()
    const receipt = sell(tenant, 1, 250)
    tenant.sandbox.sumless.add(receipt.id)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { quarantined: 0 } })
    expect(await saleOf(tenant, receipt)).toMatchObject({ amountMinor: 25_000 })
  })
})

describe('answers that mean several things', () => {
  it('401 without a code is a wrong password, 401 with code 20 a missing right (trap 6); the error key has a dot (trap 4)', async () => {
    const wrong = await createShopTenant({ demo: true, receipts: 25 })
    await wrong.call('PATCH', wrong.path, { credentials: { apiSecret: 'не тот' } })
    const refused = await sync(wrong)
    expect(refused).toMatchObject({ status: 'failed', error: { kind: 'auth' } })
    expect(refused.error.message).toContain('password')
    const limited = await createShopTenant({ demo: true, receipts: 25 })
    limited.sandbox.denied.add('Document_ЧекККМ')
    const forbidden = await sync(limited)
    expect(forbidden).toMatchObject({ status: 'failed', error: { kind: 'forbidden' } })
    expect(forbidden.error.message).toContain('Document_ЧекККМ')
  })

  it('a page of HTML with 200 (trap 7) is an outage, never an empty list', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    await sync(tenant)
    const before = await allTransactions(tenant)
    tenant.sandbox.faults.plan.rate = 1
    tenant.sandbox.faults.plan.kinds = ['html']
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect(await allTransactions(tenant)).toEqual(before)
  })

  it('an empty composition (trap 14) is told from an unknown configuration, and both say what to do', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    tenant.sandbox.published.clear()
    const publication = async () => {
      const { json } = await tenant.call('POST', `${tenant.path}/test`)
      return [json.ok, json.capabilities.find(({ name }: { name: string }) => name === 'publication')]
    }
    const unpublished = { required: true, ok: false, detail: expect.stringContaining('Setup of the standard OData') }
    expect(await publication()).toEqual([false, { name: 'publication', title: 'Publication', ...unpublished }])
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'not_found' } })
  })

  it('nightly backups and updates answer 503 (trap 21): the sync goes on from where it stood', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 90, settings: { pageSize: 20 } })
    let lists = 0
    tenant.sandbox.onList = () => {
      lists += 1
      if (lists === 14) Object.assign(tenant.sandbox.faults.plan, { rate: 1, kinds: ['503'] })
    }
    expect(await sync(tenant)).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } })
    expect((await allTransactions(tenant)).length).toBeGreaterThan(0)
    Object.assign(tenant.sandbox, { onList: null })
    tenant.sandbox.faults.plan.rate = 0
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded' })
    expect(await storedSales(tenant)).toEqual(tenant.sandbox.ledger())
  })
})

describe('no time of change', () => {
  it('back-dated entries and late edits are found (trap 12): in the overlap at once, further back when a person asks', async () => {
    const tenant = await createShopTenant()
    const old = sell(tenant, 20)
    await sync(tenant)
    const { shop } = tenant.sandbox
    const backdated = [sell(tenant, 2), sell(tenant, 30)]
    shop.change(old.id, { posted: false })
    await sync(tenant)
    for (const receipt of backdated) expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid' })
    expect(await saleOf(tenant, old)).toMatchObject({ status: 'unpaid', amountMinor: 10_000 })
  })

  it('an unposted receipt that is posted later is stored then', async () => {
    const tenant = await createShopTenant()
    const receipt = tenant.sandbox.shop.add({ at: daysAgo(tenant, 1), lines: linesOf(tenant), posted: false })
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 0, skipped: 1 })
    tenant.sandbox.shop.change(receipt.id, { posted: true })
    expect((await sync(tenant)).counters).toMatchObject({ inserted: 1 })
  })

  it('a document dated far ahead is stored and moves no mark', async () => {
    const tenant = await createShopTenant()
    const ahead = sell(tenant, -400)
    await sync(tenant)
    expect(await saleOf(tenant, ahead)).toMatchObject({ status: 'paid' })
    const now = sell(tenant, 0)
    await sync(tenant)
    expect(await saleOf(tenant, now)).toMatchObject({ status: 'paid' })
  })
})

describe('one sale in several places', () => {
  it('receipts are not counted again in the report of the shift and in the register (trap 13)', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    expect([...tenant.sandbox.published]).toEqual(
      expect.arrayContaining(['Document_ОтчетОРозничныхПродажах', 'AccumulationRegister_Продажи_RecordType']),
    )
    await sync(tenant)
    const sets = new Set((await allTransactions(tenant)).map(({ externalId }) => externalId.split(':')[0]))
    expect([...sets]).toEqual(['Document_ЧекККМ'])
  })

  it('what stands beside receipts is read only when the settings say so', async () => {
    const invoices = { entitySet: 'Document_РасходнаяНакладная', kind: 'sale' }
    const settings = { preset: 'unf', documents: [invoices] }
    const tenant = await createShopTenant({ demo: true, receipts: 40, configuration: 'unf', settings })
    await sync(tenant)
    const sets = new Set((await allTransactions(tenant)).map(({ externalId }) => externalId.split(':')[0]))
    expect(sets).toEqual(new Set(['Document_ЧекККМ', 'Document_ЧекККМВозврат', 'Document_РасходнаяНакладная']))
  })
})

describe('an update of the configuration (trap 20)', () => {
  it('that renames a field costs that field and nothing else', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    // What was read alike twice is not read again.
    for (const _ of [1, 2]) await sync(tenant)
    tenant.sandbox.renamed.set('ДисконтнаяКарта_Key', 'УдалитьДисконтнаяКарта_Key')
    const receipt = sell(tenant, 0)
    expect(await sync(tenant)).toMatchObject({ status: 'succeeded', counters: { inserted: 1 } })
    expect(await saleOf(tenant, receipt)).toMatchObject({ status: 'paid', customer: null })
  })

  it('that renames the sum stops with the set and the field by name', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    tenant.sandbox.renamed.set('СуммаДокумента', 'УдалитьСуммаДокумента')
    const run = await sync(tenant)
    expect(run).toMatchObject({ status: 'failed', error: { kind: 'rejected' } })
    expect(run.error.message).toContain('Document_ЧекККМ has no field СуммаДокумента')
  })

  it('that takes a catalog out of the interface costs names, on the same day', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 10 })
    await sync(tenant)
    const cursor = await cursorOf(tenant)
    const receipt = sell(tenant, 0)
    tenant.sandbox.published.delete('Catalog_Номенклатура')
    const records = (await pullFrom(tenant, cursor)).flatMap((page) => page.records)
    const shown = records.find(
      (record) => record.type === 'transaction' && record.transaction.externalId.endsWith(receipt.id),
    )
    expect(shown).toMatchObject({ transaction: { status: 'paid', items: [{ name: 'Товар' }] } })
  })

  it('in the middle of a sync is noticed: the base is looked into again and the sync goes on', async () => {
    const tenant = await createShopTenant({ demo: true, receipts: 25 })
    await sync(tenant)
    const receipt = sell(tenant, 0)
    // Known since the last look into the base, which was today.
    const cursor = await cursorOf(tenant)
    tenant.sandbox.renamed.set('Магазин_Key', 'УдалитьМагазин_Key')
    const pages = await pullFrom(tenant, cursor)
    expect(pages.flatMap(({ records }) => records)).toContainEqual(
      expect.objectContaining({
        transaction: expect.objectContaining({ externalId: `Document_ЧекККМ:${receipt.id}`, location: null }),
      }),
    )
  })
})

function never(): never {
  throw new Error('the demo has too few receipts')
}
