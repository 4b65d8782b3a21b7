// What receipts say of their state, their money, their time and their buyer, as different configurations write it.
import { describe, expect, it } from 'vitest'
import { specOf } from '#crm/1c/documents.ts'
import type { Row } from '#crm/1c/fields.ts'
import { mapDocument } from '#crm/1c/map.ts'
import { Settings } from '#crm/1c/settings.ts'

const KEY = '5a0f7c1e-8d21-11f0-9c55-00155d0a1b02'
const CARD = '91b2f0aa-77aa-11ee-8f01-00155d0a1b02'
const ANNA = '11111111-77aa-11ee-8f01-00155d0a1b02'
const FIRM = '22222222-77aa-11ee-8f01-00155d0a1b02'
const NOBODY = '33333333-77aa-11ee-8f01-00155d0a1b02'
const UNIT = '44444444-77aa-11ee-8f01-00155d0a1b02'
const RECEIPT = {
  ...{ Ref_Key: KEY, DataVersion: 'AA==', DeletionMark: false, Posted: true, Date: '2026-11-20T13:46:40' },
  ...{ ВидОперации: 'Продажа', СуммаДокумента: 1000, Товары: [] },
}
const RECEIPT_SET = 'Document_ЧекККМ'

interface Options {
  readonly base?: Readonly<Record<string, Row>>
  readonly set?: string
  readonly settings?: object
}

function map(change: object, { base = {}, set = RECEIPT_SET, settings = {} }: Options = {}) {
  const parsed = Settings.parse({ timezone: 'Europe/Moscow', ...settings })
  const get = (reference: { readonly key: string } | null) => (reference ? (base[reference.key] ?? null) : null)
  const { timezone, cardIsPhone } = parsed
  const mapping = { spec: specOf(parsed, set), timezone, currency: 'RUB', cardIsPhone, references: { get } }
  return mapDocument({ ...RECEIPT, ...change }, mapping)
}

function sale(change: object, options: Options = {}) {
  const record = map(change, options)
  if (record.type !== 'transaction') throw new Error(JSON.stringify(record))
  return record.transaction
}

describe('the state of a receipt', () => {
  it.each([
    ['B8', { Posted: false, СтатусЧекаККМ: 'Архивный' }, 'paid'],
    ['B8: archived and still posted', { Posted: true, СтатусЧекаККМ: 'Архивный' }, 'paid'],
    ['rung up and not posted', { Posted: false, СтатусЧекаККМ: 'Пробитый' }, 'paid'],
    ['B9', { СтатусЧекаККМ: 'Аннулированный' }, 'cancelled'],
    ['B9: put aside', { СтатусЧекаККМ: 'Отложенный' }, 'unpaid'],
    ['B12', { Статус: 'ТоварЗарезервирован' }, 'unpaid'],
    ['УНФ', { Статус: 'Пробит ', Архивный: true }, 'paid'],
    ['УНФ, unposted', { Статус: '', Posted: false }, 'unpaid'],
    ['УТ, put aside', { Статус: 'Отложен' }, 'unpaid'],
    ['УТ, archived', { Статус: 'Архивный', Posted: false }, 'paid'],
    ['УТ, annulled', { Статус: 'Аннулирован' }, 'cancelled'],
    ['without a state', {}, 'paid'],
    ['without a state, not posted', { Posted: false }, 'unpaid'],
    ['marked, whatever its state', { DeletionMark: true, СтатусЧекаККМ: 'Пробитый' }, 'cancelled'],
  ])('%s: %j is %s', (_name, change, status) => {
    expect(sale(change).status).toBe(status)
    expect(sale(change, { set: 'Document_ЧекККМВозврат' }).status).toBe(status)
  })

  it('that nobody knows is for quarantine, and the settings may know it', () => {
    const reason = 'Статус: unknown status Выдан'
    expect(map({ Статус: 'Выдан' })).toMatchObject({ type: 'unmapped', externalId: `${RECEIPT_SET}:${KEY}`, reason })
    const required = { field: 'Статус', value: 'Выдан' }
    const settings = { documents: [{ entitySet: RECEIPT_SET, required }] }
    expect(sale({ Статус: 'Выдан' }, { settings }).status).toBe('paid')
    expect(sale({ Статус: 'Архивный' }, { settings }).status).toBe('paid')
    expect(sale({ Статус: 'Пробит' }, { settings }).status).toBe('unpaid')
  })

  it('of shipments has another meaning and is not looked at', () => {
    expect(sale({ Статус: 'ВПути' }, { set: 'Document_РеализацияТоваровУслуг' }).status).toBe('paid')
  })

  it('E9: an operation that nobody knows is for quarantine, a known other one is no sale', () => {
    const reason = 'ВидОперации: unknown operation ПродажаПоРецепту'
    expect(map({ ВидОперации: 'ПродажаПоРецепту' })).toMatchObject({ type: 'unmapped', reason })
    expect(sale({ ВидОперации: 'ПродажаПоРецепту', Posted: false }).status).toBe('unpaid')
    const set = 'Document_РасходнаяНакладная'
    expect(sale({ ВидОперации: 'ВозвратПоставщику' }, { set }).status).toBe('cancelled')
    const kind = { field: 'ВидОперации', sale: ['Продажа'], refund: [] }
    const settings = { documents: [{ entitySet: RECEIPT_SET, kind }] }
    expect(sale({ ВидОперации: 'Иное' }, { settings }).status).toBe('cancelled')
  })
})

describe('money', () => {
  it.each([
    [{ Code: '840', Description: 'USD' }, 'USD'],
    [{ Code: '398 ', Description: 'Тенге' }, 'KZT'],
    [{ Code: '51', Description: 'Драм' }, 'AMD'],
    [{ Code: '', Description: 'Руб.' }, 'RUB'],
    [{ Code: '', Description: 'EUR' }, 'EUR'],
    [{ Code: 'USD', Description: 'Доллар США' }, 'USD'],
    [{ Code: '', Description: 'RUR' }, 'RUB'],
    [{ Code: '', Description: 'Тенге' }, 'KZT'],
  ])('B13: of a document in %j is in %s', (unit, currency) => {
    for (const field of ['ВалютаДокумента_Key', 'Валюта_Key']) {
      expect(sale({ [field]: UNIT }, { base: { [UNIT]: unit } })).toMatchObject({ currency, amountMinor: 100_000 })
    }
  })

  it('B13: is in that of the settings where the catalog says nothing, and for quarantine in what is no currency', () => {
    expect(sale({ ВалютаДокумента_Key: UNIT }).currency).toBe('RUB')
    const unit = { Code: '999', Description: 'у.е.' }
    expect(map({ ВалютаДокумента_Key: UNIT }, { base: { [UNIT]: unit } })).toMatchObject({ type: 'unmapped' })
  })

  it('of a line is the first sum that is none of zero', () => {
    const line = (sums: object) => sale({ Товары: [{ Количество: 1, ...sums }] }).items[0]?.amountMinor
    expect(line({ СуммаСНДС: 0, Сумма: 100 })).toBe(10_000)
    expect(line({ Всего: '0,00', СуммаСНДС: 120, Сумма: 100 })).toBe(12_000)
    expect(line({ Всего: 0, Сумма: 0 })).toBe(0)
  })

  it('of a correction is what it changes', () => {
    const set = 'Document_КорректировкаРеализации'
    const before = (sum: number, earlier: number) => ({ Количество: 1, Сумма: sum, СуммаДоИзменения: earlier })
    const less = sale({ Товары: [before(700, 1000), before(50, 0)] }, { set })
    expect(less).toMatchObject({
      kind: 'refund',
      amountMinor: -25_000,
      items: [{ amountMinor: -30_000 }, { amountMinor: 5000 }],
    })
    const tax = { СуммаНДС: 40, СуммаНДСДоИзменения: 20 }
    const more = sale({ СуммаВключаетНДС: false, Товары: [{ ...before(200, 100), ...tax }] }, { set })
    expect(more).toMatchObject({ kind: 'sale', amountMinor: 12_000 })
    const changes = { Товары: [{ Сумма: 900 }], Расхождения: [{ Количество: -1, СуммаСНДС: -100 }] }
    expect(sale(changes, { set })).toMatchObject({ kind: 'refund', amountMinor: -10_000, items: [{ quantity: 1 }] })
    expect(sale({ СуммаДокумента: -5 }, { set })).toMatchObject({ kind: 'refund', amountMinor: -500 })
  })

  it('of a work order is paid when it is closed', () => {
    const set = 'Document_ЗаказНаряд'
    expect(sale({}, { set }).status).toBe('paid')
    expect(sale({ ДатаЗакрытия: '0001-01-01T00:00:00' }, { set }).status).toBe('unpaid')
    const works = { Работы: [{ Количество: 1, Сумма: 1000, Содержание: 'Замена масла' }] }
    expect(sale({ ДатаЗакрытия: '2026-11-20T15:00:00', ...works }, { set })).toMatchObject({
      ...{ status: 'paid', items: [{ name: 'Замена масла', amountMinor: 100_000 }] },
    })
  })

  it('is not counted twice: the report of a shift is refused beside receipts', () => {
    const report = { entitySet: 'Document_ОтчетОРозничныхПродажах' }
    const isRead = (settings: object) => Settings.safeParse({ timezone: 'UTC', ...settings }).success
    expect(isRead({ documents: [report] })).toBe(true)
    expect(isRead({ preset: 'retail', documents: [report] })).toBe(false)
    expect(isRead({ documents: [report, { entitySet: RECEIPT_SET }] })).toBe(false)
  })
})

describe('the time of a push', () => {
  it.each([
    ['C1', '2026-11-21T10:46:40Z', '2026-11-21T10:46:40Z'],
    ['C1', '2026-11-21T13:46:40+03:00', '2026-11-21T10:46:40Z'],
    ['C1', '2026-11-21T17:46:40.5+07:00', '2026-11-21T10:46:40.500Z'],
    ['C1: compact', '20261121104640Z', '2026-11-21T10:46:40Z'],
    ['C1: milliseconds', '/Date(1795258000000)/', '2026-11-21T10:46:40Z'],
    ['C1: a script’s', 'new Date(1795258000000)', '2026-11-21T10:46:40Z'],
    ['C2', '21.11.2026 13:46:40', '2026-11-21T10:46:40Z'],
    ['C2: as 1C shows it', '21.11.2026 9:05:07', '2026-11-21T06:05:07Z'],
    ['C2: without seconds', '21.11.2026 13:46', '2026-11-21T10:46:00Z'],
    ['C2: a date', '21.11.2026', '2026-11-20T21:00:00Z'],
    ['C2: another date', '2026-11-21', '2026-11-20T21:00:00Z'],
    ['C2: with a space that does not break', '21.11.2026\u00A013:46:40', '2026-11-21T10:46:40Z'],
    ['C2: of one digit', '1.11.2026 9:05', '2026-11-01T06:05:00Z'],
    ['C1: apart', '2026-11-21T10:46:40 Z', '2026-11-21T10:46:40Z'],
    ['C1: apart', '2026-11-21 13:46:40 +0300', '2026-11-21T10:46:40Z'],
    ['without a zone', '2026-11-21T13:46:40', '2026-11-21T10:46:40Z'],
  ])('%s: %s is the instant %s', (_id, Date, occurredAt) => {
    expect(sale({ Date }).occurredAt).toBe(occurredAt)
  })

  it.each(['31.02.2026 10:00:00', '0001-01-01T00:00:00', '01.01.0001 0:00:00', 'вчера', '/Date(x)/', '2026-11-31'])(
    '%s is none',
    (Date) => {
      expect(map({ Date })).toMatchObject({ type: 'unmapped' })
    },
  )
})

describe('the buyer', () => {
  const phone = (НомерТелефона: string) => [{ Тип: 'Телефон', Представление: '', НомерТелефона }]
  const value = (json: object) => [
    { Тип: 'Телефон', Представление: '', НомерТелефона: '', Значение: JSON.stringify(json) },
  ]
  const base: Readonly<Record<string, Row>> = {
    [ANNA]: { Description: 'Анна', КонтактнаяИнформация: [] },
    [FIRM]: { Description: 'ООО Вымысел', КонтактнаяИнформация: phone('79001112233') },
    [NOBODY]: {
      Description: 'Розничный покупатель',
      PredefinedDataName: 'РозничныйПокупатель',
      КонтактнаяИнформация: [],
    },
    [CARD]: { КодКарты: '77', ВладелецКарты: NOBODY },
  }

  it('D10: is nobody where the base has a predefined one', () => {
    expect(sale({ Контрагент_Key: NOBODY }, { base }).customer).toBeNull()
    expect(sale({ Партнер_Key: NOBODY, Контрагент_Key: FIRM }, { base }).customer).toMatchObject({ externalId: FIRM })
    expect(sale({ ДисконтнаяКарта_Key: CARD }, { base }).customer).toMatchObject({ externalId: CARD, card: '77' })
  })

  it('D11: is a partner with the phone of the counterparty beside it', () => {
    expect(sale({ Партнер_Key: ANNA, Контрагент_Key: FIRM }, { base }).customer).toMatchObject({
      ...{ externalId: ANNA, name: 'Анна', phone: '+79001112233' },
    })
  })

  it.each([
    ['D11', { value: '+7 (900) 111-22-33', type: 'Телефон' }],
    ['D11: in parts', { value: '', countryCode: '+7', areaCode: '900', number: '111-22-33' }],
  ])('%s: has the phone of the JSON: %j', (_id, json) => {
    const people = { ...base, [ANNA]: { Description: 'Анна', КонтактнаяИнформация: value(json) } }
    expect(sale({ Контрагент_Key: ANNA }, { base: people }).customer?.phone).toBe('+79001112233')
  })

  it('D11: has the phone of the XML of older bases', () => {
    const xml = '<КонтактнаяИнформация xmlns="x" Представление="+7 900 111-22-33"><Состав/></КонтактнаяИнформация>'
    const contacts = [{ Тип: 'Телефон', Представление: '', ЗначенияПолей: xml }]
    const people = { ...base, [ANNA]: { Description: 'Анна', КонтактнаяИнформация: contacts } }
    expect(sale({ Контрагент_Key: ANNA }, { base: people }).customer?.phone).toBe('+79001112233')
  })

  it('D11: is not given the phone of somebody else than the owner of the card', () => {
    const cards = { ...base, [CARD]: { КодКарты: '77', ВладелецКарты: ANNA } }
    const bought = { ДисконтнаяКарта_Key: CARD, Контрагент_Key: FIRM }
    expect(sale(bought, { base: cards }).customer).toMatchObject({ externalId: ANNA, phone: null })
    const same = { ДисконтнаяКарта_Key: CARD, Партнер_Key: ANNA, Контрагент_Key: FIRM }
    expect(sale(same, { base: cards }).customer).toMatchObject({ externalId: ANNA, phone: '+79001112233' })
  })

  it('is the owner that УТ 10.3 names on the receipt', () => {
    const bought = { ВладелецДисконтнойКарты: FIRM, Контрагент_Key: ANNA }
    expect(sale(bought, { base }).customer).toMatchObject({ externalId: FIRM, phone: '+79001112233' })
  })
})
