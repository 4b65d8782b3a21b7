// Medium: masking was a list of bad names. Records that could not be mapped show what is known to be harmless, and no
// more.
import { expect, it } from 'vitest'
import { maskPersonal } from '#lib/mask.ts'

/** Of each CRM: a record, and what has to stay readable. All else of it is personal or may be. */
const RECORDS: Readonly<Record<string, readonly [record: object, kept: object]>> = {
  yclients: [
    {
      ...{ id: 900000591, company_id: 540112, visit_id: '900000592', attendance: 1, paid_full: true, deleted: 0 },
      ...{
        date: '2026-11-22 05:58:42',
        datetime: '2026-11-22T05:58:42+04:00',
        comment: 'код домофона 12',
        online: true,
      },
      services: [{ id: 3301, title: 'Брови для Марии', cost: 900, amount: 1, discount: 0 }],
      staff: { id: 88120, name: 'Ирина', specialization: 'Мастер Ирина' },
      client: {
        ...{
          id: 66120064,
          name: 'Мария',
          surname: 'Белова',
          phone: '+79001506816',
          card: '12345',
          email: 'm@example.com',
        },
        ...{ birth_date: '1990-02-01', custom_fields: { pet: 'Барсик', 5: 1990 }, visits: 3, sex: 'female' },
      },
      finance_transactions: [
        { id: 900000593, date: '2026-11-30 06:18:34', amount: 2700.5, expense: { id: 5, title: 'Услуги' } },
      ],
      'Мария Белова': 'любит чай',
      'anna@example.com': 1,
    },
    {
      ...{ id: 900000591, company_id: 540112, visit_id: '900000592', attendance: 1, paid_full: true, deleted: 0 },
      ...{ date: '2026-11-22 05:58:42', datetime: '2026-11-22T05:58:42+04:00' },
      services: [{ id: 3301, cost: 900, amount: 1, discount: 0 }],
      client: { id: 66120064 },
      finance_transactions: [{ id: 900000593, date: '2026-11-30 06:18:34', amount: 2700.5 }],
    },
  ],
  '1c': [
    {
      ...{
        Ref_Key: '8659f226-47d8-11f1-c440-d753f2e95c7c',
        Number: 'ТД00-000123',
        Date: '2026-11-05T05:04:29',
        Posted: true,
      },
      ...{ СуммаДокумента: 2199.9, ВидОперации: 'Продажа', СтатусЧекаККМ: 'Пробитый', DeletionMark: false },
      ...{
        ДисконтнаяКарта_Key: '9c641f82-255f-11fa-7a82-b294ee5ff446',
        Комментарий: 'для Марии',
        Получатель: 'Белова М. И.',
      },
      ...{
        Ответственный: 'Ирина',
        НомерКарты: '2000000002035',
        ДатаРождения: '1990-02-01T00:00:00',
        Телефон: '2268838',
      },
      ...{
        Контрагент: 'ИП Белова',
        Контрагент_Type: 'StandardODATA.Catalog_Контрагенты',
        АдресДоставки: 'ул. Садовая, 10',
      },
      Товары: [
        {
          LineNumber: '3',
          Номенклатура_Key: '851e3da0-d316-11f3-834b-4e2ec233c78c',
          Цена: '210,1',
          Содержание: 'Торт Марии',
        },
      ],
    },
    {
      ...{
        Ref_Key: '8659f226-47d8-11f1-c440-d753f2e95c7c',
        Number: 'ТД00-000123',
        Date: '2026-11-05T05:04:29',
        Posted: true,
      },
      ...{ СуммаДокумента: 2199.9, ВидОперации: 'Продажа', СтатусЧекаККМ: 'Пробитый' },
      ДисконтнаяКарта_Key: '9c641f82-255f-11fa-7a82-b294ee5ff446',
      Товары: [{ LineNumber: '3', Номенклатура_Key: '851e3da0-d316-11f3-834b-4e2ec233c78c', Цена: '210,1' }],
    },
  ],
  iiko: [
    {
      ...{ id: '00000001-0000-4000-8000-000001000139', timestamp: 1796008717745, creationStatus: 'Success' },
      order: {
        ...{ status: 'Closed', whenClosed: '2026-11-25 18:55:12.267', sum: 899.9, number: 140, phone: '+79001506816' },
        customer: {
          id: '00000001-0000-4000-8000-000001000140',
          name: 'Мария',
          birthdate: '1990-02-01',
          gender: 'Female',
        },
        deliveryPoint: { address: { street: { name: 'Садовая' }, house: '10', flat: '7' }, comment: 'Мария встретит' },
        items: [{ type: 'Product', product: { name: 'Торт «Марии»' }, amount: 1, price: 489.9, comment: 'Марии' }],
        payments: [{ paymentType: { name: 'Карта Марии', kind: 'Writeoff' }, sum: 899.9 }],
        ...{ tabName: 'Белова', operator: { name: 'Ирина' }, guests: { count: 2 } },
      },
    },
    {
      ...{ id: '00000001-0000-4000-8000-000001000139', timestamp: 1796008717745, creationStatus: 'Success' },
      order: {
        ...{ status: 'Closed', whenClosed: '2026-11-25 18:55:12.267', sum: 899.9, number: 140 },
        customer: { id: '00000001-0000-4000-8000-000001000140' },
        items: [{ type: 'Product', amount: 1, price: 489.9 }],
        payments: [{ paymentType: { kind: 'Writeoff' }, sum: 899.9 }],
      },
    },
  ],
  'iiko at the till': [
    {
      ...{
        'UniqOrderId.Id': '0f1a2b3c-1111-4222-8333-444455556666',
        'OpenDate.Typed': '2026-11-05',
        DishDiscountSumInt: 410.5,
      },
      ...{ CloseTime: '2026-11-05T20:04:29', OrderDeleted: 'NOT_DELETED', Storned: 'FALSE', DishName: 'Торт Марии' },
      ...{ 'Delivery.CustomerPhone': '79001506816', 'Delivery.CustomerName': 'Мария', 'Bonus.CardNumber': '100500' },
    },
    {
      ...{
        'UniqOrderId.Id': '0f1a2b3c-1111-4222-8333-444455556666',
        'OpenDate.Typed': '2026-11-05',
        DishDiscountSumInt: 410.5,
      },
      ...{ CloseTime: '2026-11-05T20:04:29', OrderDeleted: 'NOT_DELETED', Storned: 'FALSE' },
    },
  ],
  amo_crm: [
    {
      ...{ id: 5000000231, name: 'Заказ Марии', price: 43136, status_id: 142, pipeline_id: 7001, is_deleted: false },
      ...{ closed_at: 1795123830, account_id: 31000001, responsible_user_id: 9000001 },
      custom_fields_values: [
        {
          field_id: 902,
          field_name: 'День рождения Марии',
          field_code: 'PHONE',
          values: [{ value: 633830400, enum_id: 5 }],
        },
        { field_id: 903, values: [{ value: '+7 900 150-68-16' }, { value: 'm@example.com' }] },
      ],
      _embedded: {
        contacts: [{ id: 5000000034, is_main: true, first_name: 'Мария' }],
        tags: [{ id: 8, name: 'Белова' }],
      },
    },
    {
      ...{ id: 5000000231, price: 43136, status_id: 142, pipeline_id: 7001, is_deleted: false },
      ...{ closed_at: 1795123830, account_id: 31000001 },
      custom_fields_values: [{ field_id: 902 }, { field_id: 903 }],
      _embedded: { contacts: [{ id: 5000000034, is_main: true }], tags: [{ id: 8 }] },
    },
  ],
  renovatio: [
    {
      ...{
        number: '40103',
        date: '07.11.2026 14:09',
        value: '13 570,50',
        status: 'Не оплачен',
        status_code: 2,
        clinic_id: 1,
      },
      ...{
        patient_id: 40006,
        patient: 'Белова Мария',
        patient_birth_date: '01.02.1990',
        patient_gender: 'Ж',
        doctor: 'Ирина',
      },
      ...{
        patient_phone: '+7 (900) 150-68-16',
        patient_email: 'm@example.com',
        comment: 'Диагноз F32.1',
        dob: '01.02.1990',
      },
      services: [
        { id: 800, code: 'B01.800', title: 'Лечение F32.1', price: '750.50', count: 1, invoice_number: '40506' },
      ],
    },
    {
      ...{
        number: '40103',
        date: '07.11.2026 14:09',
        value: '13 570,50',
        status: 'Не оплачен',
        status_code: 2,
        clinic_id: 1,
      },
      patient_id: 40006,
      services: [{ id: 800, price: '750.50', count: 1, invoice_number: '40506' }],
    },
  ],
  'a table': [
    {
      ...{
        Дата: '07.11.2026',
        Сумма: '1 200,50',
        Номер: '17',
        title: 'Мария',
        text: 'позвонить',
        description: 'Белова',
      },
      ...{
        info: '79001506816',
        login: 'mbelova',
        memo: 79_001_506_816,
        note: 'x',
        wish: '2268838',
        born: 1990,
        pin: 'm@example.com',
      },
    },
    { Дата: '07.11.2026', Сумма: '1 200,50', Номер: '17' },
  ],
}

const PERSONAL =
  /Мари|Белов|Ирин|Барсик|Садов|домофон|чай|встретит|позвонить|mbelova|example|9001506816|150-68-16|2268838|1990|633830400|2000000002035|100500|12345|Диагноз|F32|B01|Торт|Брови|"7"|female|"Ж"/i

it.each(Object.entries(RECORDS))(
  'a record of %s shows its ids, sums, times and statuses, and nobody',
  (_crm, [raw, kept]) => {
    expect(JSON.stringify(raw)).toMatch(PERSONAL)
    const masked = maskPersonal(raw)
    expect(JSON.stringify(masked)).not.toMatch(PERSONAL)
    expect(masked).toMatchObject(kept)
  },
)

it('a text without a key shows nothing', () => {
  expect(maskPersonal('a@b.example, call +7 (900) 123-45-67')).toBe('***')
  expect(maskPersonal(['Анна', '+79001234567', 79_001_234_567, null, true, ''])).toEqual([
    '***',
    '***',
    '***',
    null,
    true,
    '',
  ])
})

it('a word is shown only where a CRM has a short list of them', () => {
  expect(maskPersonal({ status: 'paid', type: 'Анна Белова', kind: 'a@b.example', state: '+79001234567' })).toEqual({
    ...{ status: 'paid', type: '***', kind: '***', state: '***' },
  })
})
