// The words that headers have in exports of tills, 1C, operators of fiscal data, shops and banks: Russian, English,
// Ukrainian, Kazakh, German, Spanish, French, Polish. Matched after `normalizeHeader`.

export const FIELDS = [
  ...(['id', 'date', 'time', 'amount', 'currency', 'kind', 'status'] as const),
  ...(['name', 'phone', 'email', 'card', 'comment'] as const),
  ...(['quantity', 'debit', 'refunded', 'zone', 'till', 'location'] as const),
] as const
export type Field = (typeof FIELDS)[number]

interface HeaderRule {
  /** Patterns from certain to possible; those of one list are equally certain. */
  readonly is: readonly (RegExp | readonly RegExp[])[]
  /** Only where the cells say so too. */
  readonly perhaps?: RegExp
  readonly isNot?: RegExp
}

/** Of the seller, or no address but a permission to use it. */
const SELLER =
  /организац|кассир|продав|магазин|компани|поставщ|точк|отправител|салон|филиал|сотрудник|мастер|employee|staff|seller|merchant|cashier|store|location|company|vendor|accepts|consent|marketing|согласи|подпис/

export const HEADERS: Readonly<Record<Field, HeaderRule>> = {
  id: {
    is: [
      /^(?:id|guid|uuid|ид|external ?id|unique id)$/,
      [
        /^(?:id|guid|код|номер|нөмірі|numer|numero|nr|n|no|идентификатор) .*(?:транзакц|операц|операці|заказ|замовлен|продаж|платеж|transac|transak|operac|operat|pedido|commande|zamow|pago|order|sale|payment)/,
        /^(?:transaction|order|sale|payment|purchase|charge|booking|invoice|bill|transaktions|operation|тапсырыс|операция|транзакция) ?(?:id|no|nr|num|number|номер|нөмірі|ref|reference)$/,
      ],
      [
        /^(?:(?:номер|id|n|код) .*(?:чек|квитанц).*|чек(?:а|у)?(?: номер| id)?|(?:sales )?receipt(?: id| no| number| nr| num)?|check(?: id| no| number)|чек нөмірі|чек id)$/,
        /^(?:(?:numero|nr|n|no|numer|folio)(?: de| du| del)? (?:ticket|recibo|factura|facture|recu|paragonu|faktury|dokumentu|boleta)|ticket(?: id| no| nr| number| n)?|tique|paragon|folio|(?:numero )?scontrino|cislo dokladu|doklad)$/,
        /^(?:beleg|bon|quittungs?|rechnungs?|vorgangs?|auftrags?|bestell|transaktions?|kassenbon) ?(?:nummer|nr|id|no)$|^(?:bestellung|auftrag|pedido|commande|zamowienie|facture|factura)(?: n| no| nr| id)?$/,
      ],
      /^(?:номер документа|документ номер|(?:порядковый )?(?:номер )?фд|фд номер|(?:порядковый )?номер фискального документа|заказ|замовлення|order|invoice|bill|ref(?:erence)?(?: no| number| id)?|rrn|document (?:no|number|id)|doc (?:no|number)|фпд?|фискальный признак(?: документа)?)$/,
      /^(?:номер|код|number|no|nr|nummer|numero|numer)$/,
    ],
    isNot:
      /касс(?!ов)|клиент|кліент|карт|телефон|счет(?!$)|магазин|точк|смен|стол|ккт|ккм|терминал|позиц|товар|строк|артикул|customer|client|buyer|product|item|sku|location|store|device|\bcard|phone|account|shift|table|variant|tracking|трек|возврат|refund|родител|parent|исходн|original/,
  },
  date: {
    is: [
      /^дата (?:и |та |і )?(?:время|час)|^date (?:and |et )?(?:time|heure)|^datetime$|^time ?stamp$|^(?:paid|occurred|sold|closed|completed|processed) ?(?:at|on)$|^datum (?:und )?(?:uhrzeit|zeit)|^fecha (?:y |e )?hora|^data (?:i |e )?(?:czas|godzina|hora)|^күні (?:мен )?уақыты|^время и дата$/,
      [
        /^(?:created|placed|ordered) ?(?:at|on)$|^дата (?:чека|продажи|операции|оплаты|платежа|расчета|транзакции|визита|услуги|закрытия(?: \S+)?|покупки|продажу|операції|платежу|оплати|транзакції)$/,
        /^(?:(?:transaction|sale|sales|order|payment|receipt|invoice|check|close|closed|purchase|business|paid|ticket) date|date (?:paid|sold|closed|of (?:sale|payment|transaction|purchase|receipt)))$/,
        /^(?:verkaufs|beleg|buchungs|zahlungs|rechnungs|bestell|transaktions|kauf)datum$|^fecha (?:de )?(?:la )?(?:venta|pago|operacion|pedido|factura|transaccion|ticket|compra)$|^date (?:de )?(?:la )?(?:vente|paiement|commande|operation|facture|transaction|ticket|l achat)$|^data (?:sprzedazy|transakcji|operacji|platnosci|zamowienia|paragonu|wystawienia|zakupu)$/,
      ],
      /^(?:дата|date|datum|fecha|data|күні|day|день|дата күні|dates?)$/,
      /^(?:дата (?:документа|заказа|замовлення|учета|обліку|создания.*|створення.*|регистрации|печати фд|фд|формирования.*|записи|приема|начисления|проводки)|период|період|day of sale|created(?: date)?|date created|(?:posting|posted|booking|value) date|wertstellung|valuta)$/,
      /дат[аыу](?:\P{L}|$)|(?:^| )date|datum|fecha|(?:^| )data /u,
    ],
    // MoySklad and others call it the time, and the cells have the day too.
    perhaps:
      /время|(?:^| )time$|^(?:час|момент(?: времени)?|moment|when|когда|uhrzeit|hora|heure|paid|closed|completed|opened|sold|created|placed|оплачен[ао]?|закрыт[ао]?|открыт[ао]?|создан[ао]?|принят(?: в обработку)?|\S+ день|business day|day opened)$/,
    isNot:
      /рожд|birth|измен|обнов|updat|modif|edited|регистрации ккт|регистрации касс|срок|expir|\bdue\b|geburt|nacimiento|naissance|urodz|народж|туған|доставк|deliver|\bship|отгруз|план|возврат|refund|cancel|отмен|окончан|\bend\b|deposit|payout|выплат|первого|последнего|first|last|time ?zone|поставк/,
  },
  time: {
    is: [
      /^(?:время|time|час|ora|cas|uhrzeit|zeit|hora|heure|godzina|czas|уақыт|уақыты|времени)$/,
      /^(?:время|час) (?:чека|продажи|операции|оплаты|расчета|платежа|транзакции|печати фд|фд|документа|заказа|визита|записи|закрытия.*|создания.*|продажу|операції|оплати|платежу|замовлення)$/,
      /^(?:transaction|sale|sales|order|payment|receipt|closed?|check|start) time$|^time (?:of sale|sold|closed|paid)$|^heure (?:de |du )?\S+$|^hora (?:de )?(?:la )?\S+$|^(?:verkaufs|beleg|buchungs)(?:uhr)?zeit$|^godzina \S+$/,
    ],
    isNot: /zone|пояс|длит|duration|длительн|ожидан|wait|доставк|deliver/,
  },
  amount: {
    is: [
      /^(?:(?:сумма |итого )?к оплате|сумма (?:со скидкой|с учетом скид.*)|оплачено|(?:amount )?paid)$/,
      /^(?:сумма (?:оплаты|платежа|продажи|операции|транзакции)|amount|total amount)$/,
      /^(?:сумма (?:по )?чек[ау]|итого? (?:по )?чек[ау]|сумма (?:заказа|документа))$/,
      /^(?:сумма|total|sum|gross)$/,
      /^(?:итого|всего|выручка|стоимость|price)$/,
      /сумм|итог|amount|total/,
    ],
    isNot: /налог|ндс|(?<!со |учетом )скид|tax|vat|discount|бонус|балл|чаев|\btip|комисс|возвр|себест|колич|qty/,
  },
  currency: {
    is: [
      /^(?:(?:код |символ |наименование )?валют\S*(?: операции| платежа| счета| заказа| чека)?|currency(?: code| symbol| iso)?|(?:transaction|order|payment|sale) currency|wahrung|wahrungscode|divisa|moneda|devise|code devise|waluta|валюта коды|ccy)$/,
      /^(?:код )?валют|(?:^| )currency(?: code)?$/,
    ],
    isNot: /курс|rate|сумм|amount|settlement|payout/,
  },
  kind: {
    is: [
      /^(?:признак расчета|(?:тип|вид) (?:операции|транзакции|расчета|движения|начисления|операції|транзакції|розрахунку)|event(?: type)?|operation(?: type)?|(?:transaction|order event|activity|entry|movement) (?:type|kind)|type of (?:transaction|operation|sale))$|признак расчета/,
      [
        /^(?:(?:тип|вид) (?:чека|документа|записи|строки)|(?:document|receipt|record|row|line|payment event|check) type|операция түрі|чек түрі|құжат түрі)$/,
        /^(?:transaktions?|vorgangs?|beleg|buchungs|bewegungs)(?:typ|art)$|^tipo (?:de )?(?:la )?(?:operacion|transaccion|documento|movimiento|ticket|venta)$|^type (?:de |d )?(?:la )?(?:transaction|operation|document|ticket|mouvement|vente)$|^(?:typ|rodzaj) (?:transakcji|dokumentu|operacji|paragonu|sprzedazy)$/,
      ],
      /^(?:операция|операція|движение|kind|(?:credit debit|debit credit|дебет кредит|кредит дебет|дт кт|кт дт|cr dr|dr cr|приход расход|dc|cd|d c|c d)(?: indicator)?|soll haben(?: kennzeichen)?)$/,
      /^(?:(?:is )?(?:live|test) ?mode|mode|is test|тестов(?:ый|ая)(?: платеж| режим| оплата)?|тип(?: продажи)?|вид(?: продажи)?|(?:sale |sales )?type|возврат|refund|typ|art|vorgang|tipo|rodzaj|nature|түрі|возвраты?|возвращен[ао]?|refunded|return(?:ed)?|is (?:refund(?:ed)?|return(?:ed)?)|(?:признак|чек|флаг) возврата|сторно|storno|повернення|қайтару|ruckgabe|devolucion|zwrot)$/,
    ],
    isNot: /клиент|customer|client|оплат|payment type|карт|card|товар|product|item/,
  },
  status: {
    is: [
      /^(?:financial|payment|paid|charge|billing) (?:status|state)$|^(?:статус|состояние|стан) (?:оплаты|платежа|оплати|платежу|расчета)$|^(?:zahlungs|bezahl)status$|^estado (?:de |del )?pago$|^statut (?:de |du )?(?:paiement|reglement)$|^status (?:platnosci|zaplaty)$|^төлем (?:күйі|мәртебесі)$/,
      /^(?:статус|состояние|стан|status|state|result|outcome|результат(?: операции)?|resultado|ergebnis|resultat|esito|wynik|нәтиже|estado|statut|etat|күйі|мәртебесі|мәртебе|zustand)$|^(?:transaction|sale|receipt) (?:status|state)$|^(?:статус|состояние|стан) (?:операции|транзакции|чека|продажи|операції|транзакції)$/,
      /^(?:order|deal|invoice|booking|document|appointment|visit|ticket|bill) (?:status|state)$|^(?:статус|состояние|стан|этап|стадия) (?:заказа|сделки|документа|визита|записи|брони|замовлення|угоди)$|^(?:этап|стадия|stage|pipeline stage|deal stage|bestell ?status|auftragsstatus|estado (?:del )?pedido|statut (?:de la )?commande|status zamowienia)$/,
      /^(?:(?:чек|заказ|документ|продажа|запись) (?:удален|отменен|аннулирован)[аоы]?|(?:check|order|receipt|sale) (?:deleted|voided|cancell?ed)|оплачен[аоы]?|оплата прошла|is paid|paid|отменен[аоы]?|отмена|(?:is )?cancell?ed|(?:is )?void(?:ed)?|аннулирован[аоы]?|удален[аоы]?|проведен[аоы]?|deleted|успешно|success|успех|скасовано|сплачено|bezahlt|pagado|paye|oplacone|төленді|storniert|anulado|annule|anulowane)$/,
      /^(?:статус|состояние|status|state) |(?:^| )(?:status|статус)$/,
      /fulfil\S* (?:status|state)|(?:delivery|shipping|shipment) (?:status|state)|^(?:статус|состояние) (?:доставки|отгрузки|отправки|выполнения)$/,
    ],
    isNot: /клиент|customer|client|карт|card|подписк|subscription|email|mail|склад|stock|inventory|risk/,
  },
  name: {
    is: [
      /^(?:клиент|покупатель|(?:фио|имя|наименование|название) (?:клиента|покупателя|гостя|плательщика)|клиент (?:фио|имя)|(?:customer|client|buyer|guest|payer)(?: s)?(?: full)?(?: name)?|клієнт|покупець|піб(?: клієнта| покупця)?|ім я (?:клієнта|покупця)|сатып алушы|тапсырыс беруші|kunde|kundenname|cliente|nombre (?:del )?cliente|nom (?:du )?client|acheteur|klient|nazwa klienta|imie i nazwisko)$/,
      /^(?:фио|имя|гость|контрагент|плательщик|заказчик|(?:full )?name|payer|guest|(?:billing|contact|shipping) name|замовник|ім я|аты жөні|nombre|nom|comprador|nabywca|kaufer|patient|пациент|посетитель)$/,
      /клиент|покупател|customer|client(?!e id)|kunde|klient|клієнт|покупец/,
    ],
    isNot:
      /\bid\b|код|номер|нөмір|тел(?:еф|$| )|phone|mail|почт|пошт|карт|card|дат[аы]|date|адрес|address|инн|групп|group|тип|type|балан|segment|сегмент|since|\bnote|comment|коммент|count|колич|source|источник|status|статус|language|язык|city|город|country|state|zip|postal|compan|компани|tax|скид|discount|сумм|amount|долг|debt|бонус|bonus|\bnew\b|return|возраст|\bage\b|\bпол\b|gender|tag|метк|nummer|nr$|визит|visit|категор|скольк|reference|\bref\b|manager|менеджер/,
  },
  phone: {
    is: [
      /(?:телефон|phone|моб).*(?:клиент|покупат|клієнт|покупц|гост)|^(?:customer|client|buyer|guest|billing|contact)(?: s)? (?:phone|mobile)(?: number)?$|^клиент (?:телефон|тел)$|^telefono (?:del )?cliente$|^telephone (?:du )?client$/,
      /^(?:(?:номер |моб(?:ильный|ільний)? |контактный |контактний )?тел(?:ефон)?[ау]?(?: номер| нөмірі)?|номер мобильного(?: телефона)?|phone(?: number| no)?|mobile(?: phone| number)?|cell(?: phone)?|tel(?:efon)?|мобильный|мобільний|ұялы телефон|telefonnummer|handy|handynummer|mobil|telefono|movil|celular|telephone|portable|numer telefonu|komorka|telefon komorkowy)$/,
      /^контакт$|телефон|phone|telefon/,
    ],
    isNot: SELLER,
  },
  email: {
    is: [
      /^e ?mail|^(?:эл(?:ектронная|ектронна)? )?(?:почта|пошта)$|^эл(?:ектронный)? адрес$|^mail$|^(?:customer|client|buyer|guest) e ?mail$|^correo(?: electronico)?$|^courriel$|^mel$/,
      /e ?mail|электронн.* почт|correo/,
    ],
    isNot: SELLER,
  },
  card: {
    is: [
      /карт.*(?:лояльн|клиент)|(?:бонус|дисконт|скид).*карт|карт.*(?:бонус|дисконт|скид)|(?:loyalty|customer|member\S*).*card|kundenkarte|tarjeta (?:de )?(?:fidelidad|cliente)|carte (?:de )?(?:fidelite|client)|karta (?:stalego klienta|lojalnosciowa)|бонусна картка|дисконтна картка/,
      /^(?:(?:номер |(?:штрих ?)?код )?карт(?:а|ы|ка|ки)|card(?: number| no)?|last 4|card last (?:4|four)|pan)$/,
    ],
    isNot: /тип|вид|балан|оплат|brand|type|entry|fee|сумм|amount|present|issuer|банк/,
  },
  comment: {
    is: [
      /^(?:комментар\S*|коментар\S*|примечание|примітк\S*|описание|опис|назначение.*|призначення.*|категория|comments?|notes?|description|details|memo|narrative|particulars|remarks?|bemerkung\S*|beschreibung|verwendungszweck|notiz\S*|kommentar|notas?|descripcion|concepto|observaciones|commentaire\S*|libelle|remarque\S*|motif|komentarz|uwagi|tytul|түсініктеме|сипаттама|(?:customer|client|order) notes?)$/,
    ],
  },
  quantity: {
    is: [
      /^(?:колич?ество|кол во|кол|qty|quantity|кількість|к сть|к ть|саны|menge|anzahl|stuckzahl|cantidad|cant|unidades|quantite|qte|ilosc|units)$/,
      /^(?:(?:line ?items?|items?|product|net|sold) (?:quantity|qty|count)|(?:quantity|qty|units|items) sold|количество (?:товар\S*|позици\S*|единиц|предмета расчета|продано|в чеке|предметов.*)|кол во (?:товар\S*|единиц|позици\S*))$/,
    ],
  },
  debit: { is: [] },
  refunded: { is: [] },
  zone: {
    is: [
      /^(?:(?:transaction |store |location )?time ?zone(?: name)?|tz|часовой пояс|зона времени|часовий пояс|zeitzone|zona horaria|fuseau horaire|strefa czasowa|уақыт белдеуі|utc offset|смещение(?: от)? utc)$/,
    ],
  },
  till: {
    is: [
      /^(?:(?:номер |код |название |наименование |имя |id )?касс[аы](?: номер| id| название| наименование)?|(?:рег(?:истрационный)?|заводской|зав)? ?(?:номер|рн|зн) (?:ккт|ккм|кассы|рро)|(?:рн|зн)? ?(?:ккт|ккм|рро)(?: номер| рн)?|рнм(?: ккт)?|рнккт|касс\S+ аппарат|номер каси|каса|кассовое место)$/,
      /^(?:cash )?(?:till|register|pos|terminal|device)(?: id| no| nr| number| name| nickname)?$|^(?:номер |id |код )?терминал[аыу]?(?: номер| id)?$|^устройство$|^(?:kasse|kassennummer|kassen (?:nr|id|nummer)|terminal (?:nr|id)|caja|(?:numero de |n )?caja|caisse|(?:numero de |n )?caisse|kasa|(?:numer |nr )kasy)$/,
      /^(?:номер )?смен[аы](?: номер)?$|^(?:shift|session)(?: id| no| number)?$|^schicht(?:nummer)?$|^(?:номер )?зміни$|^ауысым$/,
    ],
    isNot: /кассир|cashier|operator|время|дата|type|model|тип|модел/,
  },
  location: {
    is: [
      /^(?:(?:название |наименование |имя |код |id |номер |адрес )?(?:торгов(?:ая|ой) точк[аи]|точк[аи](?: продаж\S*| реализации)?|магазина?|филиала?|салона?|заведени[ея]|ресторана?|подразделени[ея]|места? расчетов|клиник[аи]|студи[яи])(?: название| наименование| id| код)?)$/,
      /^(?:location|store|branch|outlet|shop|site|venue|restaurant|business location|pos location|salon)(?: name| id| no| code| number)?$|^(?:filiale|standort|geschaft|laden|tienda|sucursal|magasin|boutique|etablissement|sklep|punkt sprzedazy|oddzial|філія|магазин|точка продажу|крамниця|дүкен|local)$/,
      /^склад$|^warehouse(?: name)?$/,
    ],
    isNot: /телефон|phone|почт|mail|url|сайт/,
  },
}

/** The numbers of the fiscal drive and of its document; together they identify one receipt. */
export const FISCAL = [
  /^(?:(?:зав(?:одской)? )?номер )?фн$|^фн(?: номер)?$|^(?:зав(?:одской)? )?(?:номер )?фискальн\S+ накопител|^fn(?: number| no)?$|^fiscal (?:drive|storage|accumulator)/,
  /^(?:порядковый )?(?:номер )?фд$|^фд номер$|^(?:порядковый )?(?:номер )?фискальн\S+ документ|^fd(?: number| no)?$|^fiscal document/,
] as const

/** Columns that are parts of a receipt's sum, for files without a column for all of it. */
export const TENDERS =
  /^(?:сумма |оплата )?(?:по чеку )?(?:наличн\S+|нал|безнал\S*|электронными|картой)$|^(?:cash|аванс(?:ом)?|(?:в )?кредит|встречным.*|обмен)$/

/** A file with one of these columns has lines of receipts, not receipts. */
export const LINES =
  /^(?:(?:наименование|название)(?: товар\S*| позиции| предмета расчета| номенклатуры)?|товар(?:ы| услуга)?|номенклатура|позиция|предмет расчета|количество(?: товара)?|кол во|артикул|item(?: name)?|line ?items?(?: name)?|product(?: name| title)?|sku|qty|quantity|(?:line ?item|item) (?:quantity|qty)|найменування(?: товару)?|кількість|к сть|тауар|саны|artikel(?:name|nr|nummer)?|bezeichnung|menge|anzahl|producto|articulo|cantidad|cant|produit|article|designation|quantite|qte|towar|produkt|nazwa towaru|ilosc)$/

/** Numbers that begin again every shift. Without its fiscal drive, a document number may belong to another till. */
export const DAILY =
  /чек|receipt|\bcheck\b|ticket|tique|paragon|\bbon|beleg|quittung|^(?:номер )?фд$|^фд номер$|^порядковый номер (?:фд|фиск)/

/** Ids that are never reused. Orders and documents may have several rows, or begin again every year. */
export const SURE_ID =
  /^(?:id|guid|uuid|ид|external ?id|unique id)$|транзакц|операц|transa[ck]|operac|payment|charge id/

export const TOTALS =
  /^(?:(?:общий |промежуточный )?итоги?|итого|всего|подытог|разом|усього|всього|жиыны|барлығы|(?:grand |sub ?)?total(?:s|es|en)?|totaux|total general|sous total|summe|gesamt(?:summe)?|insgesamt|suma|сума|razem|lacznie|общая сумма)(?:\P{L}|$)/iu
