// What words in columns for kinds and statuses mean, as pairs: by the field, then by the header where it decides.
import { describe, expect, it } from 'vitest'
import { flagOf, isFlagWord, meaningOf, type WordColumn } from '#crm/csv/meanings.ts'

/** Meanings with their words, `|` between them. `asked`: nobody knows, so a person is asked. */
type Table = Readonly<Record<string, string>>

const STATUSES: Table = {
  paid: `Пробитый|Продан|Оплачен|Оплачена|оплачено|ОПЛАЧЕН|Oплaчeн|Оплачен полностью|Полностью оплачен|Оплачено картой|Оплачено (наличные)|Клиент оплатил
    |Успешно|Успешный|Успешная оплата|Оплата прошла|Оплата прошла успешно|Платёж выполнен|Исполнен|Исполнено|Выполнен|Выполнено|Проведён
    |Проведено|Пробит|Завершён|Завершено|Закрыт|Закрыта|Закрыто|Успешно реализовано|Клиент пришёл|Клиент пришел|Пришёл|Визит состоялся
    |Доставлен|Доставлено|Выдан|Вручён|Получен|Подтверждён|Одобрено|OK|ОК|paid|Paid|PAID|fully paid|Paid in full|payment received
    |success|SUCCESS|successful|succeeded|Succeeded|complete|Completed|COMPLETED|approved|APPROVED|captured|settled|done|closed|Closed won|won
    |fulfilled|delivered|partially_refunded|partially refunded|PartiallyRefunded|Частично возвращён|Частичный возврат|Оплачен, ожидает отправки
    |Оплачен, отправлен|Оплачен, не доставлен|confirmed|CONFIRMED|posted|charged|оплачено|сплачено|Виконано|Завершено|успішно|төленді|төленген
    |сәтті|орындалды|bezahlt|abgeschlossen|erfolgreich|pagado|pagada|pagato|zaplaceno|ödendi|completado|payé|payée|terminé|opłacone|zapłacone|zrealizowane`,
  unpaid: `Отложенный|Layby|Не оплачен|не оплачено|Неоплачен|неоплачено|НЕ ОПЛАЧЕН|Не оплaчeн|ещё не оплачен|Не полностью оплачен|Оплата не получена
    |Неполная оплата|Частично оплачен|Частичная оплата|частично|Без оплаты|Нет оплаты|Ожидает оплаты|Ожидание оплаты|Ожидается|В ожидании|ожидание клиента
    |В обработке|Обрабатывается|В работе|Черновик|Новый|новая|Создан|Открыт|Просрочен|Не проведён|Непроведён|Не завершён|Не выполнен|Не исполнен
    |Неподтверждён|Не подтверждён|Клиент подтвердил|Счёт выставлен|Запланирован|unpaid|Unpaid|not paid|not_paid|NOT_PAID|notPaid|Not Paid Yet
    |partially paid|partially_paid|partial|Partial payment|incomplete|unsuccessful|unconfirmed|unsettled|disapproved|pending|PENDING
    |Payment pending|awaiting payment|waiting|draft|new|open|on hold|authorized|requires_payment_method|requires_action|in progress|overdue|past due
    |scheduled|Не сплачено|очікує оплати|Очікується|не оплачено|чернетка|күтуде|төленбеген|төлем күтілуде|unbezahlt|nicht bezahlt|offen|ausstehend
    |teilweise bezahlt|no pagado|non pagato|nezaplaceno|pendiente|Pendiente de pago|impagado|impayé|non payé|en attente|nieopłacone|nie opłacone|oczekujące`,
  cancelled: `Отменён до обработки|Аннулированный|Оплата не прошла|Отказ от получения|Отменён салоном|AUTH_FAIL|DEADLINE_EXPIRED|Недостаточно средств|Помечен на удаление|Отменён|Отменен|отменено|Отмена|Отменён клиентом|Аннулирован|Аннулировано|Отклонён|Отклонено банком|Отказ|Отказ клиента|Неуспешно|Неуспешный платёж
    |Ошибка|Ошибка оплаты|Удалён|Возвращён|Возвращено|Закрыто и не реализовано|Не реализовано|Клиент не пришёл|Не пришел|Неявка|Истёк|Сбой
    |заказ отменён, деньги возвращены|cancelled|Canceled|CANCELLED|cancelled by customer|void|voided|Voided|declined|DECLINED|failed|Failed|FAILED
    |FAIL|Payment failed|error|rejected|REJECTED|denied|deleted|expired|Expired|timed out|invalid|abandoned|Closed lost|lost|no-show|refunded
    |Refunded|fully refunded|REFUNDED|returned|reversed|chargeback|Chargeback|Paid, refunded|скасовано|Відхилено|повернуто|бас тартылды|қайтарылды
    |storniert|abgelehnt|fehlgeschlagen|erstattet|cancelado|anulado|rechazado|fallido|reembolsado|annulé|annulée|refusé|remboursé|anulowane
    |odrzucone|zwrócone`,
  refund: 'Возврат|возврат денег|Возврат выполнен|refund|Refund|повернення|Rückerstattung|zwrot',
  ignore: 'Тест|test|тестовый',
  sale: 'Продажа|Оплата|payment',
  none: 'Чек|Карта|Наличные|not refunded|Не отменён|без возврата|Кассовый чек',
  asked: `cancel failed|Отмена не прошла|Возвращается|Возврат в пути|Отправлен на возврат|failed, cancelled|Order received|Закрыт с возвратом
    |Частично отменён|Отмена невозможна|Unable to cancel|cancel requested|Предоплачен|Оплачена часть|Ошибок нет|Refund declined|Готовится|Собирается|В пути|Отправлен|Готов к выдаче|Ожидает отправки|awaiting fulfillment|Awaiting shipment|unfulfilled|Unfulfilled|undelivered
    |partially fulfilled|Не доставлен|processing|Processing|Да|Нет|да|yes|no|true|false|1|0|200|2|VIP|Прочее|Ждём звонка от Анны|Оплачен на 50%|Оплачено 50 %
    |Оплата при получении|Предоплата|refund pending|Refund requested|Refund failed|Возврат отклонён|возврат в обработке|Отмена возврата|dispute|active|Архив
    |Не ожидает оплаты|бронь|неоплачиваемый отпуск|paid?maybe|отменить нельзя|постоянный клиент|Принимают решение|Переговоры|on the way|n/a`,
}

const KINDS: Table = {
  sale: `Пополнение|Express Checkout Payment|Subscription payment|Сатуды|Venda|Verkoop|Продажа абонемента|Оплата сертификата|Оплата услуг|Приход|приход|ПРИХОД|Пpихoд|Кассовый чек. Приход|Кассовый чек. Приход.|Приход денег|Продажа|Продажи|Розничная продажа|Оптовая продажа|Реализация
    |Реализация товаров и услуг|Реализация (акт, накладная)|Расходная накладная|Отчет о розничных продажах|Зачисление|Поступление оплаты|Поступление на расчётный счёт
    |Оплата|Оплата картой|Оплата от покупателя|Безналичная оплата|Платёж|Покупка|1 - Приход|sale|Sale|SALE|Sales|SELL|sell|Purchase|Payment|payment|Charge
    |charge|Card payment|income|Order payment|реалізація|Продаж|Видаткова накладна|надходження|Сату|кіріс|Verkauf|Umsatz|Venta|venta|Vente|Sprzedaż|Zahlung|Pago`,
  refund: `Payment Refund|Retoure|Devolução|Estorno|İade|Rimborso|Reso|Credit invoice|Сатуды қайтару|Возврат прихода|возврат прихода|Возврат|ВОЗВРАТ|Вoзврaт|Кассовый чек. Возврат прихода|Чек возврата|Возврат продажи|Возврат оплаты|Возврат денежных средств|Возврат товара
    |Возврат товаров от покупателя|Полный возврат|Частичный возврат|Возвратная накладная|Сторно|refund|Refund|REFUND|refunds|Refunded|Payment refund|payment_refund
    |sell_refund|PAYBACK|return|Return|Sales return|partial refund|Credit note|credit memo|chargeback|Chargeback|reversal|Повернення|повернення товару|қайтару
    |Сату қайтару|Rückgabe|Gutschrift|Erstattung|Storno|Devolución|Reembolso|Remboursement|Avoir|Zwrot`,
  ignore: `Расход|расход|возврат расхода|Возврат расхода|Коррекция прихода|Чек коррекции|Коррекция|Приходная накладная|Приход товара|Поступление товаров и услуг
    |Поступление (акт, накладная)|Возврат товаров поставщику|Возврат поставщику|Оплата поставщику|Поступление от поставщика|Расходный кассовый ордер|Выплата
    |Внесение|Внесение наличных|Изъятие|Инкассация|Списание|Перемещение|Инвентаризация|Закупка|Отчёт об открытии смены|Отчет о закрытии смены|Открытие смены
    |Закрытие смены|Z-отчёт|X-отчёт|Комиссия|Комиссия банка|Логистика|Хранение|Штраф|Удержание|expense|payout|Payout|Fee|fees|withdrawal|BUY|buy_refund|buyback
    |Cash in|CASH_INCOME|cash_outcome|OPEN_SESSION|correction|No sale|test|Шығыс|видаток|Прибуткова накладна|Корекція|Ausgabe|Gasto|Dépense`,
  cancelled:
    'Отмена|Отмена продажи|Отмена возврата|Аннулирование прихода|Failed payment|Void|voided sale|Payment declined|Чек аннулирован|Anulación',
  unpaid: 'Ожидает оплаты|Не оплачено|Возврат не проведён|Payment pending',
  none: `Кассовый чек|кассовый чек|Чек|БСО|Бланк строгой отчётности|Receipt|Заказ|order|Карта|Наличные|Cash|card|QR|СБП|Товар|Услуга|service|Product
    |Товары, услуги, комиссия|Накладная|Акт|УПД`,
  asked: `Purchase order|приход/возврат|Order;Refund|Комиссионная продажа|Продажа по комиссии|Fee refund|Refund reversal|Chargeback reversal
    |Pay in|Paid out|Оплата долга|Возврат долга|Перевод от клиента|Погашение сертификата|Пополнение депозита|Пополнение счёта|Deposit|Прочее|other|Перевод|transfer|adjustment|Аванс|Предоплата|1|2|3|4|Да|Нет|yes|invoice|Продажа в кредит|Обмен|Приходный кассовый ордер
    |Доставка|Возврат долга поставщикам Иванов|Магнит|Продажа 50%|refund?!maybe`,
}

const pairsOf = (table: Table) =>
  Object.entries(table).flatMap(([meaning, words]) => words.split('|').map((word) => [word.trim(), meaning] as const))
const asked = (cell: string, column: WordColumn) => meaningOf(cell, column) ?? 'asked'

describe('a word of a status', () => {
  it.each(pairsOf(STATUSES))('“%s” is %s', (word, meaning) =>
    expect(asked(word, { field: 'status', header: 'Статус' })).toBe(meaning),
  )
})

describe('a word of a kind', () => {
  it.each(pairsOf(KINDS))('“%s” is %s', (word, meaning) =>
    expect(asked(word, { field: 'kind', header: 'Тип операции' })).toBe(meaning),
  )
})

describe('a word that is turned around', () => {
  const words = [...pairsOf(STATUSES), ...pairsOf(KINDS)].filter(([, meaning]) => /paid|sale|refund/.test(meaning))
  const said = (word: string) =>
    (['kind', 'status'] as const).map((field) => asked(word, { field, header: field === 'kind' ? 'Тип' : 'Статус' }))

  it.each(['не', 'ещё не', 'not', 'not yet', 'без', 'никогда не'])('by “%s” says neither paid nor sale', (negation) => {
    const wrong = words.flatMap(([word, meaning]) => {
      const never = meaning === 'refund' ? ['refund'] : ['paid', 'sale', 'refund']
      return said(`${negation} ${word}`).some((one) => never.includes(one)) ? [word] : []
    })
    expect(wrong).toEqual([])
  })

  it.each(['Зюзя', 'xyz', 'возможно', '50%'])('beside “%s”, which nobody knows, is asked', (unknown) => {
    const known = words
      .flatMap(([word]) => [`${word} ${unknown}`, `${unknown} ${word}`])
      .filter((word) => new Set(said(word)).size > 1 || !said(word).includes('asked'))
    expect(known).toEqual([])
  })
})

describe('the header decides', () => {
  it.each([
    ['Оплачено', 'Да', 'paid'],
    ['Оплачено', 'Нет', 'unpaid'],
    ['Оплачен', 'да', 'paid'],
    ['Paid', 'yes', 'paid'],
    ['Paid', 'no', 'unpaid'],
    ['is_paid', 'true', 'paid'],
    ['Is paid?', 'FALSE', 'unpaid'],
    ['Оплата', '1', 'paid'],
    ['Статус оплаты', 'Нет', 'unpaid'],
    ['Оплачен (да/нет)', '0', 'unpaid'],
    ['Не оплачено', 'Да', 'unpaid'],
    ['Не оплачено', 'Нет', 'paid'],
    ['Возврат', 'Да', 'refund'],
    ['Возврат', 'Нет', 'none'],
    ['Признак возврата', '1', 'refund'],
    ['Refund', 'true', 'refund'],
    ['Refund', 'false', 'none'],
    ['Refunded', 'Yes', 'cancelled'],
    ['Refunded?', 'No', 'none'],
    ['Возвращён', 'да', 'cancelled'],
    ['Отменён', 'Да', 'cancelled'],
    ['Отменён', 'Нет', 'none'],
    ['Cancelled', 'y', 'cancelled'],
    ['Voided', 'FALSE', 'none'],
    ['Удалён', 'ложь', 'none'],
    ['Тестовый', 'Да', 'ignore'],
    ['Проведён', 'Да', 'paid'],
    ['Проведён', 'Нет', 'unpaid'],
    ['Успешно', 'Нет', 'unpaid'],
    ['Доставлен', 'Да', 'paid'],
    ['Доставлен', 'Нет', 'asked'],
    ['Сплачено', 'Так', 'paid'],
    ['Сплачено', 'Ні', 'unpaid'],
    ['Төленді', 'Иә', 'paid'],
    ['Bezahlt', 'Ja', 'paid'],
    ['Bezahlt', 'Nein', 'unpaid'],
    ['Pagado', 'Sí', 'paid'],
    ['Payé', 'Oui', 'paid'],
    ['Opłacone', 'Nie', 'unpaid'],
    ['Credit/Debit', 'C', 'sale'],
    ['D/C', 'C', 'sale'],
    ['D/C', 'D', 'asked'],
    ['Дт/Кт', 'Кт', 'sale'],
    ['CR/DR', 'CR', 'sale'],
    ['mode', 'live', 'none'],
    ['mode', 'test', 'ignore'],
    ['livemode', 'true', 'none'],
    ['livemode', 'false', 'ignore'],
    ['Status', 'paid_out', 'paid'],
    ['Credit/Debit', 'D', 'asked'],
    ['Статус', 'C', 'asked'],
    ['Статус', 'Да', 'asked'],
    ['Тип', '1', 'asked'],
    ['Комментарий', 'Нет', 'asked'],
    ['Order Status', 'Processing', 'asked'],
    ['Payment Status', 'Processing', 'unpaid'],
    ['Order Status', 'Confirmed', 'asked'],
    ['Payment Status', 'Confirmed', 'paid'],
    ['Статус заказа', 'Подтверждён', 'asked'],
    ['Статус заказа', 'Возврат', 'asked'],
    ['Статус оплаты', 'Подтверждён', 'paid'],
    ['Статус заказа', 'В обработке', 'asked'],
    ['Статус заказа', 'Оплачен', 'paid'],
    ['Financial Status', 'partially_refunded', 'paid'],
    ['Financial Status', 'voided', 'cancelled'],
  ])('under “%s” “%s” is %s', (header, word, meaning) => expect(asked(word, { field: 'status', header })).toBe(meaning))

  it('of what a yes means, and only where it can', () => {
    expect(['Оплачено', 'Возврат', 'Отменён', 'Статус', 'Дата', 'Тип документа', ''].map(flagOf)).toEqual([
      ...['paid', 'refund', 'cancelled'],
      ...[null, null, null, null],
    ])
    expect(['да', 'NO', '1', '0', '350,00', 'Оплачен', ''].map(isFlagWord)).toEqual([
      ...[true, true, true, true],
      ...[false, false, false],
    ])
  })
})

describe('the words of the settings', () => {
  const column = { field: 'status', header: 'Статус' } as const

  it('come first, whatever their case is', () => {
    expect(meaningOf('Ждём', column, { unpaid: ['ждем'] })).toBe('unpaid')
    expect(meaningOf('Оплачен', column, { ignore: ['ОПЛАЧЕН'] })).toBe('ignore')
    expect(meaningOf('Да', column, { paid: ['да'] })).toBe('paid')
  })

  it('are whole cells', () => {
    expect(meaningOf('Ждём Анну', column, { unpaid: ['Ждём'] })).toBeNull()
  })
})
