// Which documents are read, and which of their fields.
import { describe, expect, it } from 'vitest'
import { chooseDocuments, selectOf, specOf } from '#crm/1c/documents.ts'
import { Settings } from '#crm/1c/settings.ts'

const settings = (more: object = {}) => Settings.parse({ timezone: 'Europe/Moscow', ...more })

function chosen(published: readonly string[], more: object = {}) {
  return chooseDocuments(settings(more), new Set(published)).map(({ entitySet }) => entitySet)
}

const RECEIPTS = ['Document_ЧекККМ', 'Document_ЧекККМВозврат']
const UNF = ['Document_РасходнаяНакладная', 'Document_ПриходнаяНакладная']
const BP = ['Document_РеализацияТоваровУслуг', 'Document_ВозвратТоваровОтПокупателя']
const UT = ['Document_РеализацияТоваровУслуг', 'Document_ВозвратТоваровОтКлиента']

describe('a preset', () => {
  it.each([
    ['auto', ['Document_ЧекККМ', 'Document_ОтчетОРозничныхПродажах', ...BP], ['Document_ЧекККМ']],
    ['auto', [...RECEIPTS, ...UNF], RECEIPTS],
    ['auto', UNF, UNF],
    ['auto', UT, UT],
    ['auto', BP, BP],
    ['auto', ['Document_РозничнаяПродажа'], ['Document_РозничнаяПродажа']],
    ['retail', [...RECEIPTS, ...BP], RECEIPTS],
    ['unf', [...UNF, ...BP], UNF],
    ['ut', [...RECEIPTS, ...UT], RECEIPTS],
    ['ut', UT, UT],
    ['bp', BP, BP],
  ])('%s takes of %j only what may be counted together', (preset, published, expected) => {
    expect(chosen(published, { preset })).toEqual(expected)
  })

  it.each([
    ['auto', ['Document_СчетНаОплатуПокупателю']],
    ['retail', BP],
    // Refunds alone are no sales.
    ['auto', ['Document_ЧекККМВозврат']],
    ['auto', []],
  ])('%s of which nothing is published says what could be: %j', (preset, published) => {
    const refused = expect.objectContaining({ kind: 'not_found', reason: 'unpublished' })
    expect(() => chosen(published, { preset })).toThrow(refused)
    expect(() => chosen(published, { preset })).toThrow(
      expect.objectContaining({ params: { set: expect.stringContaining('Document_ЧекККМ') } }),
    )
  })
})

describe('documents of the settings', () => {
  const own = { entitySet: 'Document_ЗаказНаряд', kind: 'sale' }

  it('replace the preset when there is none, and add to it when there is one', () => {
    expect(chosen([...RECEIPTS, own.entitySet], { documents: [own] })).toEqual(['Document_ЗаказНаряд'])
    const both = { preset: 'auto', documents: [own] }
    expect(chosen([...RECEIPTS, own.entitySet], both)).toEqual([...RECEIPTS, 'Document_ЗаказНаряд'])
  })

  it('override any part of what a preset says of a document', () => {
    const change = {
      entitySet: 'Document_ЧекККМ',
      amountField: 'СуммаОплаты',
      required: { field: 'Статус', value: 'Пробит' },
    }
    const spec = specOf(settings({ preset: 'unf', documents: [change] }), 'Document_ЧекККМ')
    expect(spec).toMatchObject({
      amountField: 'СуммаОплаты',
      required: change.required,
      kind: { field: 'ВидОперации' },
    })
    expect(specOf(settings(), 'Document_ЧекККМ')).toMatchObject({ amountField: 'СуммаДокумента', required: null })
  })

  it.each([
    ['an unknown document without a kind', { entitySet: 'Document_Бронирование' }, 'documents.0.kind'],
    ['a register', { entitySet: 'AccumulationRegister_Продажи', kind: 'sale' }, 'documents.0.entitySet'],
    ['a field with a path in it', { ...own, amountField: 'Товары/Сумма' }, 'documents.0.amountField'],
    ['an unknown key', { ...own, currency: 'RUB' }, 'documents.0'],
    ['a kind without values', { ...own, kind: { field: 'ВидОперации' } }, 'documents.0.kind'],
  ])('are refused when they are saved: %s', (_name, document, path) => {
    const parsed = Settings.safeParse({ timezone: 'Europe/Moscow', documents: [document] })
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
  })

  it('are refused when they name one document twice, and need a time zone', () => {
    expect(Settings.safeParse({ timezone: 'Europe/Moscow', documents: [own, own] }).success).toBe(false)
    expect(Settings.safeParse({}).error?.issues).toMatchObject([
      { path: ['timezone'], message: expect.stringContaining('is required') },
    ])
    expect(Settings.safeParse({ timezone: 'Moscow' }).success).toBe(false)
  })
})

describe('the fields that are selected', () => {
  const sample = {
    ...{ Ref_Key: 'k', DataVersion: 'v', DeletionMark: false, Posted: true, Date: 'd', СуммаДокумента: 1, Number: '1' },
    ...{
      ВидОперации: 'Продажа',
      ДисконтнаяКарта_Key: 'k',
      Контрагент: '',
      Контрагент_Type: '',
      Товары: [],
      Оплата: [],
    },
  }

  it('are those that the base has of what is needed, and no others', () => {
    const { fingerprint, whole } = selectOf(specOf(settings(), 'Document_ЧекККМ'), [sample])
    expect(fingerprint).toBe('Ref_Key,DataVersion,DeletionMark,Posted,Date,СуммаДокумента')
    expect(whole).toBe(`${fingerprint},ВидОперации,Контрагент,Контрагент_Type,ДисконтнаяКарта_Key,Товары`)
  })

  it.each([
    ['СуммаДокумента', {}],
    ['ДатаОплаты', { dateField: 'ДатаОплаты' }],
    ['Клиент_Key', { customerField: 'Клиент_Key' }],
    ['Статус', { required: { field: 'Статус', value: 'Пробит' } }],
    ['Работы', { itemTables: ['Работы'] }],
    ['Операция', { kind: { field: 'Операция', sale: ['1'], refund: [] } }],
  ])('must include %s: it is named when it is not there', (field, change) => {
    const documents = [{ entitySet: 'Document_ЧекККМ', ...change }]
    const without = Object.fromEntries(Object.entries(sample).filter(([name]) => name !== field))
    const missing = { kind: 'rejected', reason: 'field_missing', params: { set: 'Document_ЧекККМ', field } }
    const spec = specOf(settings({ documents }), 'Document_ЧекККМ')
    expect(() => selectOf(spec, [without])).toThrow(expect.objectContaining(missing))
    expect(selectOf(spec, [without, { ...sample, [field]: [] }]).whole).toContain(field)
  })
})
