// The country by which each connector reads national phones, and forms that only one vendor has.
import { describe, expect, it } from 'vitest'
import { toCustomer } from '#crm/amo_crm/map.ts'
import { Contact } from '#crm/amo_crm/schema.ts'
import { mapDocument } from '#crm/1c/map.ts'
import { specOf } from '#crm/1c/documents.ts'
import { Settings as OneCSettings } from '#crm/1c/settings.ts'
import { mapReceipts } from '#crm/iiko/receipts.ts'
import { contactOf } from '#crm/renovatio/map.ts'
import { VisitHint } from '#crm/renovatio/schema.ts'
import { toCustomer as toYclientsCustomer } from '#crm/yclients/customer.ts'
import { Visit } from '#crm/yclients/schema.ts'
import type { MappedRecord } from '#crm/contract.ts'

const BELARUS = { timezone: 'Europe/Minsk', currency: 'BYN' }
const RUSSIA = { timezone: 'Europe/Moscow', currency: 'RUB' }
const NATIONAL = '80291234567'

function phoneOf(record: MappedRecord | undefined): string | null {
  if (record?.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction.customer?.phone ?? null
}

describe('amo_crm', () => {
  const phoneIn = (value: unknown, { country = 'RU', ...where }: { country?: string | null } & typeof RUSSIA) => {
    const contact = { id: 1, custom_fields_values: [{ field_id: 9, field_code: 'PHONE', values: [{ value }] }] }
    return toCustomer(Contact.parse(contact), { ...where, country, hasCustomers: false }).phone
  }

  it('D6: reads national phones by the account’s country, else by its currency', () => {
    expect(phoneIn(NATIONAL, RUSSIA)).toBeNull()
    expect(phoneIn(NATIONAL, { ...RUSSIA, country: 'BY' })).toBe('+375291234567')
    expect(phoneIn(NATIONAL, { ...BELARUS, country: null })).toBe('+375291234567')
  })

  it('D7: reads a phone that is a number', () => {
    expect(phoneIn(79_001_112_233, RUSSIA)).toBe('+79001112233')
  })
})

describe('D6: national phones are read by the currency and the zone', () => {
  it.each([
    [BELARUS, '+375291234567'],
    [RUSSIA, null],
  ])('of %j', (where, phone) => {
    const { client } = Visit.parse({ id: 1, date: '', client: { id: 5, name: 'Анна', phone: NATIONAL } })
    expect(toYclientsCustomer(client, { ...where, companyId: '1', title: null })?.phone).toBe(phone)
    const receipt = { Ref_Key: '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02', Posted: true, Date: '2026-11-20T13:46:40' }
    const spec = specOf(OneCSettings.parse({ timezone: 'Europe/Moscow' }), 'Document_ЧекККМВозврат')
    const mapping = { ...where, spec, cardIsPhone: false, references: { get: () => null } }
    expect(phoneOf(mapDocument({ ...receipt, СуммаДокумента: 1, phone: NATIONAL, card: '7' }, mapping))).toBe(phone)
  })

  it('of a clinic', () => {
    const visit = VisitHint.parse({ patient_phone: 'нет', patient_mobile: '029 123-45-67' })
    expect(contactOf(visit, { callingCode: '375' }).phone).toBe('+375291234567')
    expect(contactOf(visit, { callingCode: '7' }).phone).toBeNull()
  })
})

it('D8: iiko’s reports have one calling code too many', () => {
  const sold = [{ 'UniqOrderId.Id': 'A', CloseTime: '2026-11-20T13:46:40', DishId: '1', DishDiscountSumInt: 1 }]
  const guests = [{ 'UniqOrderId.Id': 'A', 'Delivery.CustomerPhone': '779161234567' }]
  const restaurant = { ...RUSSIA, id: 'org', name: null, callingCode: '7' }
  const context = { restaurants: [restaurant], departments: null, outlets: new Map() } as const
  const { records } = mapReceipts({ sold, guests, unpaid: [] }, context)
  expect(phoneOf(records[0])).toBe('+79161234567')
})
