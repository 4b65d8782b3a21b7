// The words that columns are found by, and what a preview says of them.
import { describe, expect, it } from 'vitest'
import { preview } from '#crm/csv/preview.ts'
import { type Field, FIELDS, headerScore, normalizeHeader } from '#crm/csv/words.ts'
import { bytesOf, givenFor } from '#test/csv.ts'

/** As they stand in exports of tills, banks, 1C and operators of fiscal data. */
const HEADERS: Readonly<Record<Field, string>> = {
  id: 'Номер чека|Чек|Номер документа|№ ФД|ФД №|Номер ФД (1040)|ФПД|Номер заказа|GUID заказа|Номер|id|Код операции|Номер операции|Номер транзакции|ID транзакции|№ чека|Номер кассового чека|transaction id|Order ID|Receipt No.|receipt number|Invoice|ref|RRN|UUID',
  date: 'Дата|Дата чека|Дата операции|Дата продажи|Дата и время|Дата/время|Дата, время (1012)|Дата учёта|Дата создания документа|Дата печати ФД|Дата и время регистрации|Дата оплаты|Период|date|datetime|created at|created_at|Paid At|timestamp|Дата платежа|Transaction date',
  time: 'Время|Время чека|Время печати ФД|Время продажи|time',
  amount:
    'Сумма|Сумма чека|Сумма операции|Сумма платежа|Сумма продажи|Сумма оплаты|Итого|К оплате|Стоимость|Выручка|Оплачено|amount|Total|sum|price|paid|gross|Сумма, руб.|Сумма, ₽|Сумма (1020)|Сумма со скидкой|Сумма с учётом скидки|Итого по чеку|total_amount',
  currency: 'Валюта|Валюта операции|Код валюты|currency',
  kind: 'Тип операции|Признак расчета|Признак расчёта (тег 1054)|Тип документа|Вид операции|Тип чека|Возврат|type|kind|operation|refund',
  status: 'Статус|Статус оплаты|Состояние|status|Payment status',
  name: 'Клиент|Покупатель|Контрагент|Имя|ФИО|Покупатель (клиент) (1227)|Гость|ФИО клиента|client|customer|Name|payer|customer_name',
  phone:
    'Телефон|Тел.|Моб. телефон|Номер телефона|Телефон клиента|Контакт|phone|Mobile|tel|Телефон покупателя|Мобильный телефон|Phone number',
  email: 'Email|E-mail|Почта|Эл. почта|Электронная почта|mail|Адрес электронной почты|E-mail клиента',
  card: 'Номер карты|Карта|Карта лояльности|Дисконтная карта|Код карты|Штрихкод карты|card|Card number|Loyalty card|Номер бонусной карты',
  comment: 'Комментарий|Описание|Примечание|Назначение|Назначение платежа|Категория|comment|description|note|memo',
  ...{ quantity: 'Количество|Кол-во|qty', debit: '', refunded: '', zone: 'Time Zone|Часовой пояс' },
  ...{ till: 'Касса|Номер кассы|Терминал|register', location: 'Магазин|Торговая точка|Филиал|Location' },
}
const CASES = FIELDS.flatMap((field) =>
  HEADERS[field].split('|').flatMap((header) => (header === '' ? [] : [{ field, header }])),
)

describe('a header', () => {
  it.each(CASES)('“$header” means $field before all else', ({ field, header }) => {
    const name = normalizeHeader(header)
    const scores = FIELDS.map((one) => [one, headerScore(name, one)] as const).toSorted(([, a], [, b]) => b - a)
    expect(scores[0]).toEqual([field, expect.any(Number)])
    expect(scores[0]?.[1]).toBeGreaterThan(0)
  })

  it.each([
    '№',
    '№ п/п',
    'Кассир',
    'Имя кассира',
    'Дата рождения',
    'ИНН',
    'Адрес',
    'Телефон организации',
    'Скидка',
    'Сумма скидки',
    'Сумма НДС',
    'Тип оплаты',
    'Способ оплаты',
    'Цена',
    'Баланс карты',
    'ID клиента',
    'Сумма бонусов',
    'Email продавца',
    'Дата изменения',
    '',
  ])('“%s” means nothing of a sale', (header) => {
    const name = normalizeHeader(header)
    expect(FIELDS.filter((field) => headerScore(name, field) > 0)).toEqual([])
  })
})

async function previewed(content: string, additionalConfig: Readonly<Record<string, unknown>> = {}, isWhole = true) {
  return preview({ bytes: bytesOf(content), isWhole }, givenFor(additionalConfig))
}

const fieldsOf = ({ columns }: Awaited<ReturnType<typeof previewed>>) =>
  Object.fromEntries(columns.flatMap(({ header, field }) => (field ? [[header, field]] : [])))

describe('columns are found', () => {
  it('by their cells where several headers would do', async () => {
    const content = 'Дата;Дата оплаты;Сумма;Сумма оплаты\n02.03.2024;нет;5;\n03.03.2024;нет;7;\n'
    expect(fieldsOf(await previewed(content))).toEqual({ Дата: 'date', Сумма: 'amount' })
    const filled = content.replaceAll('нет', '02.03.2024')
    expect(fieldsOf(await previewed(filled))).toMatchObject({ 'Дата оплаты': 'date' })
  })

  it('each for one field, with a confidence and examples', async () => {
    const { columns } = await previewed(
      '№ чека;Дата;Время;Итого;ФИО;Телефон;Магазин\n7;02.03.2024;9:00;5;Анна;89000000000;Центр\n',
    )
    expect(columns.map(({ header, field, examples }) => [header, field, examples])).toEqual([
      ['№ чека', 'id', ['7']],
      ['Дата', 'date', ['02.03.2024']],
      ['Время', 'time', ['9:00']],
      ['Итого', 'amount', ['5']],
      ['ФИО', 'name', ['Анна']],
      ['Телефон', 'phone', ['89000000000']],
      ['Магазин', 'location', ['Центр']],
    ])
    for (const { field, confidence } of columns) expect(confidence > 0.5 && confidence <= 1).toBe(field !== null)
  })

  it('as the settings say, whatever their words are', async () => {
    const content = 'Дата;A;B;Сумма\n02.03.2024;5;7;9\n'
    const { columns, rows } = await previewed(content, { mapping: { amount: ['A', 'B'], id: 'Сумма' } })
    expect(rows).toMatchObject([{ externalId: '9', amountMinor: 1200 }])
    expect(columns.map(({ field, confidence }) => [field, confidence])).toEqual([
      ['date', expect.any(Number)],
      ['amount', 1],
      ['amount', 1],
      ['id', 1],
    ])
  })
})

describe('a preview', () => {
  it('says what was found so that it can be saved as it is', async () => {
    const content =
      'sep=;\nОтчёт;;;\n№ чека;Дата и время;Сумма;Клиент\n000118;02.03.2024 09:14;1 234,50;Анна\n000119;02.03.2024;-5;\nИтого;;1 229,50;\nx;x;x;\n'
    const found = await previewed(content)
    expect(found).toMatchObject({
      dialect: { encoding: 'utf-8', delimiter: ';', decimal: ',', dateOrder: 'dmy', headerLine: 3, rows: 'sales' },
      mapping: { id: '№ чека', date: 'Дата и время', amount: 'Сумма', name: 'Клиент', idScope: 'day' },
      totals: {
        ...{
          sales: 1,
          refunds: 1,
          notPaid: 0,
          skipped: 1,
          rejected: 1,
          amounts: [{ currency: 'RUB', amountMinor: 122_950 }],
        },
        ...{ from: '2024-03-01T21:00:00Z', to: '2024-03-02T06:14:00Z' },
      },
      rejected: [
        { line: 7, column: 'Дата и время', reason: { ru: expect.stringContaining('не читается') }, raw: 'x;x;x;' },
      ],
      isWhole: true,
    })
    const saved = await previewed(content, { mapping: found.mapping })
    expect({ ...saved, columns: [] }).toEqual({ ...found, columns: [] })
  })

  it('shows twenty sales and counts all', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => `${n};02.03.2024;5`)
    const { rows: shown, totals } = await previewed(`id;Дата;Сумма\n${rows.join('\n')}\n`)
    expect([shown.length, totals.sales]).toEqual([20, 50])
  })

  it('shows no half row of a file that goes on', async () => {
    const { totals, problems } = await previewed('id;Дата;Сумма\n1;02.03.2024;5\n2;02.03.2024;12', {}, false)
    expect(totals).toMatchObject({ sales: 1, rejected: 0 })
    expect(problems.map(({ code }) => code)).toEqual(['is_cut'])
  })

  it.each([
    ['no_id', 'Дата;Сумма\n02.03.2024;5\n'],
    ['lines_alone', 'Дата;Товар;Сумма\n02.03.2024;Чай;5\n'],
    ['no_amount_column', 'id;Дата;x\n1;02.03.2024;Анна\n'],
    ['no_date_column', 'id;x;Сумма\n1;Анна;5\n'],
  ])('tells what is not sure: %s', async (code, content) => {
    const { problems } = await previewed(content)
    expect(problems.map((problem) => problem.code)).toEqual([code])
  })

  it('of a file without what sales need shows its columns, so that they can be mapped', async () => {
    const { columns, rows, mapping } = await previewed('a;b\nАнна;5\n')
    expect([columns.map(({ header }) => header), rows, mapping]).toEqual([['a', 'b'], [], {}])
  })
})
