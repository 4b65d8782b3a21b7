// iiko's webhooks: JSON events with the order inside, to one address per restaurant and key, with a token of ours in
// `Authorization`. They come late, twice and out of order, and of two states the older may come last: so an event only
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
  // Documented as the header's value; seen with and without `Bearer`.
  verify: async ({ headers }, secret) =>
    isEqual((headers.get('authorization') ?? '').replace(/^Bearer\s+/i, '').trim(), secret.reveal()),
  parse: (body) =>
    parseEach(body, 'iiko', (row) => {
      const { data } = HookEvent.safeParse(row)
      return data ? toEvents(data) : null
    }),
  owns: (account, { settings: { organizationIds } }) =>
    organizationIds.length === 0 || organizationIds.includes(account),
  // A handler that refuses one call in ten is blocked; menus and the like come to the same address.
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
  // An order that is only coming to be, or never came to be.
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

/** The settings of every restaurant that is connected. A former address of ours counts as none. */
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

/** Of all restaurants: what is wrong with one is wrong. */
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

/** An address of another service stays, and its restaurant is left to polling. */
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

/** What is sent already stays, whatever it is: the person may have ticked more. */
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
