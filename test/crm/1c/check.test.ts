// The connection test says what is wrong with a base in the words of whoever has to mend it.
import { describe, expect, it } from 'vitest'
import { createShopTenant, type ShopTenant } from '#test/shop.ts'

async function report(tenant: ShopTenant) {
  const { json } = await tenant.call('POST', `${tenant.path}/test`)
  const capability = (name: string) => json.capabilities.find((one: { name: string }) => one.name === name)
  return {
    ok: json.ok,
    account: json.account,
    names: json.capabilities.map(({ name }: { name: string }) => name),
    capability,
  }
}

const demo = { demo: true, receipts: 60 } as const

it('has an entry for the credentials, the publication, each document, the catalogs, the phones and the webhooks', async () => {
  const { ok, names, account } = await report(await createShopTenant({ ...demo, configuration: 'unf' }))
  expect(ok).toBe(true)
  expect(names).toEqual([
    'credentials',
    'publication',
    'Document_ЧекККМ',
    'Document_ЧекККМВозврат',
    'catalogs',
    'client_phones',
    'webhook_settings',
  ])
  expect(account).toMatchObject({ timezone: 'Europe/Moscow', currency: null })
})

it('asks by the query that the sync asks by, and for a second page where there is one', async () => {
  const tenant = await createShopTenant(demo)
  await report(tenant)
  const lists = tenant.sandbox.requests.map(decodeURIComponent).filter((line) => line.includes('Date ge datetime'))
  expect(lists).toHaveLength(2)
  for (const line of lists)
    expect(line).toMatch(/\$select=Ref_Key,DataVersion.*\$orderby=Date&\$top=\d+&allowedOnly=true$/)
})

it.each([
  ['the sum', { amountField: 'СуммаОплаты' }, 'СуммаОплаты'],
  ['the date', { dateField: 'ДатаПродажи' }, 'ДатаПродажи'],
  ['the customer', { customerField: 'Клиент_Key' }, 'Клиент_Key'],
  ['the card', { cardField: 'Карта_Key' }, 'Карта_Key'],
  ['a table', { itemTables: ['Работы'] }, 'Работы'],
  ['what is required', { required: { field: 'Оплачен', value: true } }, 'Оплачен'],
])('names the set and the field of the settings that the base has not: %s', async (_name, change, field) => {
  const documents = [{ entitySet: 'Document_ЧекККМ', ...change }]
  const tenant = await createShopTenant({ ...demo, receipts: 3, settings: { documents } })
  const { ok, capability } = await report(tenant)
  expect(ok).toBe(false)
  expect(capability('Document_ЧекККМ').detail).toContain(`Document_ЧекККМ has no field ${field}.`)
  const enabled = await tenant.call('PATCH', tenant.path, { syncEnabled: true })
  expect([enabled.status, enabled.json.code]).toEqual([422, 'connection_test_failed'])
  expect(enabled.json.detail).toContain(field)
})

it('says which set is not published', async () => {
  const documents = [{ entitySet: 'Document_ЗаказНаряд', kind: 'sale' }]
  const { capability } = await report(await createShopTenant({ ...demo, settings: { documents } }))
  expect(capability('Document_ЗаказНаряд')).toMatchObject({ required: true, ok: false })
  expect(capability('Document_ЗаказНаряд').detail).toContain('Not published: Document_ЗаказНаряд.')
})

it('says when no value of the operation is known, with those that there are', async () => {
  const kind = { field: 'ВидОперации', sale: ['Реализация'], refund: ['ВозвратТовара'] }
  const documents = [{ entitySet: 'Document_ЧекККМ', kind }]
  const { capability } = await report(await createShopTenant({ ...demo, settings: { documents } }))
  expect(capability('Document_ЧекККМ').detail).toMatch(/ВидОперации of Document_ЧекККМ.*\((?:Продажа|Возврат|, )+\)/)
})

describe('catalogs', () => {
  it('that are not published cost names and phones, and do not stop a sync', async () => {
    const tenant = await createShopTenant(demo)
    for (const name of ['Catalog_ИнформационныеКарты', 'Catalog_Номенклатура']) tenant.sandbox.published.delete(name)
    const { ok, capability } = await report(tenant)
    expect(ok).toBe(true)
    expect(capability('catalogs')).toMatchObject({ required: false, ok: false })
    expect(capability('catalogs').detail).toMatch(
      /Catalog_ИнформационныеКарты.*Catalog_Номенклатура|Catalog_Номенклатура.*Catalog_ИнформационныеКарты/,
    )
  })

  it('that are published and may not be read are left out, by name', async () => {
    const tenant = await createShopTenant(demo)
    tenant.sandbox.denied.add('Catalog_ИнформационныеКарты')
    const { ok, capability } = await report(tenant)
    expect(ok).toBe(true)
    expect(capability('catalogs')).toMatchObject({ required: false, ok: false })
    expect(capability('catalogs').detail).toContain('may not read Catalog_ИнформационныеКарты')
  })
})

it('says when no customer has a phone', async () => {
  const tenant = await createShopTenant(demo)
  for (const person of tenant.sandbox.shop.people.values()) person.phone = ''
  const { ok, capability } = await report(tenant)
  expect([ok, capability('client_phones').ok]).toEqual([true, false])
  expect(capability('client_phones').detail).toContain('A card’s number is the phone')
})

it('tells a wrong address from a wrong password', async () => {
  const tenant = await createShopTenant(demo)
  await tenant.call('PATCH', tenant.path, { apiUrl: 'http://127.0.0.1:9/nowhere' })
  const { capability } = await report(tenant)
  expect(capability('publication').detail).toContain('no OData service at this address')
})

it.each([
  ['http://127.0.0.1:9', '127.0.0.1:9'],
  ['http://127.0.0.1:9/odata/standard.odata', '127.0.0.1:9'],
])('calls the account by its address: %s', async (apiUrl, name) => {
  const tenant = await createShopTenant({ ...demo, receipts: 3 })
  await tenant.call('PATCH', tenant.path, { apiUrl })
  expect((await report(tenant)).account).toMatchObject({ externalId: apiUrl, name })
})

describe('what is saved', () => {
  it('needs the address of the base: there is no default', async () => {
    const tenant = await createShopTenant({ receipts: 1 })
    const { status, json } = await tenant.call('PATCH', tenant.path, { apiUrl: null })
    expect([status, json.errors]).toEqual([400, [{ path: 'apiUrl', code: 'required', message: 'is required' }]])
  })

  it('is refused at once with the path of what is wrong', async () => {
    const tenant = await createShopTenant({ receipts: 1 })
    const additionalConfig = {
      timezone: 'Moscow',
      pageSize: 0,
      colour: 'red',
      documents: [{ entitySet: 'Catalog_Контрагенты', kind: 'sale' }],
    }
    const { status, json } = await tenant.call('PATCH', tenant.path, { additionalConfig })
    expect(status).toBe(400)
    expect(json.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      ...[
        'additionalConfig.colour',
        'additionalConfig.documents.0.entitySet',
        'additionalConfig.pageSize',
        'additionalConfig.timezone',
      ],
    ])
  })
})
