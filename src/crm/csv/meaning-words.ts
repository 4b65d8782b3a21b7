// What the words in columns for kinds and statuses stand for, in the languages of our exports. Folded; `*` ends a stem,
// `|` stands between entries. Of the entries that fit, the one with most words and then most letters counts.

export type WordClass =
  | 'sale'
  | 'pay'
  | 'paid'
  | 'done'
  | 'confirmed'
  | 'processing'
  | 'inWork'
  | 'awaits'
  | 'unpaid'
  | 'cancelled'
  | 'failed'
  | 'refund'
  | 'refunded'
  | 'ignore'
  | 'cost'
  | 'unclear'
  | 'paidOut'
  | 'step'
  | 'order'
  | 'nothing'
  | 'filler'
  | 'not'
  | 'part'

export const CLASSES: readonly (readonly [is: WordClass, entries: string])[] = [
  // A sale, as tills, 1C and shops name it.
  [
    'sale',
    `
    продаж*|реализац*|реализовани*|приход|прихода|приходу|приходный|покупка|покупки|поступлени*|зачислени*
    |расходн* накладн*|отчет о розничн* продаж*|sale|sales|sell|income|inflow|purchase|purchases|charge|charges
    |реалізац*|надходжен*|видатков* накладн*|сату|сатылым|сату чегі|кіріс|verkauf|umsatz|umsatze|verkaufe
    |verkaufsbeleg|venta|ventas|vente|ventes|sprzedaz|sprzedazy|vendita|prodej|satis|venda|verkoop|сатуды|пополнение
    `,
  ],
  // A payment, which says of a status only what stands beside it.
  [
    'pay',
    `
    оплата|оплати|оплаты|оплате|оплату|оплат|оплатой|платеж*|платіж|payment|payments|pay|төлем|төлемі|zahlung|pago|pagos
    |paiement|paiements|platnosc|wplata
    `,
  ],
  [
    'paid',
    `
    оплачен*|оплатил*|оплачив*|paid|успешн*|успех|успіш*|проведен*|прошел|прошла|прошло|исполнен*|выполнен*|виконан*
    |пробит*|фискализирован*|success*|succeeded|succeed|complete|completed|approved|captured|settled|cleared|done|ok
    |ок|won|закрыт|закрыта|закрыто|закрытый|закрытая|closed|завершен*|завершил*|получен|получена|получено|получены
    |зачислен|зачислена|зачислено|deposited|одобрен*|реализован|реализована|реализовано|реалізован*|сплачен*
    |отриман*|закрит|закрита|закрите|схвален*|сатылды|төленді|төленген|сәтті|орындалды|аяқталды|жабылды|пришел
    |пришла|пришли|прийшов|прийшла|состоялся|состоялась|posted|sold|charged|chargeback won|dispute won|bezahlt
    |gezahlt|abgeschlossen|erfolgreich|pagado|pagada|pagados|completad*|cobrad*|exitos*|paye|payee|payes|regle
    |reglee|termine|terminee|reussi*|oplacon*|zaplacon*|zrealizowan*|zakonczon*|wykonan*|kaufabschluss|paid in full
    |выигран*|finished|finalized|finalised|pagato|pagata|zaplaceno|odendi|продан|продана|продано|проданный
    `,
  ],
  // The goods are with the customer, who then has paid.
  [
    'done',
    `
    отгружен*|shipped|доставлен|доставлена|доставлено|вручен|вручена|вручено|выдан|выдана|выдано|выкуплен|выкуплена|выкуплено|выкуп
    |fulfilled|delivered|picked up|видан|видана|видано|доставлений|жеткізілді|geliefert|zugestellt|ausgeliefert
    |entregad*|livre|livree|dostarczon*
    `,
  ],
  // An order that is confirmed is not paid, but a payment is.
  [
    'confirmed',
    `
    подтвержд*|confirmed|confirmad*|autorizad*|aprobad*|aprovad*|confirme|confirmee|bestatigt|potwierdzon*|підтверд*|расталды|processed
    |обработан*|оброблен*|received
    `,
  ],
  // Shops name so what is paid and not sent yet, banks what is not paid yet.
  [
    'processing',
    `
    processing|procesando|processamento|en cours|bearbeitung
    `,
  ],
  [
    'inWork',
    `
    обработк*|обробц*|обрабатыва*|в работе|в роботі|in progress|в процессе|в процесі|выполняется|өңделуде|realizacji
    `,
  ],
  [
    'awaits',
    `
    ожид*|ждет|ждем|pending|awaiting|awaits|waiting|очіку*|чекає*|күтуде|күтілуде|күту|ausstehend|wartend|wartet
    |pendiente*|attente|oczekuj*|attesa|beklemede
    `,
  ],
  [
    'unpaid',
    `
    unpaid|incomplete|черновик*|чернетк*|draft|новый|новая|новое|новые|новий|нова|нове|new|hold|on hold|открыт
    |открыта|открыто|відкрит*|open|authorized|authorised|preauthorized|outstanding|due|past due|overdue|просрочен*
    |прострочен*|долг|долга|задолженн*|борг|запланирован*|scheduled|создан|создана|created|initiated|инициирован*
    |requires|клиент подтвердил|счет выставлен|выставлен счет|төленбеді|төленбеген|жаңа|ашық|offen|offene|entwurf
    |impagad*|borrador|abierto|abierta|impaye|impayee|brouillon|nouveau|nouvelle|ouvert|ouverte|nowe|nowy|nowa|szkic
    |robocz*|авторизован*|холд|held|form showed|отложен*|layby|layaway
    `,
  ],
  [
    'cancelled',
    `
    отмен*|аннул*|анул*|скасов*|скасуван*|відмін*|отказ*|відмов*|удален*|видален*|cancel*|void|voided|voids|delet*
    |removed|expired|истек|истекла|истекло|lost|провал*|проигран*|abandoned|брошен*|no show|noshow|неявк*|не явил*
    |не пришел|не пришла|не пришли|не прийшов|не прийшла|не реализован*|невыкуп*|бас тарт*|тартылды|жойыл*
    |storniert*|abgebrochen|annul*|geloscht|ungultig|anulad*|anulac*|anulow*|vencid*|caducad*|expire|expiree
    |supprime*|wygas*|usuniet*|отказ от получения|помечен* на удаление|lose|iptal|annullato|deadline expired
    `,
  ],
  // What did not come about; a cancellation that failed leaves the sale as it was.
  [
    'failed',
    `
    відхил*|отклон*|неуспешн*|неуспіш*|ошибк*|ошибочн*|помилк*|сбой|declin*|fail|failed|failure|fails|error|reject*
    |denied|timeout|timed out|invalid|қате|сәтсіз|abgelehnt|fehlgeschlagen|rechazad*|fallid*|denegad*|refuse|refusee
    |echou*|echec|rejete*|odrzucon*|nieudan*|blad|не прошел|не прошла|не прошло|auth fail|недостаточно средств
    |insufficient funds
    `,
  ],
  [
    'refund',
    `
    возврат*|refund|refunds|return|returns|payback|рефанд|сторно|credit note|credit memo|повернення|қайтару|қайтарым
    |gutschrift|ruckgabe|ruckerstattung|erstattung|retoure|retour|storno|remboursement|avoir|devolucion|devoluciones
    |reembolso|nota de credito|zwrot|zwroty|zwrotu|rimborso|reso|iade|vratka|devolucao|estorno|terugbetaling
    |credit invoice
    `,
  ],
  // Of the sale itself.
  [
    'refunded',
    `
    refunded|returned|reversed|reversal|chargeback|chargebacks|сторнирован*|повернуто|повернено|повернут*|қайтарылды
    |қайтарылған|erstattet|zuruckerstattet|reembolsad*|devuelt*|rembourse|remboursee|zwrocon*|возвращен*|rimborsato
    |rimborsata|vraceno
    `,
  ],
  // Neither sale nor refund.
  [
    'ignore',
    `
    коррекц*|корректировк*|correction|корекц*|коригуван*|түзету|внесени*|изъяти*|инкассац*|інкасац*|внесення
    |вилучення|выплат*|payout|payouts|expense|expenses|outflow|расход|расхода|расходы|расходу|расходн*
    |расходн* кассов* ордер*|рко|списани*|списанн*|withdraw*|buy|buyback|закупк*|закуп|перемещени*|инвентаризац*
    |отчет|отчеты|отчета|отчету|z|x|смена|смены|смену|смен|shift|session|открыти*|opening|closing|закрыти*
    |регистрац*|перерегистрац*|тест|тестов*|test|cash in|cash out|cash income|cash outcome|приходн* накладн*
    |приход* товар*|поступлени* товар*|поступлени* акт*|поступлени* накладн*|поступлени* от поставщик*|поставщик*
    |поставк*|supplier|прием товар*|приемк*|оприходовани*|прибуткова накладна|видаток|видатки|видатку|витрат*|шығыс
    |ausgabe|ausgaben|gasto*|depense*|wydatek|wydatki|einkauf|cash drop
    `,
  ],
  // Neither, but beside a word of a sale it may be a part of one.
  [
    'cost',
    `
    fee|fees|комисси*|оплата эквайринга|acquiring|логистик*|хранени*|штраф*|удержани*
    `,
  ],
  // Money that was paid out: of a payment that is its end, as a kind it is an expense or none.
  ['paidOut', 'paid out'],
  // Whatever stands beside it.
  [
    'unclear',
    `
    purchase order|refund reversal|refund reversed|chargeback reversal|chargeback reversed|reversal of refund|pay in
    |pay out|paid in|оплата долга|погашение долга|возврат долга|пополнение счета|пополнение депозита
    |пополнение баланса
    `,
  ],
  // How goods go to the customer, which says nothing of the money.
  [
    'step',
    `
    отправлен*|отправк*|dispatched|sent|shipping|shipment|delivery|fulfillment|fulfilment|fulfill|pickup|готов*
    |ready|preparing|собран*|собирается|сборк*|упакован*|в пути|in transit|transit|доставк*|доставляется|выдач*
    |самовывоз*|versendet|versand|enviad*|envio|expedi*|wyslan*|надіслан*|відправлен*|unfulfilled|undelivered
    |недоставлен*|отгрузк*
    `,
  ],
  [
    'order',
    `
    заказ*|order|orders|замовлен*|тапсырыс|bestellung|pedido|commande|zamowieni*|заявка|заявки
    `,
  ],
  // Papers, goods and means of payment.
  [
    'nothing',
    `
    товары услуги комиссия|чек|чека|чеки|чеком|чегі|бсо|бланк* строг* отчетност*|receipt|receipts|check|cheque
    |ticket|товар*|услуг*|service|services|product|products|накладн*|акт|упд|наличн*|безнал*|карта|карты|картой
    |карте|картою|карткою|готівк*|қолма|картамен|cash|card|visa|mastercard|мир|сбп|sbp|qr|эквайринг*|онлайн|online
    |bon|beleg|tarjeta|efectivo|karte|bar|barzahlung|carte|especes|karta|gotowka|абонемент*|сертификат*|подарочн*
    |gift|live|livemode|production|боевой
    `,
  ],
  // Words that change nothing.
  [
    'filler',
    `
    и|а|но|от|по|для|на|за|в|во|о|об|кассовый|кассового|касовий|the|by|of|a|to|for|from|in|is|was|has|been|be|and|at
    |en|i|y|und|et|клиент*|клієнт*|покупател*|покупц*|customer|client|buyer|банк*|bank|сделк*|deal|деньг*|денег
    |денежн*|средств*|статус|status|state|операци*|операці*|транзакц*|transaction|розничн*|оптов*|полностью|повністю
    |полный|полная|fully|full|voll|еще|ще|пока|yet|был|была|было|были|already|уже|вже|счет|счета|счету|расчетный
    |через|via|with|method|action|capture|confirmation|сбербанк|сбер|тинькофф|stripe|paypal|yookassa|юкасса
    |robokassa|square|terminal|терминал*|pos|web|сайт*|магазин*|invoice|wurde|ist|est|ete|ha|sido|de|la|el|zostal*
    |фактур*|faktura|rechnung|factura|facture|прихода чек|визит*|запис*|салон*|администратор*|менеджер*|продавц*
    |систем*|пользовател*|автоматически|merchant|seller|admin|user|system|am|auth|со|un|до|express|checkout
    |recurring|subscription|wc
    `,
  ],
  [
    'not',
    `
    не|нет|без|ні|not|no|non|never|isn|wasn|didn|hasn|nicht|kein|keine|nie|sin|sans|pas|ne|жоқ|емес
    `,
  ],
  [
    'part',
    `
    частичн*|частич*|частково|часткова|неполн*|не полностью|не повністю|partial*|partly|ішінара|teilweise|teil
    |parcial*|partiel*|czesciow*
    `,
  ],
]

/** Columns that hold one of two words have a header that says what they are about. */
export const YES = new Set('да|yes|true|y|1|x|истина|так|иә|ja|si|oui|tak|on|✓|✔|+'.split('|'))
export const NO = new Set('нет|no|false|n|0|ложь|ні|жоқ|nein|non|nie|off|✗|✘'.split('|'))
/** In columns that say whether money came or went. */
export const CREDIT = new Set('c|cr|credit|к|кт|кредит|haben|h'.split('|'))
