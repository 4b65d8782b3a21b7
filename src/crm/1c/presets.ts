// The names that common configurations use, as data. Where names differ, the first one that a document has is used, so
// a renamed field costs only that field. Sources: README.md.

export type Kind =
  | 'sale'
  | 'refund'
  | {
      readonly field: string
      readonly sale: readonly string[]
      readonly refund: readonly string[]
      /**
       * Operations that are known to be neither. With them, an operation that stands nowhere goes to quarantine; a
       * kind of the settings has none and leaves out whatever it does not name.
       */
      readonly other?: readonly string[]
      /** For a document without the field. */
      readonly otherwise?: 'sale'
    }

/** What a field says about the state of a receipt, whatever `Posted` says. An empty one says nothing. */
export interface StatusField {
  readonly field: string
  readonly paid: readonly string[]
  readonly unpaid: readonly string[]
  readonly cancelled: readonly string[]
  /** Of `paid`: the shift is closed. Such receipts lose their lines, and later they are removed. */
  readonly archived: readonly string[]
}

export interface KnownDocument {
  readonly kind: Kind
  readonly statuses?: readonly StatusField[]
  /** Receipts of past days are removed after the shift, which is no reversal. */
  readonly archives?: true
  /** Paid only from this date on, where the base has the field. */
  readonly closedField?: string
  /** It is worth what it changes: the lines before and after it. */
  readonly isCorrection?: true
}

const STATUS = {
  paid: ['Пробит', 'Пробитый', 'ПробитЧек', 'ЧекПробит', 'Архивный', 'Архивирован'],
  unpaid: ['Отложен', 'Отложенный', 'ТоварЗарезервирован', 'Зарезервирован', 'НеПробит', 'ЧекНеПробит', 'Непробитый'],
  cancelled: ['Аннулирован', 'Аннулированный'],
  archived: ['Архивный', 'Архивирован'],
}
/** Розница’s field, and that of УНФ and УТ. */
const STATUSES: readonly StatusField[] = ['СтатусЧекаККМ', 'Статус'].map((field) => ({ field, ...STATUS }))
/** УНФ sets it beside the status. */
export const ARCHIVED_FLAG = 'Архивный'

export const REPORT = 'Document_ОтчетОРозничныхПродажах'

/** The documents of all presets, and those that may be named without a kind. */
export const KNOWN: Readonly<Record<string, KnownDocument>> = {
  Document_ЧекККМ: {
    kind: {
      field: 'ВидОперации',
      sale: ['Продажа', 'ПродажаПокупателю'],
      refund: ['Возврат', 'ВозвратОтПокупателя'],
      other: [],
      otherwise: 'sale',
    },
    statuses: STATUSES,
    archives: true,
  },
  Document_ЧекККМВозврат: { kind: 'refund', statuses: STATUSES, archives: true },
  Document_РасходнаяНакладная: {
    kind: {
      field: 'ВидОперации',
      sale: ['ПродажаПокупателю'],
      refund: [],
      other: [
        ...['ВозвратПоставщику', 'ВозвратКомитенту', 'ВозвратИзПереработки', 'ВозвратСОтветхранения'],
        ...['ПередачаНаКомиссию', 'ПередачаВПереработку', 'ПередачаДавальцу', 'ПередачаНаОтветхранение'],
      ],
    },
  },
  Document_ПриходнаяНакладная: {
    kind: {
      field: 'ВидОперации',
      sale: [],
      refund: ['ВозвратОтПокупателя'],
      other: [
        ...['ПоступлениеОтПоставщика', 'ЗакупкаУПоставщика', 'ПриемНаКомиссию', 'ПриемВПереработку'],
        ...['ПриемНаОтветхранение', 'ВозвратОтКомиссионера', 'ВозвратОтПереработчика', 'ВозвратОтДавальца'],
        ...['ВозвратСОтветхранения', 'ПоступлениеИзПереработки'],
      ],
    },
  },
  Document_РеализацияТоваровУслуг: { kind: 'sale' },
  Document_ВозвратТоваровОтКлиента: { kind: 'refund' },
  Document_ВозвратТоваровОтПокупателя: { kind: 'refund' },
  Document_КорректировкаРеализации: { kind: 'sale', isCorrection: true },
  Document_РозничнаяПродажа: { kind: 'sale' },
  Document_ЗаказНаряд: { kind: 'sale', closedField: 'ДатаЗакрытия' },
  [REPORT]: { kind: 'sale' },
}

export const RECEIPTS = ['Document_ЧекККМ', 'Document_ЧекККМВозврат']
const INVOICES_UNF = ['Document_РасходнаяНакладная', 'Document_ПриходнаяНакладная']
const RETURNS = ['Document_ВозвратТоваровОтКлиента', 'Document_ВозвратТоваровОтПокупателя']
const SHIPMENTS = ['Document_РеализацияТоваровУслуг', ...RETURNS, 'Document_КорректировкаРеализации']
const RETAIL_SALES = ['Document_РозничнаяПродажа', ...RETURNS]
const WORK_ORDERS = ['Document_ЗаказНаряд']

/**
 * Documents that may be counted together, sales first. Only the first group whose sales are published is used: at the
 * end of a shift receipts are merged into reports, and both together would count twice.
 */
export const PRESETS: Readonly<Record<'auto' | 'retail' | 'unf' | 'ut' | 'bp', readonly (readonly string[])[]>> = {
  auto: [RECEIPTS, INVOICES_UNF, SHIPMENTS, RETAIL_SALES, WORK_ORDERS],
  retail: [RECEIPTS],
  unf: [RECEIPTS, INVOICES_UNF, WORK_ORDERS],
  ut: [RECEIPTS, SHIPMENTS],
  bp: [RECEIPTS, SHIPMENTS, RETAIL_SALES],
}

export const DATE = 'Date'
export const AMOUNT = 'СуммаДокумента'
/** The same buyer in two catalogs: one of them may have the phone. */
export const CUSTOMERS = ['Партнер_Key', 'Контрагент_Key', 'Контрагент']
/** УТ 10.3 names the owner of the card beside the card. */
export const OWNERS = ['ВладелецДисконтнойКарты_Key', 'ВладелецДисконтнойКарты']
export const CARDS = ['ДисконтнаяКарта_Key', 'КартаЛояльности_Key']
export const ITEM_TABLES = ['Товары', 'Запасы', 'Услуги', 'АгентскиеУслуги', 'Работы', 'Автоработы']
/** УТ's table of what a correction changes. */
export const CHANGES_TABLE = 'Расхождения'
/** False: the sums of lines are without the tax. */
export const TAX_INCLUDED = 'СуммаВключаетНДС'
export const LOCATIONS = ['Магазин_Key', 'СтруктурнаяЕдиница_Key', 'Склад_Key']
export const CURRENCIES = ['ВалютаДокумента_Key', 'Валюта_Key']

export const CARD_OWNERS = ['ВладелецКарты', 'ВладелецКарты_Key', 'Партнер_Key', 'Контрагент_Key', 'ФизическоеЛицо_Key']
export const CARD_CODES = ['КодКартыШтрихкод', 'КодКарты', 'Штрихкод', 'Code']
/** УНФ's `Всего` and УТ's `СуммаСНДС` are what the customer pays; `Сумма` may exclude the tax. A zero says nothing. */
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
  ВалютаДокумента: ['Catalog_Валюты'],
  Валюта: ['Catalog_Валюты'],
}

/** Catalogs of which only the name is used. */
export const NAME_CATALOGS: ReadonlySet<string> = new Set(
  ['Номенклатура', 'Магазин', 'СтруктурнаяЕдиница', 'Склад'].flatMap((name) => CATALOGS[name] ?? []),
)

export const ALL_CATALOGS: ReadonlySet<string> = new Set(Object.values(CATALOGS).flat())
