// iiko's webhooks: JSON events with the order inside, to one address per restaurant and key, with our token in
// `Authorization`. They come late, twice and out of order, and the older of two states may come last. So an event only
// names the order, which is read again.
import type { Session } from '#crm/contract.ts'
import { parseEach, UNNAMED } from '#crm/kit/webhook-events.ts'
import type { Webhook, WebhookEvent, WebhookRegistrationState, WebhookTarget } from '#crm/webhook.ts'
import { isEqual } from '#crypto/equal.ts'
import { type Cloud, createCloud } from '#crm/iiko/cloud.ts'
import { chooseOrganizations } from '#crm/iiko/restaurants.ts'
import { HookEvent, HookOrder, type HookSettings } from '#crm/iiko/schema.ts'
import type { Settings } from '#crm/iiko/settings.ts'

export const webhook: Webhook<Settings> = {
  // Documented as the whole header; observed with and without `Bearer`.
  verify: async ({ headers }, secret) =>
    isEqual((headers.get('authorization') ?? '').replace(/^Bearer\s+/i, '').trim(), secret.reveal()),
  parse: (body) =>
    parseEach(body, 'iiko', (row) => {
      const { data } = HookEvent.safeParse(row)
      return data ? toEvents(data) : null
    }),
  owns: (account, { settings: { organizationIds } }) =>
    organizationIds.length === 0 || organizationIds.includes(account),
  // iiko blocks an address that refuses one call in ten; menus and other large bodies come to the same address.
  dropsLarger: true,
  registration: {
    read: async (session, target) => stateOf(await readAll(session, target), target, filtersOf(session)),
    register,
    unregister: async (session, target) => {
      for (const { save, settings } of await readAll(session, target)) {
        if (settings.webHooksUri === target.url) await save({ webHooksUri: '', authToken: '', webHooksFilter: null })
      }
    },
  },
  steps: {
    en: 'In iikoWeb open Cloud API settings → your key → Connected outlets → webhook settings. Enter the address {url} and the token {secret}; tick deliveries in Delivered, Closed and Cancelled and table orders in Closed and Deleted; apply. There is room for one address per key: if another service’s stands there, make a key of its own for this one.',
    ru: 'В iikoWeb откройте «Настройки Cloud API» → ваш ключ → «Подключённые точки» → настройки вебхуков. Впишите адрес {url} и токен {secret}, отметьте доставки в статусах Delivered, Closed и Cancelled и заказы на столы в статусах Closed и Deleted, нажмите «Применить». Адрес у ключа один: если там стоит адрес другого сервиса, заведите для этого отдельный ключ.',
  },
}

function toEvents({ eventType, organizationId, eventInfo }: HookEvent): WebhookEvent[] {
  if (eventType !== 'DeliveryOrderUpdate' && eventType !== 'TableOrderUpdate') return []
  const info = HookOrder.safeParse(eventInfo)
  if (!info.success) return [UNNAMED]
  // An order whose creation has failed or is not finished.
  if (info.data?.order == null) return []
  const { id, timestamp } = info.data
  const account = organizationId.toLowerCase() || null
  const hint = { externalId: id, ...(account !== null && { extra: { organizationId: account } }) }
  return [{ account, hint, version: timestamp == null ? null : `${id}:${timestamp}` }]
}

interface HookFilters {
  readonly deliveryOrderFilter: readonly string[]
  readonly tableOrderFilter: readonly string[]
}

function filtersOf({ settings: { paidStatuses } }: Session<Settings>): HookFilters {
  return {
    deliveryOrderFilter: [...new Set(['Delivered', 'Closed', 'Cancelled', ...paidStatuses])],
    tableOrderFilter: ['Closed', 'Deleted'],
  }
}

interface Entry {
  readonly settings: HookSettings
  readonly save: (settings: HookSettings) => Promise<unknown>
}

/** The settings of every connected restaurant. A former address of ours counts as empty. */
async function readAll(session: Session<Settings>, { isFormer }: WebhookTarget): Promise<readonly Entry[]> {
  const cloud: Cloud = createCloud(session)
  const entries: Entry[] = []
  for (const { id } of chooseOrganizations(await cloud.organizations(), session.settings)) {
    const found = await cloud.hookSettings(id)
    const settings = (await isFormer(found.webHooksUri)) ? { ...found, webHooksUri: '' } : found
    entries.push({ settings, save: async (changed) => cloud.saveHookSettings(id, changed) })
  }
  return entries
}

/** The worst state of all restaurants. */
function stateOf(
  entries: readonly Entry[],
  { url, secret }: WebhookTarget,
  filters: HookFilters,
): WebhookRegistrationState {
  const states = new Set(
    entries.map(({ settings }): WebhookRegistrationState => {
      if (settings.webHooksUri === '') return 'absent'
      if (settings.webHooksUri !== url) return 'occupied'
      return settings.authToken === secret.reveal() && isSent(settings, filters) ? 'registered' : 'disabled'
    }),
  )
  const worst = (['occupied', 'disabled', 'absent'] as const).find((state) => states.has(state))
  return worst ?? 'registered'
}

function isSent({ webHooksFilter }: HookSettings, filters: HookFilters): boolean {
  return (['deliveryOrderFilter', 'tableOrderFilter'] as const).every((name) =>
    filters[name].every((status) => webHooksFilter?.[name]?.orderStatuses.includes(status)),
  )
}

/** An address of another service stays; its restaurant is read by polling. */
async function register(session: Session<Settings>, target: WebhookTarget): Promise<WebhookRegistrationState> {
  const { url, secret } = target
  const filters = filtersOf(session)
  let isOccupied = false
  for (const entry of await readAll(session, target)) {
    const { webHooksUri, webHooksFilter } = entry.settings
    if (webHooksUri !== '' && webHooksUri !== url) isOccupied = true
    else if (stateOf([entry], target, filters) !== 'registered') {
      await entry.save({
        webHooksUri: url,
        authToken: secret.reveal(),
        webHooksFilter: merged(webHooksFilter, filters),
      })
    }
  }
  return isOccupied ? 'occupied' : 'registered'
}

/** Keeps all events that are sent already: a person may have added some. */
function merged(filter: HookSettings['webHooksFilter'], filters: HookFilters): HookSettings['webHooksFilter'] {
  const withStatuses = (name: keyof HookFilters) => ({
    itemStatuses: [],
    errors: false,
    ...filter?.[name],
    orderStatuses: [...new Set([...(filter?.[name]?.orderStatuses ?? []), ...filters[name]])],
  })
  return {
    ...filter,
    deliveryOrderFilter: withStatuses('deliveryOrderFilter'),
    tableOrderFilter: withStatuses('tableOrderFilter'),
  }
}
