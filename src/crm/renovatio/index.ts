// Renovatio, a medical information system: paid invoices, or completed visits where the key may not read invoices.
// Promises that a pull resumed from any page loses and repeats nothing, and that nothing medical is kept. Vendor facts
// and their sources: README.md.
import type { Connector } from '#crm/connector.ts'
import { check } from '#crm/renovatio/check.ts'
import { Cursor, estimateCalls } from '#crm/renovatio/cursor.ts'
import { FORM } from '#crm/renovatio/form.ts'
import { fetchOne } from '#crm/renovatio/fetch-one.ts'
import { MESSAGES } from '#crm/renovatio/messages.ts'
import { pull } from '#crm/renovatio/pull.ts'
import { RULES } from '#crm/renovatio/rules.ts'
import { Settings } from '#crm/renovatio/settings.ts'
import { webhook } from '#crm/renovatio/webhook.ts'

export const renovatio: Connector<Settings, Cursor> = {
  type: 'renovatio',
  title: 'Renovatio',
  hasInstallations: true,
  mapVersion: 2,
  credentials: [
    {
      name: 'apiKey',
      required: true,
      label: { en: 'API key', ru: 'Ключ API' },
      help: {
        en: 'Made by the clinic’s administrator in Renovatio, with the methods getClinics, getInvoices, getAppointments and getPatient allowed.',
        ru: 'Создаёт администратор клиники в Реновацио; ключу нужны методы getClinics, getInvoices, getAppointments и getPatient.',
      },
    },
  ],
  form: FORM,
  settings: Settings,
  cursor: Cursor,
  defaultApiUrl: () => 'https://app.rnova.org/api/public',
  // No limits are documented, and a clinic may run its own small server: one call at a time, at most two a second.
  pace: { requestsPerSecond: 2, concurrency: 1, timeoutMs: 30_000, throttleMinimumMs: 8000, hosts: null },
  capabilities: { webhooks: true, backfill: true, fetchOne: true },
  messages: MESSAGES,
  rules: RULES,
  check,
  pull,
  estimateCalls,
  fetchOne,
  // It shows changes with a delay.
  lateSeconds: 3600,
  shows: ({ clinicIds }, { locationId }) =>
    locationId === null || clinicIds.length === 0 || clinicIds.includes(locationId),
  webhook,
}
