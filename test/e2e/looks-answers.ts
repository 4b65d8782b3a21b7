// What the API says of one salon whose data never change, so that pictures of the page can be compared.
import type { components } from '#client/schema.ts'
import { addDays } from '#lib/time.ts'
import { type Answer, example } from './page-stage.ts'
import { CRM_TYPES } from './looks-crm-types.ts'
import { historyOf, IDS, LOCATIONS, NOW, SALES, SUMMARY, TODAY } from './looks-sales.ts'

type Schemas = components['schemas']

const RUNS_SHOWN = 30
const at = (minutesAgo: number) => new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString()
const list = (items: readonly unknown[]): Answer => ({ items, nextCursor: null })

/** Of a link that may do everything. */
export const SESSION = {
  expiresAt: '2026-03-25T09:50:00.000Z',
  business: { id: IDS.business, name: 'Салон «Лаванда»', timezone: 'Europe/Moscow', currency: 'RUB' },
  ...{ permissions: ['connect', 'view', 'import'], crmTypes: null, returnUrl: 'https://app.example.com/settings/crm' },
} as const

const INTEGRATION: Answer = {
  ...example('Integration'),
  ...{ id: IDS.integration, businessId: IDS.business, locations: LOCATIONS, transactionsSynced: 1840 },
  ...{ lastSyncAt: at(4), nextSyncAt: at(-1), createdAt: at(60_000), updatedAt: at(4) },
  connection: { status: 'ok', checkedAt: at(60_000), account: { externalId: '149325', name: 'Лаванда' } },
  freshness: { asOf: at(4), targetMinutes: 10, isLate: false },
  webhooks: { status: 'silent', lastAt: at(3000) },
  webhookSetup: {
    registration: null,
    steps: {
      en: 'Settings → API → Webhooks → the address https://crm.example.com/webhooks/yclients/pV3kq0c8m2Yw6dJ1s9Zt',
      ru: 'Настройки → API → Вебхуки → адрес https://crm.example.com/webhooks/yclients/pV3kq0c8m2Yw6dJ1s9Zt',
    },
  },
}

function run(index: number): Schemas['Run'] {
  const isFailed = index === 11
  const inserted = [3, 0, 0, 12, 1, 0, 7][index % 7] ?? 0
  const counters = { pages: 1, fetched: 40, inserted, updated: 0, unchanged: 37, skipped: 0, quarantined: 0 }
  const seconds = index === RUNS_SHOWN - 1 ? 214 : 1 + ((index * 5) % 9)
  const startedAt = at(4 + index * 5)
  return {
    ...{ id: `3e9f4b60-7a2d-4d1c-b8e4-${String(index).padStart(12, '0')}`, integrationId: IDS.integration },
    ...{ trigger: 'schedule', task: 'pull', status: isFailed ? 'failed' : 'succeeded', attempt: 0, counters },
    ...{ progress: { done: 40, total: 40 }, startedAt, createdAt: startedAt, resumeAt: null },
    finishedAt: new Date(Date.parse(startedAt) + seconds * 1000).toISOString(),
    error: isFailed ? { kind: 'unavailable', code: 'crm_unavailable', message: 'YCLIENTS не отвечает.' } : null,
    ...{ estimatedCalls: null, needsConfirmation: false },
  }
}

const RUNS = Array.from({ length: RUNS_SHOWN }, (_, index) => run(index))
const IMPORTS = RUNS.slice(0, 3).map((one): Schemas['Run'] => ({ ...one, trigger: 'import' }))

const ISSUES: Schemas['Issue'][] = [
  {
    ...{ id: '9d1c5a7e-3b42-4f0a-8c66-71e0d2b9f3a4', businessId: IDS.business, integrationId: IDS.integration },
    ...{ endpointId: null, code: 'records_unreadable', severity: 'warning', whoseTurn: 'owner' },
    title: 'Не прочитано записей: 14',
    detail:
      'CRM отдала записи, которые не удалось понять. Остальные продажи загружены. Исправьте их и прочитайте снова.',
    ...{ since: at(700), lastSeenAt: at(4), count: 14, resolvedAt: null },
  },
]

/** Days ago. */
const DIFFERENT = 6

/** Whether each of the last days is equal, as a check would have found. */
const DAYS = Array.from({ length: 24 }, (_, index): Schemas['CheckedDay'] => {
  const count = 9 + (index % 5) * 4
  const stored = { count, amountMinor: count * 213_400 }
  const state = index === DIFFERENT ? 'different' : index === 0 ? 'unchecked' : 'equal'
  const crm =
    state === 'unchecked' ? null : { count: count + (state === 'different' ? 1 : 0), amountMinor: stored.amountMinor }
  return {
    ...{ day: addDays(TODAY, -index), locationId: LOCATIONS[0].externalId, stored, crm, total: null },
    ...{ missing: state === 'different' ? 1 : 0, extra: 0, different: 0, state },
    checkedAt: state === 'unchecked' ? null : at(500),
  }
}).filter((_, index) => index % 7 !== 3)

const UNREADABLE = Array.from({ length: 14 }, (_, index): Schemas['QuarantinedRecord'] => {
  const raw = { id: 88_123_777 + index, date: null, client: { name: 'А*** П***' } }
  return {
    ...{ id: `d1c7f0a8-6b92-4e3d-a5f1-${String(index).padStart(12, '0')}`, externalId: `record:${raw.id}`, raw },
    reason: index % 4 === 0 ? 'Сумма не число: «договорная».' : 'У визита нет времени.',
    ...{ runId: null, times: 2, firstSeenAt: at(700), lastSeenAt: at(4) },
  }
})

const DOUBTFUL: Answer = {
  ...example('ImportPreview'),
  doubts: [
    {
      ...{ code: 'date_order', columns: ['Дата'], message: 'Что стоит в датах первым: день или месяц?' },
      choices: [
        { id: 'date_order:Дата:dmy', label: 'День: 03.02.2026 это 3 февраля', count: 412, totalMinor: 187_650_000 },
        { id: 'date_order:Дата:mdy', label: 'Месяц: 03.02.2026 это 2 марта', count: 409, totalMinor: 185_220_000 },
      ],
    },
    {
      ...{ code: 'amount_rivals', columns: ['Итого', 'Сумма без скидки'], message: 'В каком столбце сумма продажи?' },
      choices: [
        { id: 'amount_rivals:Итого', label: 'Итого', count: 412, totalMinor: 187_650_000 },
        { id: 'amount_rivals:Сумма без скидки', label: 'Сумма без скидки', count: 412, totalMinor: 203_114_090 },
      ],
    },
  ],
  header: ['Номер чека', 'Дата', 'Итого', 'Сумма без скидки', 'Телефон покупателя'],
  columns: [
    { header: 'Номер чека', field: 'id', confidence: 0.9, examples: ['1001', '1002'] },
    { header: 'Дата', field: 'date', confidence: 0.5, examples: ['03.02.2026', '04.02.2026'] },
    { header: 'Итого', field: 'amount', confidence: 0.5, examples: ['1 500,00', '350,00'] },
    { header: 'Сумма без скидки', field: null, confidence: 0, examples: ['1 650,00', '350,00'] },
    { header: 'Телефон покупателя', field: 'phone', confidence: 0.9, examples: ['+7 900 000-00-01'] },
  ],
}

const REPORT: Answer = {
  ...{ ok: true, checkedAt: at(1), latencyMs: 412, locations: LOCATIONS, sample: SALES.slice(0, 3) },
  account: { externalId: '149325', name: 'Лаванда', timezone: 'Europe/Moscow', currency: 'RUB' },
  capabilities: [
    { name: 'credentials', title: 'Доступ', required: true, ok: true, detail: 'Ключи подходят.' },
    { name: 'records', title: 'Визиты', required: true, ok: true, detail: 'Записи читаются.' },
    { name: 'payments', title: 'Оплаты и продажи', required: true, ok: true, detail: 'Оплаты читаются.' },
    {
      ...{ name: 'webhooks', title: 'Сообщения об изменениях', required: false, ok: false },
      detail: 'Вебхуки не настроены: изменения придут с задержкой до пяти минут. Адрес для них есть на главной.',
    },
  ],
}

const OF = `/v1/integrations/${IDS.integration}`

function answersOf(integration: Answer): Answers {
  const histories = SALES.map((sale) => [`GET ${OF}/transactions/${sale.id}/history`, list(historyOf(sale))])
  return {
    ...NOTHING,
    'GET /v1/integrations': list([integration]),
    [`GET ${OF}`]: integration,
    [`GET ${OF}/runs`]: list(RUNS),
    [`GET ${OF}/issues`]: list(ISSUES),
    [`GET ${OF}/transactions`]: list(SALES),
    [`GET ${OF}/transactions/summary`]: list(SUMMARY),
    ...Object.fromEntries(histories),
    [`GET ${OF}/days`]: list(DAYS),
    [`GET ${OF}/days/${addDays(TODAY, -DIFFERENT)}/differences`]: example('DifferenceList'),
    [`GET ${OF}/quarantine`]: list(UNREADABLE),
    [`GET ${OF}/formats`]: example('FormatList'),
    [`GET ${OF}/explanation`]: example('Explanation'),
    [`POST ${OF}/imports/preview`]: DOUBTFUL,
    [`POST ${OF}/test`]: REPORT,
  }
}

type Answers = Readonly<Record<string, Answer>>

const NOTHING: Answers = { 'GET /v1/integrations': list([]), 'GET /v1/crm-types': list(CRM_TYPES) }
const FILES = {
  ...{ crmType: 'csv', apiUrl: null, syncEnabled: false, additionalConfig: {}, webhookSetup: null },
  ...{ lastSyncAt: null, nextSyncAt: null },
}
const NO_SALES = [`GET ${OF}/runs`, `GET ${OF}/issues`, `GET ${OF}/transactions`, `GET ${OF}/transactions/summary`]

/** What a link may lead to. */
export const STATES = {
  nothing: NOTHING,
  connected: answersOf(INTEGRATION),
  /** The first sync is under way. */
  new: {
    ...answersOf({
      ...{ ...INTEGRATION, transactionsSynced: 0, lastSyncAt: null, lastSyncStatus: null },
      freshness: { asOf: null, targetMinutes: 10, isLate: false },
    }),
    ...Object.fromEntries(NO_SALES.map((call) => [call, list([])])),
  },
  refused: answersOf({
    ...{
      ...INTEGRATION,
      syncEnabled: false,
      stoppedBy: 'vendor',
      lastError: 'YCLIENTS не принимает ключ: он отозван.',
    },
    connection: { status: 'failed', checkedAt: NOW, account: { externalId: '149325', name: 'Лаванда' } },
  }),
  files: { ...answersOf({ ...INTEGRATION, ...FILES }), [`GET ${OF}/runs`]: list(IMPORTS) },
} as const satisfies Readonly<Record<string, Answers>>
