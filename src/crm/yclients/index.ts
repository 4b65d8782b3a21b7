// YCLIENTS (and Altegio, the same service abroad): visits and sales without an appointment of one branch or several.
// Promises that a pull resumed from any page loses and repeats nothing. Vendor facts and their sources: README.md.
import type { Connector } from '#crm/connector.ts'
import { check } from '#crm/yclients/check.ts'
import { Cursor } from '#crm/yclients/cursor.ts'
import { FORM } from '#crm/yclients/form.ts'
import { fetchOne } from '#crm/yclients/fetch-one.ts'
import { marketplace } from '#crm/yclients/marketplace.ts'
import { MESSAGES } from '#crm/yclients/messages.ts'
import { estimateCalls } from '#crm/yclients/plan.ts'
import { pull } from '#crm/yclients/pull.ts'
import { RULES } from '#crm/yclients/rules.ts'
import { BRANDS, branchesOf, Settings } from '#crm/yclients/settings.ts'
import { webhook } from '#crm/yclients/webhook.ts'

export const yclients: Connector<Settings, Cursor> = {
  type: 'yclients',
  title: 'YCLIENTS',
  mapVersion: 2,
  credentials: [
    {
      name: 'apiKey',
      required: true,
      label: { en: 'Partner token', ru: 'Токен партнёра' },
      help: {
        en: 'From your developer account at developer.yclients.com.',
        ru: 'Из кабинета разработчика на developer.yclients.com.',
      },
    },
    {
      name: 'apiSecret',
      required: true,
      label: { en: 'User token', ru: 'Токен пользователя' },
      help: {
        en: 'Of a YCLIENTS user who may see the journal, the finances and clients’ phones. It changes with the password.',
        ru: 'Пользователя YCLIENTS, который видит журнал, финансы и телефоны клиентов. Меняется вместе с паролем.',
      },
    },
  ],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  defaultApiUrl: ({ brand }) => BRANDS[brand === 'altegio' ? 'altegio' : 'yclients'].apiUrl,
  // After a 429 the minute has to pass.
  pace: {
    requestsPerSecond: 2.5,
    concurrency: 1,
    timeoutMs: 15_000,
    throttleMinimumMs: 60_000,
    hosts: ['yclients.com', 'yclients.ru', 'alteg.io'],
  },
  // Per IP address, whoever the customer is. Both brands are one service.
  sharedLimit: {
    limits: [
      { requests: 200, perMs: 60_000 },
      { requests: 5, perMs: 1000 },
    ],
    idleCalls: 2,
    hookCalls: 3,
    countedFor: () => [],
  },
  capabilities: { webhooks: true, backfill: true, fetchOne: true },
  messages: MESSAGES,
  rules: RULES,
  check,
  pull,
  estimateCalls,
  fetchOne,
  // Its times of changes may be an hour off.
  lateSeconds: 7200,
  shows: (settings, { locationId }) => locationId === null || branchesOf(settings).includes(locationId),
  marketplace,
  webhook,
}
