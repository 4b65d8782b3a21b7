// Renovatio's webhooks: forms with PHP's brackets, unsigned, one address per event that a person enters by hand. Bodies
// are full of personal data, so only ids and times are stored. An event only names what is read again.
import type { Hint } from '#crm/contract.ts'
import { parseEach } from '#crm/kit/webhook-events.ts'
import { EVENTS_MAX, type Webhook, type WebhookEvent } from '#crm/webhook.ts'
import { decodeBody } from '#lib/decode-body.ts'
import { refetch } from '#crm/renovatio/fetch-one.ts'
import { Hook } from '#crm/renovatio/schema.ts'
import type { Settings } from '#crm/renovatio/settings.ts'

export const webhook: Webhook<Settings> = {
  parse: (body) => parseEach(body, 'Renovatio', toEvents),
  owns: (account, { settings: { clinicIds } }) => clinicIds.length === 0 || clinicIds.includes(account),
  keep: (body) => {
    const decoded = decodeBody(body)
    const value = 'value' in decoded ? decoded.value : null
    const rows: readonly unknown[] = Array.isArray(value) ? value : [value]
    // As many as show `parse` that there are too many.
    const hooks = rows.slice(0, EVENTS_MAX + 2).map((one) => Hook.safeParse(one).data)
    return { contentType: null, bytes: Uint8Array.from(new TextEncoder().encode(JSON.stringify(hooks))) }
  },
  read: refetch,
  // Laboratory results come to the same address, with files of up to 20 MB.
  dropsLarger: true,
  steps: {
    en: 'In Renovatio, under integrations → webhooks, add the address {url} for each of these events: visit created, changed, cancelled; invoice created, paid in full. If you see no such section, ask Renovatio’s support.',
    ru: 'В Реновацио, в разделе интеграций → «Вебхуки», добавьте адрес {url} для каждого события: визит создан, изменён, отменён; счёт создан, полностью оплачен. Если раздела нет, попросите поддержку Реновацио.',
  },
}

const EVENT = /^(?:create|full_payment|update|cancel)_(invoice|appointment)$/

function toEvents(raw: unknown): WebhookEvent[] | null {
  const hook = Hook.safeParse(raw).data
  if (!hook) return null
  const kind = EVENT.exec(hook.event)?.[1]
  if (kind === undefined) return []
  // Times are whole minutes, so there is no version: the same body may be a new event.
  const events = hook.data.flatMap((row) =>
    hintsOf(row, kind).map((hint): WebhookEvent => ({ hint, account: row.clinic_id, version: null })),
  )
  return events.some(({ hint }) => hint) ? events : null
}

/** An invoice and its visit, or a visit and the one it was moved to. */
function hintsOf({ date, services, ...row }: Hook['data'][number], kind: string): readonly (Hint | null)[] {
  const extra = { date, invoices: services.flatMap(({ invoice_number: number }) => number ?? []).join(',') }
  const [id, visitId] = kind === 'invoice' ? [row.number, row.appointment_id] : [row.id, row.moved_to]
  const hints = [
    ...(id === null ? [] : [{ externalId: `${kind}:${id}`, extra }]),
    ...(visitId === null ? [] : [{ externalId: `appointment:${visitId}`, extra }]),
  ]
  return hints.length > 0 ? hints : [null]
}
