// What a form needs to connect any CRM.
import { expect, it } from 'vitest'
import { createTestContext } from '#test/context.ts'
import { createSalonTenant, createTenant } from '#test/tenants.ts'

const CYRILLIC = /[а-яё]/i

it('titles every setting in both languages, and each way and step', async () => {
  const { call } = await createTenant(createTestContext())
  const { json } = await call('GET', '/v1/crm-types')
  for (const type of json.items) {
    const named = type.settings.map(({ name }: { name: string }) => name)
    expect(named.toSorted(), type.crmType).toEqual(Object.keys(type.additionalConfigSchema.properties).toSorted())
    expect(type.ways.length, type.crmType).toBeGreaterThan(0)
    expect(type.guide.ru).toHaveLength(type.guide.en.length)
    for (const text of type.guide.ru) expect(text).toMatch(CYRILLIC)
    for (const { title } of type.capabilityTitles) expect(title.ru).toMatch(CYRILLIC)
  }
  const byType = Object.fromEntries(json.items.map((type: { crmType: string }) => [type.crmType, type]))
  expect(byType['1c'].apiUrl).toMatchObject({ required: true, default: null, label: { ru: 'Адрес базы' } })
  expect(byType['yclients'].apiUrl).toMatchObject({ required: false, default: 'https://api.yclients.com' })
  expect(byType['amo_crm'].ways).toContainEqual({ name: 'consent', isAvailable: expect.any(Boolean) })
  expect(byType['csv'].ways.map(({ name }: { name: string }) => name)).toEqual(['upload', 'file_address'])
})

it('titles the lines of a connection test in the language of the reader', async () => {
  const salon = await createSalonTenant()
  const titles = async (language: string) => {
    const { json } = await salon.call('POST', `${salon.path}/test`, undefined, { 'accept-language': language })
    return json.capabilities.map(({ title }: { title: string }) => title)
  }
  expect(await titles('ru')).toEqual(expect.arrayContaining(['Доступ', 'Филиал', 'Визиты', 'Вебхуки']))
  expect(await titles('en')).toEqual(expect.arrayContaining(['Access', 'Branch', 'Visits', 'Webhooks']))
})
