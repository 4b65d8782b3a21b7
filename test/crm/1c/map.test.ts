import { describe, expect, it } from 'vitest'
import { specOf } from '#crm/1c/documents.ts'
import { decimalOf, type Row, localTimeOf } from '#crm/1c/fields.ts'
import { mapDocument } from '#crm/1c/map.ts'
import { Settings } from '#crm/1c/settings.ts'

const KEY = '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02'
const CARD = '91b2f0aa-77aa-11ee-8f01-00155d0a1b02'
const OWNER = '11111111-77aa-11ee-8f01-00155d0a1b02'
const BUYER = '22222222-77aa-11ee-8f01-00155d0a1b02'
const GOOD = '0d3d33a0-14db-11ea-bed9-2cfda134b5bc'
const EMPTY = '00000000-0000-0000-0000-000000000000'

const RECEIPT = {
  ...{ Ref_Key: KEY, DataVersion: 'AAAAAAACedA=', DeletionMark: false, Posted: true },
  ...{ Number: 'ЦБ-0000412  ', Date: '2026-11-20T13:46:40', ВидОперации: 'Продажа', СуммаДокумента: 1240.5 },
  ...{ Контрагент_Key: EMPTY, ДисконтнаяКарта_Key: EMPTY },
  Товары: [{ LineNumber: '1', Номенклатура_Key: GOOD, Количество: 2, Цена: 620.25, Сумма: 1240.5 }],
}
const phone = (number: string) => [{ Тип: 'Телефон', Представление: number, НомерТелефона: '' }]
const BASE: Readonly<Record<string, Row>> = {
  [CARD]: {
    КодКарты: '2000000012345 ',
    ВладелецКарты: OWNER,
    ВладелецКарты_Type: 'StandardODATA.Catalog_ФизическиеЛица',
  },
  [OWNER]: { Description: 'Белова Анна', КонтактнаяИнформация: phone('8 (900) 123-45-67') },
  [BUYER]: { Description: 'Розничный покупатель', КонтактнаяИнформация: [] },
  [GOOD]: { Description: 'Кофе   ' },
}

interface Options {
  readonly settings?: object
  readonly base?: Readonly<Record<string, Row>>
  readonly entitySet?: string
}

function map(change: object = {}, { settings = {}, base = BASE, entitySet = 'Document_ЧекККМ' }: Options = {}) {
  const parsed = Settings.parse({ timezone: 'Europe/Moscow', ...settings })
  const get = (reference: { readonly key: string } | null) => (reference ? (base[reference.key] ?? null) : null)
  const { timezone, cardIsPhone } = parsed
  const spec = specOf(parsed, entitySet)
  return mapDocument({ ...RECEIPT, ...change }, { spec, timezone, currency: 'RUB', cardIsPhone, references: { get } })
}

function sale(change: object = {}, options: Options = {}) {
  const record = map(change, options)
  if (record.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction
}

describe('a receipt', () => {
  it('is a sale of its set and key, at the wall clock of the base', () => {
    expect(sale()).toEqual({
      ...{ externalId: `Document_ЧекККМ:${KEY}`, kind: 'sale', status: 'paid', amountMinor: 124_050, currency: 'RUB' },
      ...{ occurredAt: '2026-11-20T10:46:40Z', customer: null, location: null, sourceUpdatedAt: null },
      items: [{ externalId: GOOD, name: 'Кофе', quantity: 2, amountMinor: 124_050 }],
    })
    expect(sale({}, { settings: { timezone: 'Asia/Vladivostok' } }).occurredAt).toBe('2026-11-20T03:46:40Z')
  })

  it.each([
    ['posted', {}, 'paid'],
    ['not posted, however large its sum', { Posted: false }, 'unpaid'],
    ['marked for deletion', { DeletionMark: true, Posted: false }, 'cancelled'],
    ['marked and still posted', { DeletionMark: true }, 'cancelled'],
  ])('%s', (_name, change, status) => {
    expect(sale(change).status).toBe(status)
  })

  it('is paid only when a required field says so', () => {
    const required = (field: string, value: unknown) => ({
      settings: { documents: [{ entitySet: 'Document_ЧекККМ', required: { field, value } }] },
    })
    expect(sale({ Статус: 'Пробит ' }, required('Статус', 'Пробит')).status).toBe('paid')
    expect(sale({ Статус: 'Отложен' }, required('Статус', 'Пробит')).status).toBe('unpaid')
    expect(sale({ ЧекПробитНаККМ: true }, required('ЧекПробитНаККМ', true)).status).toBe('paid')
    expect(sale({ ЧекПробитНаККМ: false }, required('ЧекПробитНаККМ', true)).status).toBe('unpaid')
  })

  it('of a refund carries a positive sum: its kind makes it negative, lines and all', () => {
    const refund = { kind: 'refund', amountMinor: -124_050, items: [{ quantity: 2, amountMinor: -124_050 }] }
    expect(sale({ ВидОперации: 'Возврат' })).toMatchObject(refund)
    expect(sale({}, { entitySet: 'Document_ЧекККМВозврат' })).toMatchObject(refund)
    expect(sale({ СуммаДокумента: -5 })).toMatchObject({ kind: 'refund', amountMinor: -500 })
    expect(Object.is(sale({ ВидОперации: 'Возврат', СуммаДокумента: 0 }).amountMinor, 0)).toBe(true)
  })

  it('without the field of the operation is a sale, as configurations with a document for refunds have it', () => {
    const { ВидОперации: _, ...rest } = RECEIPT
    expect(map({ ...rest, ВидОперации: undefined })).toMatchObject({ type: 'unmapped' })
    const spec = specOf(Settings.parse({ timezone: 'UTC' }), 'Document_ЧекККМ')
    const bare = { spec, timezone: 'UTC', currency: 'RUB', cardIsPhone: false, references: { get: () => null } }
    expect(mapDocument(rest, bare)).toMatchObject({ transaction: { kind: 'sale', status: 'paid' } })
  })

  it('may name its operation by a reference', () => {
    const kind = { field: 'ХозяйственнаяОперация_Key', sale: [GOOD.toUpperCase()], refund: [CARD] }
    const options = { settings: { documents: [{ entitySet: 'Document_ЧекККМ', kind }] } }
    expect(sale({ ХозяйственнаяОперация_Key: GOOD }, options)).toMatchObject({ kind: 'sale', status: 'paid' })
    expect(sale({ ХозяйственнаяОперация_Key: CARD }, options)).toMatchObject({ kind: 'refund', status: 'paid' })
    expect(sale({ ХозяйственнаяОперация_Key: OWNER }, options).status).toBe('cancelled')
  })

  it('takes the sum of its head, whatever its lines add up to, and a zero as it is', () => {
    expect(sale({ СуммаДокумента: 1200 }).amountMinor).toBe(120_000)
    expect(sale({ СуммаДокумента: 0 })).toMatchObject({ amountMinor: 0, status: 'paid' })
  })

  it.each([
    [{ Всего: 10, СуммаСНДС: 11, Сумма: 12 }, 1000],
    [{ СуммаСНДС: 11, Сумма: 12 }, 1100],
    [{ Сумма: '12,50' }, 1250],
    [{}, 0],
  ])('has lines of what the customer pays: %j', (sums, amountMinor) => {
    expect(sale({ Товары: [{ Номенклатура_Key: GOOD, Количество: '1', ...sums }] }).items).toMatchObject([
      { amountMinor },
    ])
  })

  it('names a good that the catalog does not show by what the line says, or plainly', () => {
    const line = { Номенклатура_Key: GOOD, Количество: 1, Сумма: 1 }
    const names = (lines: object[]) => sale({ Товары: lines }, { base: {} }).items.map(({ name }) => name)
    expect(names([{ ...line, Содержание: 'Доставка' }, line])).toEqual(['Доставка', 'Товар'])
  })
})

describe('the customer', () => {
  it('is the owner of the card, with the phone from the contact information', () => {
    const customer = {
      externalId: OWNER,
      name: 'Белова Анна',
      phone: '+79001234567',
      email: null,
      card: '2000000012345',
    }
    expect(sale({ ДисконтнаяКарта_Key: CARD, Контрагент_Key: BUYER }).customer).toEqual(customer)
  })

  it('is the counterparty where there is no card, or one without an owner', () => {
    expect(sale({ Контрагент_Key: OWNER }).customer).toMatchObject({
      externalId: OWNER,
      card: null,
      phone: '+79001234567',
    })
    const base = {
      ...BASE,
      [CARD]: { КодКарты: '77', ВладелецКарты: '', ВладелецКарты_Type: 'StandardODATA.Undefined' },
    }
    expect(sale({ ДисконтнаяКарта_Key: CARD, Контрагент_Key: OWNER }, { base }).customer).toMatchObject({
      externalId: OWNER,
      card: '77',
    })
  })

  it('is the card by its key where nobody else is known, even when its catalog is not published', () => {
    const base = { [CARD]: { КодКарты: '77' } }
    expect(sale({ ДисконтнаяКарта_Key: CARD }, { base }).customer).toMatchObject({
      externalId: CARD,
      card: '77',
      name: null,
    })
    expect(sale({ ДисконтнаяКарта_Key: CARD }, { base: {} }).customer).toMatchObject({ externalId: CARD, card: null })
  })

  it('has the number of the card for a phone where the settings say so', () => {
    const base = { ...BASE, [CARD]: { КодКартыШтрихкод: '79007654321' } }
    const change = { ДисконтнаяКарта_Key: CARD }
    expect(sale(change, { base }).customer?.phone).toBeNull()
    expect(sale(change, { base, settings: { cardIsPhone: true } }).customer).toMatchObject({
      phone: '+79007654321',
      card: '79007654321',
    })
  })

  it('is none where every reference is empty', () => {
    expect(sale({ Контрагент: '', Контрагент_Type: 'StandardODATA.Undefined' }).customer).toBeNull()
  })

  it('has an e-mail address only when it is one', () => {
    const contact = (shown: string) => ({
      ...BASE,
      [OWNER]: { КонтактнаяИнформация: [{ Тип: 'АдресЭлектроннойПочты', Представление: shown }] },
    })
    const emailOf = (shown: string) => sale({ Контрагент_Key: OWNER }, { base: contact(shown) }).customer?.email
    expect([emailOf('anna@example.com'), emailOf('нет')]).toEqual(['anna@example.com', null])
  })
})

describe('a pushed object', () => {
  it('goes through the same mapper, with what its sender writes in other ways', () => {
    const pushed = {
      ...{ Ref_Key: `{${KEY.toUpperCase()}}`, DeletionMark: 'Ложь', Posted: 'Истина', Date: '20261120134640' },
      ...{ СуммаДокумента: '1\u00A0240,50', phone: '+7 900 765-43-21', card: '2000000099999' },
      Товары: [{ LineNumber: 1, name: 'Кофе', Количество: '2,5', Сумма: '1 240,50' }],
    }
    expect(sale(pushed)).toMatchObject({
      ...{
        externalId: `Document_ЧекККМ:${KEY}`,
        status: 'paid',
        amountMinor: 124_050,
        occurredAt: '2026-11-20T10:46:40Z',
      },
      customer: { externalId: null, phone: '+79007654321', card: '2000000099999' },
      items: [{ externalId: null, name: 'Кофе', quantity: 2.5, amountMinor: 124_050 }],
    })
  })
})

describe('a document that cannot be read', () => {
  it.each([
    ['СуммаДокумента: not a decimal number', { СуммаДокумента: 'сто' }],
    ['СуммаДокумента: missing', { СуммаДокумента: null }],
    ['Date: not a date', { Date: '0001-01-01T00:00:00' }],
    ['Date: no such day or hour', { Date: '0202-11-20T13:46:40' }],
    ['Количество: not a number', { Товары: [{ Количество: 'много' }] }],
    ['Сумма: not a decimal number', { Товары: [{ Сумма: 'даром' }] }],
  ])('goes to quarantine with its id and the reason: %s', (reason, change) => {
    expect(map(change)).toMatchObject({ type: 'unmapped', externalId: `Document_ЧекККМ:${KEY}`, reason })
  })

  it('goes there without an id when it has none', () => {
    expect(map({ Ref_Key: EMPTY })).toMatchObject({ type: 'unmapped', externalId: null })
  })
})

describe('values', () => {
  it.each([
    ['1 240,50', '1240.50'],
    ['1\u00A0240\u202F000', '1240000'],
    [12.5, 12.5],
    ['', null],
    [null, null],
  ])('a number %j is %j', (value, number) => {
    expect(decimalOf(value)).toBe(number)
  })

  it.each([
    ['2026-11-20T13:46:40', '2026-11-20T13:46:40'],
    ['2026-11-20T13:46:40.123Z', '2026-11-20T13:46:40'],
    ['20261120134640', '2026-11-20T13:46:40'],
    ['0001-01-01T00:00:00', null],
    ['2026-13-45T00:00:00', null],
    ['вчера', null],
  ])('a date %j is %j', (value, wall) => {
    expect(localTimeOf(value)).toBe(wall)
  })
})
