// The entry of the connection report about hooks: whether they are set up and arrive. Never required, since polling
// alone is enough.
import type { Context } from '#context.ts'
import type { Capability, Session, LocalizedText } from '#crm/contract.ts'
import { describeError } from '#crm/messages.ts'
import { connectorOf } from '#crm/registry.ts'
import type { WebhookRegistrationState } from '#crm/webhook.ts'
import { CrmError } from '#lib/crm-error.ts'
import type { HookColumns } from '#integrations/queries.ts'
import type { Integration } from '#integrations/schema.ts'
import type { SessionRow } from '#connections/session.ts'
import { readRegistration } from '#integrations/webhook-registration.ts'
import { webhookStatus } from '#integrations/webhook-status.ts'

const STATES: Readonly<Record<WebhookRegistrationState | 'by_hand', LocalizedText>> = {
  registered: { en: 'Our address is in the CRM’s settings.', ru: 'Наш адрес есть в настройках CRM.' },
  absent: {
    en: 'Our address is not in the CRM’s settings yet. Switching sync on enters it.',
    ru: 'Нашего адреса ещё нет в настройках CRM. Он появится там, когда вы включите синхронизацию.',
  },
  disabled: {
    en: 'The CRM has our address, but does not send all that is needed to it. Switch its webhooks on in the CRM’s settings.',
    ru: 'Наш адрес в CRM есть, но она отправляет на него не всё нужное. Включите вебхуки в настройках CRM.',
  },
  occupied: {
    en: 'The CRM’s settings have room for one address, and it holds another service’s. We did not change it. Create a separate key for this service.',
    ru: 'В настройках CRM стоит адрес другого сервиса, а место там одно; мы его не трогали. Заведите для этого сервиса отдельный ключ.',
  },
  by_hand: {
    en: 'Webhooks are set up by hand in this CRM.',
    ru: 'В этой CRM вебхуки настраиваются вручную.',
  },
}

const ARRIVALS: Readonly<Record<Integration['webhooks']['status'], LocalizedText>> = {
  live: { en: 'The last webhook arrived at {at}.', ru: 'Последний вебхук пришёл {at}.' },
  unknown: { en: 'No webhook has arrived yet.', ru: 'Вебхуков ещё не было.' },
  silent: {
    en: 'Sales change, but webhooks no longer arrive. Check the webhook settings of the CRM; until then sales are fetched more often.',
    ru: 'Продажи меняются, а вебхуки больше не приходят. Проверьте настройки вебхуков в CRM; пока мы чаще запрашиваем продажи сами.',
  },
}

export async function webhookCapability(
  context: Context,
  row: SessionRow & HookColumns,
  request: { readonly session: Session<unknown>; readonly requestUrl: string },
): Promise<Capability> {
  const about = { name: 'webhook_settings', required: false } as const
  const { status, lastAt } = webhookStatus(row, context.clock.now())
  try {
    const state = (await readRegistration(context, row, request)) ?? 'by_hand'
    const ok = status !== 'silent' && state !== 'disabled' && state !== 'occupied'
    const arrival = (language: keyof LocalizedText) => ARRIVALS[status][language].replaceAll('{at}', lastAt ?? '')
    const detail = { en: `${STATES[state].en} ${arrival('en')}`, ru: `${STATES[state].ru} ${arrival('ru')}` }
    return { ...about, ok, detail }
  } catch (error) {
    if (!(error instanceof CrmError)) throw error
    return { ...about, ok: false, detail: describeError(error, connectorOf(row.crmType).messages) }
  }
}
