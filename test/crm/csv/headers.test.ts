// The words of headers in several languages: which field each means before all others, and what is left of a header.
import { describe, expect, it } from 'vitest'
import { type Field, FIELDS } from '#crm/csv/header-words.ts'
import { headerScore, isTotals, normalizeHeader } from '#crm/csv/words.ts'
import { expectLinear } from '#test/cost.ts'

const HEADERS: Partial<Readonly<Record<Field, string>>> = {
  id: `Номер чека|№ чека|N чека|Чек №|Порядковый номер ФД|Номер ФД (1040)|Номер заказа|ID транзакции|Номер операции|Order ID|OrderID|order_id|Transaction ID
    |Receipt number|Receipt No.|Sales receipt number|Ticket|Ticket number|Purchase ID|Invoice Number|Charge ID|N° ticket|Nº de ticket|Número de factura|Folio
    |Numéro de ticket|Facture|Belegnummer|Beleg-Nr.|Bon-Nr|Rechnungsnummer|Bestellnummer|Transaktions-ID|Numer paragonu|Nr paragonu|Paragon|Numer zamówienia
    |Номер замовлення|Номер операції|Чек нөмірі|Тапсырыс нөмірі|Фискальный признак документа|Numero scontrino`,
  date: `Дата|Дaтa|Дата и время|Дата и время (МСК)|Дата, время (1012)|Дата и время ФД|Дата чека|Дата продажи|Дата/время операции|Дата закрытия заказа|День|Day|Date|Date (UTC)
    |Created date (UTC)|Paid at|Created at|createdAt|Sale Date|Transaction date|Date of sale|Timestamp|Дата та час|Дата оплати|Дата замовлення|Күні|Күні мен уақыты
    |Datum|Belegdatum|Buchungsdatum|Datum und Uhrzeit|Fecha|Fecha y hora|Fecha de venta|Date et heure|Date de vente|Data|Data sprzedaży|Data i godzina`,
  time: 'Время|Время чека|Время, МСК|Time|Sale time|Час|Уақыты|Uhrzeit|Zeit|Hora|Heure|Godzina|Hora de venta|Heure de vente',
  currency:
    'Валюта|Код валюты|Currency|Currency Code|Währung|Moneda|Divisa|Devise|Waluta|Валюта операции|Transaction currency',
  kind: `D/C|Debit/Credit|Дт/Кт|mode|livemode|Признак расчета (1054)|Признак расчёта (тег 1054)|Тип документа. Признак расчета (1054)|Тип операции|Вид операции|Тип документа|Вид документа|Тип чека|Event Type
    |Transaction type|Operation|Type|Kind|Document Type|Возврат|Refund|Refunded|Refunded?|Признак возврата|Тип операції|Чек түрі|Vorgangsart|Transaktionstyp|Belegart
    |Tipo|Tipo de operación|Type de transaction|Typ transakcji|Rodzaj dokumentu`,
  status: `Статус|Статус оплаты|Статус заказа|Этап сделки|Состояние|Status|Financial Status|Payment Status|Order Status|Fulfillment Status|Result|Результат|Cancelled|Отменён
    |Проведён|Стан|Статус замовлення|Zahlungsstatus|Estado|Estado del pedido|Statut|Statut du paiement|Status zamówienia|Күйі`,
  name: `Клиент|Покупатель (клиент) (1227)|ФИО|Имя клиента|Контрагент|Customer|Customer name|Buyer Name|Billing Name|Name|Клієнт|ПІБ|Сатып алушы|Kunde|Kundenname
    |Cliente|Nombre del cliente|Nom du client|Klient|Imię i nazwisko`,
  phone: `Телефон|Номер телефона|Телефон клиента|Моб. телефон|Phone|Customer Phone|Billing Phone|Mobile|Номер телефону|Ұялы телефон|Telefon|Handynummer|Teléfono|Móvil
    |Téléphone|Numer telefonu`,
  email: 'Email|E-mail|Эл. почта|Customer email|Пошта|Correo electrónico|Courriel',
  card: 'Карта лояльности|Номер карты|Дисконтна картка|Loyalty card|Kundenkarte',
  comment: 'Комментарий|Назначение платежа|Description|Notes|Примітка|Verwendungszweck|Concepto|Libellé|Uwagi',
  quantity: `Количество|Кол-во|Кол-во, шт|Количество (1023)|Qty|Quantity|Lineitem quantity|Items sold|Кількість|К-сть|Саны|Menge|Anzahl|Cantidad|Quantité|Qté|Ilość`,
  zone: 'Time Zone|TimeZone|Timezone|Часовой пояс|Zeitzone|Zona horaria|Fuseau horaire|Strefa czasowa',
  till: `Касса|Смена|Номер смены|№ кассы|Номер кассы|Название кассы|РН ККТ|Рег. № ККТ|Регистрационный номер ККТ|Заводской номер ККТ|Терминал|Номер терминала|Register|Till|Device|Device Name|POS
    |POS ID|Terminal ID|Cash register|Каса|Номер каси|Kasse|Kassennummer|Caja|Caisse|Kasa|Nr kasy`,
  location: `Точка|Торговая точка|Магазин|Название магазина|Адрес торговой точки|Филиал|Салон|Подразделение|Ресторан|Location|Store|Store Name|Branch|Outlet|Shop
    |Філія|Дүкен|Filiale|Standort|Tienda|Sucursal|Magasin|Boutique|Sklep`,
}
const CASES = FIELDS.flatMap((field) =>
  (HEADERS[field] ?? '').split('|').flatMap((header) => (header === '' ? [] : [[header.trim(), field] as const])),
)

describe('a header', () => {
  it.each(CASES)('“%s” means %s before all else', (header, field) => {
    const name = normalizeHeader(header)
    const scores = FIELDS.map((one) => [one, headerScore(name, one)] as const).toSorted(([, a], [, b]) => b - a)
    expect(scores[0]).toEqual([field, expect.any(Number)])
    expect(scores[0]?.[1]).toBeGreaterThan(scores[1]?.[1] ?? 0)
  })

  it.each([
    ...['№', '№ п/п', 'Кассир', 'Имя кассира', 'Дата рождения', 'ИНН', 'Адрес', 'Телефон организации', 'Скидка'],
    ...['Тип оплаты', 'Способ оплаты', 'Payment Method', 'Цена', 'Баланс карты', 'ID клиента'],
    ...[
      'Customer ID',
      'Customer Type',
      'Тип клиента',
      'Customer Since',
      'Email продавца',
      'Дата изменения',
      'Updated at',
    ],
    ...['Due date', 'Expiration date', 'Delivery date', 'Refund date', 'Card Brand', 'Card type', 'Product type'],
    ...['Артикул', 'Мастер', 'Номер стола', 'Курс валюты', 'Статус клиента', 'Код товара', 'Номер ФН', ''],
  ])('“%s” means nothing of a sale', (header) => {
    const name = normalizeHeader(header)
    expect(FIELDS.filter((field) => headerScore(name, field) > 0)).toEqual([])
  })

  it('of a payment comes before that of an order, and that before the way of its goods', () => {
    const headers = ['Financial Status', 'Status', 'Order Status', 'Paid', 'Fulfillment Status']
    const scores = headers.map((header) => headerScore(normalizeHeader(header), 'status'))
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(new Set(scores).size).toBe(headers.length)
  })

  it('that says time alone may mean a date, less than any other', () => {
    for (const header of ['Время', 'Время закрытия', 'Closed', 'Закрыт', 'Учетный день', 'Hora']) {
      expect(headerScore(normalizeHeader(header), 'date'), header).toBe(0.6)
    }
  })
})

describe('of a header is left', () => {
  it.each([
    ['Дата, время (1012)', 'дата время'],
    ['Расчет по чеку наличными (тег 1031)', 'расчет по чеку наличными'],
    [
      'Сумма по чеку (БСО) предоплатой (зачетом аванса и (или) предыдущих платежей) (1215)',
      'сумма по чеку предоплатой',
    ],
    ['Тип документа. Признак расчета (1054)', 'тип документа признак расчета'],
    ['Сумма расчета [1020]', 'сумма расчета'],
    ['Сумма ((1020', 'сумма'],
    ['Сумма)', 'сумма'],
    ['(Сумма)', 'сумма'],
    ['Amount (fee)', 'amount fee'],
    ['Amount (total)', 'amount total'],
    ['Сумма (без НДС)', 'сумма без ндс'],
    ['Сумма (с НДС)', 'сумма'],
    ['Order Total (inc tax)', 'order total'],
    ['Order Total (ex tax)', 'order total ex tax'],
    ['Сумма (наличными)', 'сумма наличными'],
    ['Покупатель (клиент) (1227)', 'покупатель'],
    ['Сумма, руб.', 'сумма'],
    ['Сумма, тыс. руб.', 'сумма'],
    ['Сумма (₽)', 'сумма'],
    ['Сумма руб', 'сумма'],
    ['Сумма в рублях', 'сумма'],
    ['Amount in cents', 'amount'],
    ['total_usd', 'total'],
    ['Кол-во, шт', 'кол во'],
    ['Date (UTC)', 'date'],
    ['Дата и время, МСК', 'дата и время'],
    ['Дата и время (UTC+3)', 'дата и время'],
    ['created_at_utc', 'created at'],
    ['Cуммa', 'сумма'],
    ['Дaтa и вpeмя', 'дата и время'],
    ['Рhone', 'phone'],
    ['Währung', 'wahrung'],
    ['Téléphone du client', 'telephone du client'],
    ['Opłacone', 'oplacone'],
    ['Її сума', 'її сума'],
    ['createdAt', 'created at'],
    ['OrderID', 'order id'],
    ['№', 'номер п п'],
    ['#', 'номер п п'],
    ['№ чека', 'номер чека'],
    ['N чека', 'номер чека'],
    ['руб.', 'руб'],
    ['', ''],
  ])('%j: %j', (header, name) => expect(normalizeHeader(header)).toBe(name))

  it.each(['(', '((a)', '[(', ')', 'тыс ', ', '])('as many as there are of %j in linear time', async (part) => {
    await expectLinear(normalizeHeader, (size) => part.repeat(size), 100_000)
  })
})

it.each([
  ...[
    'Итого',
    'ИТОГО:',
    'Итого за 02.03.2024',
    'Всего',
    'Общий итог',
    'Total',
    'Grand Total',
    'Totals:',
    'Итоги',
    'Subtotal',
    'Разом',
    'Усього',
    'Жиыны',
  ],
  ...['Gesamt', 'Summe', 'Razem', 'Totales'],
])('%s begins a row of totals', (cell) => expect(isTotals(cell)).toBe(true))

it.each(['Итогов Иван', 'Totally', 'Суматра', 'Чек', '000118', ''])('%s begins none', (cell) =>
  expect(isTotals(cell)).toBe(false),
)
