// The words of exports in several languages, as headers and cells.
export interface Language {
  readonly id: readonly string[]
  readonly receipt: readonly string[]
  readonly date: readonly string[]
  readonly time: readonly string[]
  readonly total: readonly string[]
  readonly subtotal: readonly string[]
  readonly discount: readonly string[]
  readonly tax: readonly string[]
  readonly tip: readonly string[]
  readonly fee: readonly string[]
  readonly payout: readonly string[]
  readonly cash: readonly string[]
  readonly card: readonly string[]
  readonly kind: readonly string[]
  readonly sale: readonly string[]
  readonly refund: readonly string[]
  readonly status: readonly string[]
  readonly paid: readonly string[]
  readonly cancelled: readonly string[]
  /** What was given back of the sum, in the row of the sale. */
  readonly refunded: readonly string[]
  /** Behind a sum, and of a row of totals. */
  readonly signs: readonly string[]
  readonly totals: readonly string[]
  /** Other days and numbers of a sale. */
  readonly otherDate: readonly string[]
  readonly otherId: readonly string[]
  readonly noise: Readonly<Record<string, readonly string[]>>
  readonly day: (iso: string) => string
  readonly money: (minor: number) => string
}

const comma = (minor: number) => `${minor < 0 ? '-' : ''}${grouped(minor, ' ')},${fraction(minor)}`
const point = (minor: number) => `${minor < 0 ? '-' : ''}${grouped(minor, ',')}.${fraction(minor)}`
const fraction = (minor: number) => String(Math.abs(minor) % 100).padStart(2, '0')
const grouped = (minor: number, mark: string) =>
  String(Math.trunc(Math.abs(minor) / 100)).replaceAll(/\B(?=(?:\d{3})+$)/g, mark)
const dotted = (iso: string) => `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)}`

const RU: Language = {
  id: ['ID операции', 'Номер заказа', 'Номер документа', '№ продажи', 'ID транзакции', 'Код заказа'],
  receipt: ['Номер чека', '№ чека', 'Чек'],
  date: ['Дата', 'Дата продажи', 'Дата операции', 'Дата и время', 'Дата чека', 'Дата оплаты', 'Дата заказа'],
  time: ['Время', 'Время продажи', 'Время чека'],
  total: ['Сумма', 'Итого', 'К оплате', 'Сумма чека', 'Итого к оплате', 'Сумма продажи', 'Всего', 'Сумма со скидкой'],
  subtotal: ['Сумма без скидки', 'Стоимость без скидки', 'Сумма до скидки'],
  discount: ['Скидка', 'Сумма скидки', 'Скидка, руб.'],
  tax: ['НДС', 'Сумма НДС', 'в т.ч. НДС', 'НДС 20%'],
  tip: ['Чаевые', 'Сумма чаевых'],
  fee: ['Комиссия', 'Комиссия банка', 'Сумма комиссии'],
  payout: ['К выплате', 'К зачислению', 'К перечислению', 'Сумма к выплате'],
  cash: ['Наличные', 'Наличными', 'Оплата наличными', 'Нал'],
  card: ['Карта', 'Безналичные', 'Безналичными', 'Оплата картой', 'Безнал'],
  kind: ['Тип операции', 'Вид операции', 'Тип', 'Операция', 'Признак расчета', 'Тип чека'],
  sale: ['Продажа', 'Приход', 'Оплата', 'Реализация', 'Покупка'],
  refund: ['Возврат', 'Возврат прихода', 'Возврат продажи', 'Возврат покупателю'],
  status: ['Статус', 'Статус заказа', 'Статус оплаты', 'Состояние'],
  paid: ['Оплачен', 'Оплачено', 'Выполнен', 'Завершен', 'Проведен', 'Успешно', 'Закрыт'],
  cancelled: ['Отменен', 'Отменён', 'Аннулирован', 'Не оплачен', 'Отклонен', 'Ожидает оплаты', 'Ошибка'],
  refunded: ['Сумма возврата', 'Возвращено', 'Сумма возвратов'],
  signs: ['₽', 'руб.', 'р.', 'RUB'],
  totals: ['Итого', 'ИТОГО:', 'Всего', 'Итого за период'],
  otherDate: ['Дата создания', 'Дата отгрузки', 'Дата доставки', 'Дата закрытия', 'Дата обработки', 'Открыт'],
  otherId: ['Номер смены', 'Номер отправления', 'RRN', 'Номер терминала', 'Внешний код', 'ID клиента', 'Код товара'],
  noise: {
    ...{ Кассир: ['Иванова', 'Петрова'], Магазин: ['Лавка'], Смена: ['17', '18'], ИНН: ['7700000001'] },
    ...{ Количество: ['1', '2', '3'], Гостей: ['2', '4'], Стол: ['5'], 'Скидка, %': ['0', '10'] },
    ...{ Себестоимость: ['50,00', '70,00'], Остаток: ['10 500,00', '9 300,00'], 'Бонусы начислено': ['5', '7'] },
    ...{ Телефон: ['+79000000001'], 'Номер карты': ['0001234', '0005678'], Комментарий: ['', 'спасибо'] },
    ...{ 'Способ оплаты': ['Наличные', 'Карта'], Клиент: ['Анна', 'Олег'], 'Дата рождения': ['05.06.1990'] },
    ...{ 'Средний чек': ['300,00'], 'Код клиента': ['501', '502'], 'Дата изменения': ['05.04.2024 10:00'] },
    ...{ ФН: ['9960440300000001'], 'Баланс клиента': ['0,00', '15,00'], Прибыль: ['40,00', '55,00'] },
    ...{ Валюта: ['RUB'], 'Срок доставки': ['06.04.2024'], Вес: ['1,5', '2,25'], Курс: ['1,00'] },
  },
  day: dotted,
  money: comma,
}

const EN: Language = {
  id: ['Transaction ID', 'Order ID', 'Order number', 'ID', 'Payment ID', 'Sale ID', 'Invoice number', 'Reference'],
  receipt: ['Receipt number', 'Receipt #', 'Receipt No'],
  date: ['Date', 'Sale date', 'Transaction date', 'Created at', 'Order date', 'Payment date', 'Date/Time', 'Paid at'],
  time: ['Time', 'Sale time'],
  total: ['Total', 'Amount', 'Total amount', 'Order total', 'Amount paid', 'Grand total', 'Total paid', 'Gross'],
  subtotal: ['Subtotal', 'Sub total', 'Amount before discount'],
  discount: ['Discount', 'Discounts', 'Discount amount'],
  tax: ['Tax', 'VAT', 'Sales tax', 'Tax amount'],
  tip: ['Tip', 'Tips', 'Tip amount', 'Gratuity'],
  fee: ['Fee', 'Fees', 'Processing fee', 'Commission'],
  payout: ['Net', 'Payout', 'Net amount'],
  cash: ['Cash', 'Cash amount'],
  card: ['Card', 'Card amount', 'Credit card'],
  kind: ['Type', 'Transaction type', 'Kind', 'Event type', 'Receipt type'],
  sale: ['Sale', 'Payment', 'Purchase', 'Charge'],
  refund: ['Refund', 'Return', 'Refunded payment'],
  status: ['Status', 'Payment status', 'Order status', 'State', 'Financial status'],
  paid: ['Paid', 'Completed', 'succeeded', 'Success', 'Closed', 'Captured', 'Approved'],
  cancelled: ['Cancelled', 'Voided', 'failed', 'Declined', 'Pending', 'unpaid', 'Expired', 'not paid'],
  refunded: ['Refunded amount', 'Amount refunded', 'Refund amount', 'Refunded'],
  signs: ['USD', '$'],
  totals: ['Total', 'Totals:', 'Grand total'],
  otherDate: ['Created', 'Shipped at', 'Delivery date', 'Closed', 'Settlement date', 'Opened', 'Available on'],
  otherId: ['Batch number', 'Tracking number', 'Terminal ID', 'Payment reference', 'Customer ID no', 'SKU', 'RRN'],
  noise: {
    ...{ Cashier: ['Ann', 'Bob'], Store: ['Main'], Shift: ['17', '18'], Qty: ['1', '2', '3'] },
    ...{ Guests: ['2', '4'], Table: ['5'], 'Discount %': ['0', '10'], 'Cost of goods': ['50.00', '70.00'] },
    ...{ Balance: ['1,050.00', '930.00'], 'Points earned': ['5', '7'], Phone: ['+12125550123'] },
    ...{ 'Card last 4': ['1111', '2222'], Notes: ['', 'thanks'], 'Payment method': ['Cash', 'Card'] },
    ...{ Customer: ['Ann Lee', 'Bob Ray'], Birthday: ['1990-06-05'], 'Customer ID': ['501', '502'] },
    ...{ 'Updated at': ['2024-04-05 10:00'], Profit: ['40.00', '55.00'], Currency: ['USD'] },
    ...{ 'Due date': ['2024-04-06'], Weight: ['1.5', '2.25'], 'Exchange rate': ['1.00'], 'Tax rate': ['20'] },
    ...{ Email: ['ann@example.com'], Country: ['US'], ZIP: ['10001'], Items: ['2', '3'] },
  },
  day: (iso) => iso.slice(0, 10),
  money: point,
}

const DE: Language = {
  id: ['Bestellnummer', 'Auftragsnummer', 'Transaktionsnummer', 'Rechnungsnummer'],
  receipt: ['Belegnummer', 'Bon-Nr.', 'Bonnummer'],
  date: ['Datum', 'Verkaufsdatum', 'Bestelldatum', 'Buchungsdatum', 'Rechnungsdatum', 'Belegdatum'],
  time: ['Uhrzeit', 'Zeit'],
  total: ['Betrag', 'Summe', 'Gesamtbetrag', 'Gesamt', 'Brutto', 'Bruttobetrag', 'Endbetrag', 'Umsatz'],
  subtotal: ['Zwischensumme'],
  discount: ['Rabatt', 'Rabattbetrag'],
  tax: ['MwSt', 'USt', 'MwSt-Betrag', 'Steuer'],
  tip: ['Trinkgeld'],
  fee: ['Gebühr', 'Gebühren', 'Provision'],
  payout: ['Auszahlung', 'Auszahlungsbetrag'],
  cash: ['Bar', 'Barzahlung'],
  card: ['Karte', 'Kartenzahlung'],
  kind: ['Typ', 'Vorgang', 'Art', 'Belegart'],
  sale: ['Verkauf', 'Zahlung', 'Umsatz'],
  refund: ['Rückerstattung', 'Erstattung', 'Rückgabe', 'Retoure'],
  status: ['Status', 'Zahlungsstatus', 'Bestellstatus'],
  paid: ['Bezahlt', 'Abgeschlossen', 'Erfolgreich'],
  cancelled: ['Storniert', 'Fehlgeschlagen', 'Offen', 'Unbezahlt', 'Abgebrochen', 'Ausstehend'],
  refunded: ['Erstattet', 'Erstatteter Betrag', 'Erstattungsbetrag'],
  signs: ['€', 'EUR'],
  totals: ['Summe', 'Gesamt', 'Gesamtsumme'],
  otherDate: ['Erstellt am', 'Lieferdatum', 'Versanddatum', 'Wertstellung'],
  otherId: ['Kundennummer', 'Artikelnummer', 'Terminal-ID', 'Sendungsnummer'],
  noise: {
    ...{ Kassierer: ['Anna'], Filiale: ['Mitte'], Menge: ['1', '2'], Tisch: ['5'], 'Rabatt %': ['0', '10'] },
    ...{ Kontostand: ['1.050,00', '930,00'], Telefon: ['+4930123456'], Notiz: ['', 'danke'], Kunde: ['Anna', 'Otto'] },
    ...{ Zahlungsart: ['Bar', 'Karte'], Geburtsdatum: ['05.06.1990'], Fälligkeitsdatum: ['06.04.2024'] },
    ...{ Währung: ['EUR'], Einkaufspreis: ['50,00', '70,00'], Gewinn: ['40,00'], Steuersatz: ['19'] },
  },
  day: dotted,
  money: (minor) => comma(minor).replaceAll(' ', '.'),
}

const UK: Language = {
  id: ['ID операції', 'Номер замовлення', '№ замовлення', 'Номер документа', 'Номер транзакції'],
  receipt: ['Номер чека', '№ чека', 'Чек'],
  date: ['Дата', 'Дата продажу', 'Дата операції', 'Дата і час', 'Дата та час', 'Дата оплати', 'Дата замовлення'],
  time: ['Час', 'Час операції'],
  total: ['Сума', 'Разом', 'До сплати', 'Сума чека', 'Всього', 'Сума замовлення', 'Загальна сума', 'Сума операції'],
  subtotal: ['Сума без знижки', 'Сума до знижки'],
  discount: ['Знижка', 'Сума знижки'],
  tax: ['ПДВ', 'Сума ПДВ'],
  tip: ['Чайові'],
  fee: ['Комісія', 'Сума комісії'],
  payout: ['До виплати', 'До зарахування'],
  cash: ['Готівка', 'Готівкою'],
  card: ['Картка', 'Безготівка', 'Безготівковий'],
  kind: ['Тип операції', 'Вид операції', 'Тип', 'Тип чека'],
  sale: ['Продаж', 'Оплата', 'Реалізація'],
  refund: ['Повернення', 'Повернення товару'],
  status: ['Статус', 'Статус замовлення', 'Статус оплати', 'Стан'],
  paid: ['Оплачено', 'Виконано', 'Завершено', 'Успішно'],
  cancelled: ['Скасовано', 'Відмінено', 'Не оплачено', 'Відхилено', 'Очікує оплати', 'Помилка'],
  refunded: ['Сума повернення', 'Повернено'],
  signs: ['грн', 'грн.', 'UAH', '₴'],
  totals: ['Разом', 'Всього', 'Усього:'],
  otherDate: ['Дата створення', 'Дата доставки', 'Дата відвантаження'],
  otherId: ['Номер зміни', 'Номер терміналу', 'Код клієнта', 'Код товару', 'RRN'],
  noise: {
    ...{ Касир: ['Олена'], Магазин: ['Центр'], Кількість: ['1', '2'], 'Знижка, %': ['0', '10'], Столик: ['5'] },
    ...{ Собівартість: ['50,00', '70,00'], Залишок: ['10 500,00', '9 300,00'], Телефон: ['+380671234567'] },
    ...{ 'Спосіб оплати': ['Готівка', 'Картка'], Клієнт: ['Олена', 'Марко'], 'Дата народження': ['05.06.1990'] },
    ...{ Валюта: ['UAH'], Прибуток: ['40,00'], Коментар: ['', 'дякую'], ЄДРПОУ: ['12345678'], Вага: ['1,5'] },
  },
  day: dotted,
  money: comma,
}

const ES: Language = {
  id: ['Número de pedido', 'ID de transacción', 'Nº factura', 'Número de operación', 'Pedido'],
  receipt: ['Nº ticket', 'Número de ticket', 'Ticket', 'Recibo'],
  date: ['Fecha', 'Fecha de venta', 'Fecha de operación', 'Fecha y hora', 'Fecha de pago', 'Fecha del pedido'],
  time: ['Hora', 'Hora de venta'],
  total: ['Importe', 'Total', 'Importe total', 'Monto', 'Total a pagar', 'Total venta', 'Importe pagado'],
  subtotal: ['Subtotal', 'Importe sin descuento'],
  discount: ['Descuento', 'Descuentos'],
  tax: ['IVA', 'Impuestos', 'Importe IVA'],
  tip: ['Propina', 'Propinas'],
  fee: ['Comisión', 'Comisiones'],
  payout: ['Neto', 'Importe neto', 'Liquidación'],
  cash: ['Efectivo'],
  card: ['Tarjeta'],
  kind: ['Tipo', 'Tipo de operación', 'Tipo de transacción'],
  sale: ['Venta', 'Pago', 'Cobro'],
  refund: ['Devolución', 'Reembolso', 'Abono'],
  status: ['Estado', 'Estado del pago', 'Estado del pedido'],
  paid: ['Pagado', 'Completado', 'Cobrado', 'Aprobado'],
  cancelled: ['Cancelado', 'Anulado', 'Rechazado', 'Pendiente', 'No pagado', 'Fallido'],
  refunded: ['Importe reembolsado', 'Reembolsado'],
  signs: ['€', 'EUR'],
  totals: ['Total', 'Totales', 'Total general', 'Suma'],
  otherDate: ['Fecha de creación', 'Fecha de entrega', 'Fecha de envío'],
  otherId: ['Número de cliente', 'Referencia', 'Terminal', 'Código de artículo'],
  noise: {
    ...{ Cajero: ['Ana'], Tienda: ['Centro'], Cantidad: ['1', '2'], Mesa: ['5'], 'Descuento %': ['0', '10'] },
    ...{ Saldo: ['1.050,00', '930,00'], Teléfono: ['+34911234567'], Notas: ['', 'gracias'], Cliente: ['Ana', 'Luis'] },
    ...{ 'Forma de pago': ['Efectivo', 'Tarjeta'], 'Fecha de nacimiento': ['05/06/1990'], Moneda: ['EUR'] },
    ...{ Coste: ['50,00', '70,00'], Beneficio: ['40,00'], Vencimiento: ['06/04/2024'], Peso: ['1,5'] },
  },
  day: (iso) => dotted(iso).replaceAll('.', '/'),
  money: (minor) => comma(minor).replaceAll(' ', '.'),
}

const FR: Language = {
  id: ['Numéro de commande', 'N° de transaction', 'N° facture', 'Référence commande', 'Commande'],
  receipt: ['N° ticket', 'Numéro de ticket', 'Ticket', 'N° de reçu'],
  date: ['Date', 'Date de vente', "Date d'opération", 'Date et heure', 'Date de paiement', 'Date de commande'],
  time: ['Heure', 'Heure de vente'],
  total: ['Montant', 'Total', 'Total TTC', 'Montant TTC', 'Montant total', 'Montant payé', 'Total à payer'],
  subtotal: ['Sous-total', 'Montant avant remise'],
  discount: ['Remise', 'Réduction', 'Remises'],
  tax: ['TVA', 'Montant TVA', 'Taxes'],
  tip: ['Pourboire', 'Pourboires'],
  fee: ['Commission', 'Frais'],
  payout: ['Net', 'Montant net', 'Versement'],
  cash: ['Espèces'],
  card: ['Carte', 'Carte bancaire'],
  kind: ['Type', "Type d'opération", 'Type de transaction'],
  sale: ['Vente', 'Paiement', 'Encaissement'],
  refund: ['Remboursement', 'Retour', 'Avoir'],
  status: ['Statut', 'État', 'Statut du paiement'],
  paid: ['Payé', 'Terminé', 'Réussi', 'Payée'],
  cancelled: ['Annulé', 'Échoué', 'Refusé', 'En attente', 'Impayé', 'Non payé'],
  refunded: ['Montant remboursé', 'Remboursé'],
  signs: ['€', 'EUR'],
  totals: ['Total', 'Totaux', 'Total général'],
  otherDate: ['Date de création', 'Date de livraison', "Date d'expédition"],
  otherId: ['N° client', 'Référence produit', 'Terminal', 'N° de lot'],
  noise: {
    ...{ Caissier: ['Anne'], Magasin: ['Centre'], Quantité: ['1', '2'], Table: ['5'], 'Remise %': ['0', '10'] },
    ...{ Solde: ['1 050,00', '930,00'], Téléphone: ['+33123456789'], Notes: ['', 'merci'], Client: ['Anne', 'Luc'] },
    ...{ 'Mode de paiement': ['Espèces', 'Carte'], 'Date de naissance': ['05/06/1990'], Devise: ['EUR'] },
    ...{ Coût: ['50,00', '70,00'], Bénéfice: ['40,00'], "Date d'échéance": ['06/04/2024'], Poids: ['1,5'] },
  },
  day: (iso) => dotted(iso).replaceAll('.', '/'),
  money: comma,
}

export const LANGUAGES = { ru: RU, en: EN, de: DE, uk: UK, es: ES, fr: FR } as const
