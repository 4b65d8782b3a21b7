// The names that common configurations use, as data. Where names differ, the first one that a document has is used, so
// a renamed field costs only that field. Sources: README.md.

export type Kind =
  | 'sale'
  | 'refund'
  | {
      readonly field: string
      readonly sale: readonly string[]
      readonly refund: readonly string[]
      /** For a document without the field. */
      readonly otherwise?: 'sale'
    }

/** The documents of all presets. */
export const KNOWN: Readonly<Record<string, Kind>> = {
  Document_ЧекККМ: {
    field: 'ВидОперации',
    sale: ['Продажа', 'ПродажаПокупателю'],
    refund: ['Возврат', 'ВозвратОтПокупателя'],
    otherwise: 'sale',
  },
  Document_ЧекККМВозврат: 'refund',
  Document_РасходнаяНакладная: { field: 'ВидОперации', sale: ['ПродажаПокупателю'], refund: [] },
  Document_ПриходнаяНакладная: { field: 'ВидОперации', sale: [], refund: ['ВозвратОтПокупателя'] },
  Document_РеализацияТоваровУслуг: 'sale',
  Document_ВозвратТоваровОтКлиента: 'refund',
  Document_ВозвратТоваровОтПокупателя: 'refund',
  Document_РозничнаяПродажа: 'sale',
}

const RECEIPTS = ['Document_ЧекККМ', 'Document_ЧекККМВозврат']
const INVOICES_UNF = ['Document_РасходнаяНакладная', 'Document_ПриходнаяНакладная']
const RETURNS = ['Document_ВозвратТоваровОтКлиента', 'Document_ВозвратТоваровОтПокупателя']
const SHIPMENTS = ['Document_РеализацияТоваровУслуг', ...RETURNS]
const RETAIL_SALES = ['Document_РозничнаяПродажа', ...RETURNS]

/**
 * Documents that may be counted together, sales first. Only the first group whose sales are published is used: at the
 * end of a shift receipts are merged into reports, and both together would count twice.
 */
export const PRESETS: Readonly<Record<'auto' | 'retail' | 'unf' | 'ut' | 'bp', readonly (readonly string[])[]>> = {
  auto: [RECEIPTS, INVOICES_UNF, SHIPMENTS, RETAIL_SALES],
  retail: [RECEIPTS],
  unf: [RECEIPTS, INVOICES_UNF],
  ut: [RECEIPTS, SHIPMENTS],
  bp: [RECEIPTS, SHIPMENTS, RETAIL_SALES],
}

export const DATE = 'Date'
export const AMOUNT = 'СуммаДокумента'
export const CUSTOMERS = ['Партнер_Key', 'Контрагент_Key', 'Контрагент']
export const CARDS = ['ДисконтнаяКарта_Key', 'КартаЛояльности_Key']
export const ITEM_TABLES = ['Товары', 'Запасы', 'Услуги', 'АгентскиеУслуги']
export const LOCATIONS = ['Магазин_Key', 'СтруктурнаяЕдиница_Key', 'Склад_Key']

export const CARD_OWNERS = ['ВладелецКарты', 'ВладелецКарты_Key', 'Партнер_Key', 'Контрагент_Key', 'ФизическоеЛицо_Key']
export const CARD_CODES = ['КодКартыШтрихкод', 'КодКарты', 'Штрихкод', 'Code']
/** УНФ's `Всего` and УТ's `СуммаСНДС` are what the customer pays; `Сумма` may exclude the tax. */
export const LINE_SUMS = ['Всего', 'СуммаСНДС', 'Сумма']

export const PEOPLE_CATALOGS = ['Catalog_Контрагенты', 'Catalog_Партнеры', 'Catalog_ФизическиеЛица']
export const CARD_CATALOGS = ['Catalog_ИнформационныеКарты', 'Catalog_ДисконтныеКарты', 'Catalog_КартыЛояльности']

/** The catalogs of references that do not name them, by the field's name without `_Key`. */
export const CATALOGS: Readonly<Record<string, readonly string[]>> = {
  Контрагент: ['Catalog_Контрагенты'],
  Партнер: ['Catalog_Партнеры'],
  ФизическоеЛицо: ['Catalog_ФизическиеЛица'],
  ДисконтнаяКарта: ['Catalog_ИнформационныеКарты', 'Catalog_ДисконтныеКарты'],
  КартаЛояльности: ['Catalog_КартыЛояльности'],
  Номенклатура: ['Catalog_Номенклатура'],
  Магазин: ['Catalog_Магазины'],
  СтруктурнаяЕдиница: ['Catalog_СтруктурныеЕдиницы'],
  Склад: ['Catalog_Склады'],
}

/** Catalogs of which only the name is used. */
export const NAME_CATALOGS: ReadonlySet<string> = new Set(
  ['Номенклатура', 'Магазин', 'СтруктурнаяЕдиница', 'Склад'].flatMap((name) => CATALOGS[name] ?? []),
)

export const ALL_CATALOGS: ReadonlySet<string> = new Set(Object.values(CATALOGS).flat())
