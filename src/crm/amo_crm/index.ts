// amoCRM (Kommo abroad): won deals of an account, and where the settings name them customers' purchases and paid
// invoices. Promises that a pull resumed from any page loses and repeats nothing. Vendor facts and their sources:
// README.md.
import type { Connector } from '#crm/connector.ts'
import { ACCOUNT_ORIGIN, DOMAINS } from '#crm/amo_crm/brands.ts'
import { check } from '#crm/amo_crm/check.ts'
import { Cursor, estimateCalls } from '#crm/amo_crm/cursor.ts'
import { FORM } from '#crm/amo_crm/form.ts'
import { fetchOne } from '#crm/amo_crm/fetch-one.ts'
import { MESSAGES } from '#crm/amo_crm/messages.ts'
import { oauth } from '#crm/amo_crm/oauth.ts'
import { pull } from '#crm/amo_crm/pull.ts'
import { RULES } from '#crm/amo_crm/rules.ts'
import { Settings } from '#crm/amo_crm/settings.ts'
import { webhook } from '#crm/amo_crm/webhook.ts'

export const amoCrm: Connector<Settings, Cursor> = {
  type: 'amo_crm',
  title: 'amoCRM',
  mapVersion: 2,
  credentials: [
    {
      name: 'apiKey',
      required: false,
      label: { en: 'Long-lived token', ru: 'Долгосрочный токен' },
      help: {
        en: 'Of a private integration, tab “Keys and scopes”. Not needed when amoCRM is connected through the consent page.',
        ru: 'Приватной интеграции, вкладка «Ключи и доступы». Не нужен, если amoCRM подключают через страницу согласия.',
      },
    },
  ],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  defaultApiUrl: () => null,
  ownOrigins: ACCOUNT_ORIGIN,
  needsOwnOrigin: true,
  pace: {
    requestsPerSecond: 6,
    concurrency: 1,
    timeoutMs: 20_000,
    throttleMinimumMs: 60_000,
    hosts: DOMAINS,
  },
  // amoCRM counts for each integration of an account, and up to 50 a second for the account: here they are one. Kommo
  // counts for each IP address. More than that ends in a block.
  sharedLimit: {
    limits: [{ requests: 7, perMs: 1000 }],
    idleCalls: 3,
    hookCalls: 3,
    countedFor: ({ settings: { brand }, apiUrl }) => (brand === 'kommo' ? [brand] : [brand, apiUrl]),
  },
  capabilities: { webhooks: true, backfill: true, fetchOne: true },
  isOneAccount: true,
  messages: MESSAGES,
  rules: RULES,
  check,
  pull,
  estimateCalls,
  fetchOne,
  // Its lists may lag behind.
  lateSeconds: 1800,
  oauth,
  webhook,
}
