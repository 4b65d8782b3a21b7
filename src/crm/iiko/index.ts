// iiko (and Syrve, the same service abroad): deliveries and table orders from the cloud, sales at the till from the
// cloud's reports or from the restaurant's own server. Promises that a pull resumed from any page loses and repeats
// nothing, and that an order which both sources show is one sale. Vendor facts and their sources: README.md.
import type { Connector } from '#crm/connector.ts'
import { check } from '#crm/iiko/check.ts'
import { Cursor } from '#crm/iiko/cursor.ts'
import { FORM } from '#crm/iiko/form.ts'
import { fetchOne, shows } from '#crm/iiko/fetch-one.ts'
import { MESSAGES } from '#crm/iiko/messages.ts'
import { estimateCalls } from '#crm/iiko/plan.ts'
import { pull } from '#crm/iiko/pull.ts'
import { RULES } from '#crm/iiko/rules.ts'
import { Settings } from '#crm/iiko/settings.ts'
import { totals } from '#crm/iiko/totals.ts'
import { webhook } from '#crm/iiko/webhook.ts'

export const iiko: Connector<Settings, Cursor> = {
  type: 'iiko',
  title: 'iiko',
  mapVersion: 2,
  credentials: [
    {
      name: 'apiKey',
      required: true,
      label: { en: 'API key', ru: 'API-ключ' },
      help: {
        en: 'From iikoWeb → Cloud API settings. An old API login works too.',
        ru: 'Из iikoWeb → «Настройки Cloud API». Старый API-логин тоже подходит.',
      },
    },
    {
      name: 'apiSecret',
      required: false,
      label: { en: 'App secret (clientSecret)', ru: 'Секрет приложения (clientSecret)' },
      help: {
        en: 'Only with an app of your own at public-api.iikoweb.ru/portal; its id goes into the settings.',
        ru: 'Только если у вас своё приложение на public-api.iikoweb.ru/portal; его appId указывается в настройках.',
      },
    },
    {
      name: 'extraSecret',
      publicName: 'serverPassword',
      required: false,
      label: { en: 'Password of the iikoServer user', ru: 'Пароль пользователя iikoServer' },
      help: {
        en: 'For sales at the till: of the iikoOffice user named in the settings of the server.',
        ru: 'Для продаж на кассе: пароль пользователя iikoOffice, указанного в настройках сервера.',
      },
    },
  ],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  defaultApiUrl: () => 'https://api-ru.iiko.services',
  // One host for each region.
  ownOrigins: /^https:\/\/api-[a-z]{2,8}\.(?:iiko\.services|syrve\.live)$/,
  pace: {
    requestsPerSecond: 0.5,
    burst: 10,
    concurrency: 1,
    timeoutMs: 35_000,
    throttleMinimumMs: 60_000,
    hosts: ['iiko.services', 'syrve.live'],
  },
  // The numbers are not published; they count per minute and per key, which restaurants of a chain may share.
  sharedLimit: {
    limits: [{ requests: 30, perMs: 60_000 }],
    idleCalls: 5,
    // One for hooks: of several leased at once each would wait for the gap, once the burst is used.
    countedFor: ({ apiKey }) => (apiKey ? [apiKey] : []),
  },
  server: {
    field: 'server.url',
    address: ({ server }) => server?.url ?? null,
    login: ({ server }) => server?.login ?? null,
    credential: 'extraSecret',
    // iikoServer needs calls one after the other, and a report of a busy week takes long.
    pace: { requestsPerSecond: 5, concurrency: 1, timeoutMs: 60_000, throttleMinimumMs: 60_000, hosts: null },
  },
  capabilities: { webhooks: true, backfill: true, fetchOne: true },
  messages: MESSAGES,
  rules: RULES,
  check,
  pull,
  estimateCalls,
  fetchOne,
  totals,
  shows,
  webhook,
}
