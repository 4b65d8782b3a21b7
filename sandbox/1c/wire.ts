// The shop in the words of a configuration, with what live bodies have: padded text, integers as text, empty references
// and dates that are not null, references of several types, numbers that repeat. Sources: the connector's README.
import { localDate, localDateTime } from '#lib/time.ts'
import type { Row } from '#sandbox/1c/filter.ts'
import { type Card, isPaid, type Line, type Person, type Receipt, type Shop, type State } from '#sandbox/1c/shop.ts'

export type Configuration = 'retail' | 'unf' | 'ut' | 'bp'

export const REPORT = 'Document_ОтчетОРозничныхПродажах'
const EMPTY_GUID = '00000000-0000-0000-0000-000000000000'
const EMPTY_DATE = '0001-01-01T00:00:00'
const SHOP_ID = 'a9f0c3de-1111-11ee-9c55-00155d0a1b02'

interface Form {
  readonly sales: string
  /** Null: refunds are the same document. */
  readonly refunds: string | null
  /** What else is published that tells of the same sales: to be left alone. */
  readonly others: readonly string[]
  readonly people: string
  /** Null: the configuration knows no cards. */
  readonly cards: string | null
  /** Whether a document names its customer beside the card. */
  readonly namesPerson: boolean
  /** Receipts are removed after their shift. */
  readonly archives: boolean
  readonly head: (receipt: Receipt) => Row
  readonly tables: (lines: readonly Row[], receipt: Receipt) => Row
}

const key = (thing: { readonly id: string } | null) => thing?.id ?? EMPTY_GUID

/** The codes and names of the catalog of currencies. */
const CURRENCIES = {
  RUB: { id: 'c0000000-1111-11ee-9c55-00155d0a1643', Code: '643', Description: 'руб.' },
  USD: { id: 'c0000000-1111-11ee-9c55-00155d0a1840', Code: '840', Description: 'USD' },
  KZT: { id: 'c0000000-1111-11ee-9c55-00155d0a1398', Code: '398', Description: 'Тенге' },
}

/** A receipt that is unposted has no state any more, or is put aside. */
function stateIn(names: Readonly<Record<State, string>>, { state, posted }: Receipt, unposted: string): string {
  return state === 'punched' && !posted ? unposted : names[state]
}

const STATES_RETAIL = {
  ...{ punched: 'Пробитый', aside: 'Отложенный', reserved: 'Отложенный', annulled: 'Аннулированный' },
  archived: 'Архивный',
}
const STATES_UT = {
  ...{ punched: 'Пробит', aside: 'Отложен', reserved: 'ТоварЗарезервирован', annulled: 'Аннулирован' },
  archived: 'Архивный',
}
/** УНФ archives by a flag beside the state. */
const STATES_UNF = { ...STATES_UT, archived: 'Пробит' }

export const FORMS: Readonly<Record<Configuration, Form>> = {
  retail: {
    ...{ sales: 'Document_ЧекККМ', refunds: null, people: 'Catalog_ФизическиеЛица' },
    ...{ cards: 'Catalog_ИнформационныеКарты', namesPerson: false, archives: true },
    others: [REPORT, 'AccumulationRegister_Продажи_RecordType'],
    head: (receipt) => ({
      ВидОперации: receipt.operation ?? (receipt.isRefund ? 'Возврат' : 'Продажа'),
      СтатусЧекаККМ: stateIn(STATES_RETAIL, receipt, 'Отложенный'),
      НомерЧекаККМ: String(receipt.number % 90),
      ДисконтнаяКарта_Key: key(receipt.card),
      Магазин_Key: SHOP_ID,
      ЧекПробитНаККМ: receipt.state === 'punched',
      ВалютаДокумента_Key: CURRENCIES[receipt.currency].id,
      ЧекККМПродажа_Key: receipt.original ?? EMPTY_GUID,
      ДатаОплаты: EMPTY_DATE,
    }),
    tables: (lines, receipt) => ({ Товары: lines, Оплата: [{ Ref_Key: receipt.id, LineNumber: '1', Сумма: 1 }] }),
  },
  unf: {
    ...{ sales: 'Document_ЧекККМ', refunds: 'Document_ЧекККМВозврат', people: 'Catalog_Контрагенты' },
    ...{ cards: 'Catalog_ДисконтныеКарты', namesPerson: true, archives: true },
    others: ['Document_РасходнаяНакладная'],
    head: (receipt) => ({
      Контрагент_Key: key(receipt.person),
      ДисконтнаяКарта_Key: key(receipt.card),
      СтруктурнаяЕдиница_Key: SHOP_ID,
      Статус: stateIn(STATES_UNF, receipt, ''),
      Архивный: receipt.state === 'archived',
      ВалютаДокумента_Key: CURRENCIES[receipt.currency].id,
    }),
    tables: (lines) => ({ Запасы: lines.map((line) => ({ ...line, Всего: line['Сумма'], Сумма: 0 })) }),
  },
  ut: {
    ...{ sales: 'Document_ЧекККМ', refunds: 'Document_ЧекККМВозврат', people: 'Catalog_Партнеры' },
    ...{ cards: 'Catalog_КартыЛояльности', namesPerson: true, archives: true },
    others: ['Document_РеализацияТоваровУслуг'],
    head: (receipt) => ({
      Партнер_Key: key(receipt.person),
      Контрагент_Key: key(receipt.person?.counterparty ?? null),
      Валюта_Key: CURRENCIES[receipt.currency].id,
      КартаЛояльности_Key: key(receipt.card),
      Склад_Key: SHOP_ID,
      Статус: stateIn(STATES_UT, receipt, ''),
    }),
    tables: (lines) => ({ Товары: lines }),
  },
  bp: {
    ...{ sales: 'Document_РеализацияТоваровУслуг', refunds: 'Document_ВозвратТоваровОтПокупателя' },
    ...{ people: 'Catalog_Контрагенты', cards: null, namesPerson: true, archives: false },
    others: ['Document_СчетНаОплатуПокупателю'],
    head: (receipt) => ({
      ВидОперации: 'Товары',
      ВалютаДокумента_Key: CURRENCIES[receipt.currency].id,
      Контрагент: receipt.person?.id ?? '',
      Контрагент_Type: `StandardODATA.${receipt.person ? 'Catalog_Контрагенты' : 'Undefined'}`,
    }),
    tables: (lines) => ({
      Товары: lines.slice(1),
      Услуги: lines.slice(0, 1).map((line) => ({ ...line, Содержание: 'Доставка' })),
      АгентскиеУслуги: [],
    }),
  },
}

/** Everything the base can publish: rows by set. */
export function setsOf(
  shop: Shop,
  configuration: Configuration,
  zone: string,
): ReadonlyMap<string, () => readonly Row[]> {
  const form = FORMS[configuration]
  const documents = (isPart: (receipt: Receipt) => boolean) => () =>
    [...shop.receipts.values()].filter(isPart).map((receipt) => document(receipt, form, zone))
  const catalog =
    <T extends { readonly id: string }>(things: Map<string, T>, row: (thing: T) => Row) =>
    () =>
      [...things.values()].map((thing, index) => ({ ...element(thing.id, index), ...row(thing) }))
  const shops = new Map([[SHOP_ID, { id: SHOP_ID }]])
  const sets: [string, () => readonly Row[]][] = [
    [form.sales, documents(({ isRefund }) => !isRefund || form.refunds === null)],
    [form.people, catalog(shop.people, person)],
    ['Catalog_Номенклатура', catalog(shop.goods, ({ name }) => ({ Description: padded(name), Артикул: '' }))],
    ['Catalog_Валюты', currencies],
    ['Catalog_Магазины', catalog(shops, () => ({ Description: 'Магазин на Лесной' }))],
  ]
  if (configuration === 'ut') sets.push(['Catalog_Контрагенты', () => counterparties(shop)])
  if (form.refunds) sets.push([form.refunds, documents(({ isRefund }) => isRefund)])
  if (form.cards) sets.push([form.cards, catalog(shop.cards, (one) => card(one, form))])
  for (const name of form.others) {
    sets.push([name, name === REPORT ? () => reports(shop, zone) : documents(() => true)])
  }
  return new Map(sets)
}

/** One for each day that is over: what was sold, less what was taken back. */
function reports(shop: Shop, zone: string): Row[] {
  const today = localDate(shop.now(), zone)
  const kopecks = new Map<string, number>()
  for (const receipt of [...shop.receipts.values(), ...shop.vanished]) {
    const day = localDate(receipt.at, zone)
    const isCounted = isPaid(receipt) && !receipt.isDeletedByHand && day < today
    if (!isCounted) continue
    kopecks.set(day, (kopecks.get(day) ?? 0) + (receipt.isRefund ? -receipt.kopecks : receipt.kopecks))
  }
  return [...kopecks].map(([day, sum], index) => ({
    ...element(`b9f0c3de-1111-11ee-9c55-${day.replaceAll('-', '').padStart(12, '0')}`, index),
    ...{ Date: `${day}T23:00:00`, Posted: true, СуммаДокумента: sum / 100, Товары: [] },
  }))
}

export function document(receipt: Receipt, form: Form, zone: string): Row {
  const lines = receipt.isEmptied ? [] : receipt.lines.map((one, index) => line(receipt, one, index))
  const isUnposted = form.sales === 'Document_ЧекККМ' && form.refunds === null && receipt.state === 'archived'
  const isSumLost = receipt.isEmptied && receipt.number % 2 === 1
  return {
    Ref_Key: receipt.id,
    DataVersion: versionOf(receipt.version),
    DeletionMark: receipt.marked,
    Number: padded(`ЦБ-${String(receipt.number).padStart(7, '0')}`),
    Date: localDateTime(receipt.at, zone),
    // Розница unposts what it archives, but not in every release.
    Posted: receipt.posted && !receipt.marked && !(isUnposted && receipt.number % 5 !== 0),
    СуммаДокумента: isSumLost ? 0 : receipt.kopecks / 100,
    Комментарий: '',
    ...form.head(receipt),
    ...form.tables(lines, receipt),
    'Организация@navigationLinkUrl': `Document(guid'${receipt.id}')/Организация`,
  }
}

function line(receipt: Receipt, { good, quantity, kopecks }: Line, index: number): Row {
  return {
    Ref_Key: receipt.id,
    // Int64 comes as text.
    LineNumber: String(index + 1),
    Номенклатура_Key: good.id,
    Количество: index % 2 === 0 ? quantity : String(quantity),
    Цена: kopecks / quantity / 100,
    Сумма: kopecks / 100,
    ЕдиницаИзмерения: '',
    ЕдиницаИзмерения_Type: 'StandardODATA.Undefined',
  }
}

function element(id: string, index: number): Row {
  return {
    Ref_Key: id,
    DataVersion: versionOf(index + 1),
    DeletionMark: false,
    Code: padded(String(index + 1).padStart(9, '0')),
  }
}

function currencies(): Row[] {
  return Object.values(CURRENCIES).map(({ id, ...row }, index) => ({ ...element(id, index), ...row }))
}

function counterparties({ people }: Shop): Row[] {
  return [...people.values()].flatMap((one, index) =>
    one.counterparty
      ? [{ ...element(one.counterparty.id, index), ...person({ ...one, phone: one.counterparty.phone, email: '' }) }]
      : [],
  )
}

function person({ name, phone, email, isNobody, hasContactsAsJson }: Person): Row {
  const contact = (kind: string, shown: string, rest: Row) =>
    hasContactsAsJson
      ? { LineNumber: '1', Тип: kind, Представление: '', Значение: JSON.stringify({ value: shown, type: kind }) }
      : { LineNumber: '1', Тип: kind, Представление: shown, ...rest }
  return {
    Description: padded(name),
    Predefined: isNobody,
    PredefinedDataName: isNobody ? 'РозничныйПокупатель' : '',
    КонтактнаяИнформация: [
      contact('Адрес', '690091, Лесная ул., 1', {}),
      ...(phone
        ? [contact('Телефон', phone, { НомерТелефона: phone.slice(1), НомерТелефонаБезКодов: phone.slice(5) })]
        : []),
      ...(email ? [contact('АдресЭлектроннойПочты', email, { АдресЭП: email })] : []),
    ],
  }
}

function card({ code, owner }: Card, { people, cards }: Form): Row {
  const description = `Карта ${code}`
  if (cards === 'Catalog_ДисконтныеКарты') {
    return {
      Description: description,
      КодКартыШтрихкод: padded(code),
      КодКартыМагнитный: '',
      ВладелецКарты_Key: key(owner),
    }
  }
  if (cards === 'Catalog_КартыЛояльности') return { Description: description, Штрихкод: code, Партнер_Key: key(owner) }
  // Now and then a filled reference says that its type is undefined.
  const type = owner && Number(code.at(-1)) % 3 !== 0 ? people : 'Undefined'
  return {
    Description: description,
    КодКарты: code,
    ВладелецКарты: owner?.id ?? '',
    ВладелецКарты_Type: `StandardODATA.${type}`,
  }
}

/** Eight bytes, as either kind of database writes them: only good for telling equal from different. */
function versionOf(version: number): string {
  const bytes = Array.from({ length: 8 }, (_, index) => Math.floor(version / 256 ** index) % 256)
  return btoa(String.fromCharCode(...bytes))
}

function padded(text: string): string {
  return text.padEnd(text.length + 3)
}
