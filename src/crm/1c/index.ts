// 1C:Enterprise through its standard OData interface: receipts and other sales documents of one base, whatever its
// configuration calls them. Promises that a pull resumed from any page loses and repeats nothing, and that there is
// never more than one request at a time. Vendor facts and their sources: README.md.
import type { Connector } from '#crm/connector.ts'
import { check } from '#crm/1c/check.ts'
import { Cursor, estimateCalls } from '#crm/1c/cursor.ts'
import { FORM } from '#crm/1c/form.ts'
import { fetchOne, shows } from '#crm/1c/fetch-one.ts'
import { MESSAGES } from '#crm/1c/messages.ts'
import { pull } from '#crm/1c/pull.ts'
import { RULES } from '#crm/1c/rules.ts'
import { Settings } from '#crm/1c/settings.ts'
import { totals } from '#crm/1c/totals.ts'
import { webhook } from '#crm/1c/webhook.ts'

export const oneC: Connector<Settings, Cursor> = {
  type: '1c',
  title: '1С',
  mapVersion: 2,
  credentials: [
    {
      name: 'apiKey',
      required: true,
      isName: true,
      // RFC 7617, section 2: user and password are told apart by the first colon.
      refuse: (user) =>
        user.includes(':')
          ? {
              en: 'may not hold a colon: 1C would take the rest for the password. Rename the user in 1C',
              ru: 'не может содержать двоеточие: 1С примет остаток за пароль. Переименуйте пользователя в 1С',
            }
          : null,
      label: { en: '1C user name', ru: 'Имя пользователя 1С' },
      help: {
        en: 'A user of its own that may only read; make it in the base, see “Connecting 1C”.',
        ru: 'Отдельный пользователь только с правом чтения; создайте его в базе, см. «Как подключить 1С».',
      },
    },
    {
      name: 'apiSecret',
      required: true,
      isAsTyped: true,
      label: { en: 'Password', ru: 'Пароль' },
      help: { en: 'Of this user.', ru: 'Этого пользователя.' },
    },
  ],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  defaultApiUrl: () => null,
  // Browsers show a query and a fragment behind the address of a base.
  cleanUrl: (pasted) => pasted.split(/[?#]/, 1)[0] ?? '',
  needsApiUrl: true,
  // Each request may open a session and take a licence, and an answer may take tens of seconds. 1C itself knows no 429.
  pace: { requestsPerSecond: 5, concurrency: 1, timeoutMs: 60_000, throttleMinimumMs: 30_000, hosts: null },
  // Bases are backed up at night.
  nightFromHour: 4,
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
