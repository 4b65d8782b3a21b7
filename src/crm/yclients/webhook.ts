// YCLIENTS' webhooks: JSON, one event or an array, unsigned. `status` is the kind of event, not the state of the visit.
// Payment and arrival are separate events in either order, and every paid visit also sends the client's card. So an
// event only names what is read again.
import type { Session } from '#crm/contract.ts'
import { parseEach } from '#crm/kit/webhook-events.ts'
import type { Webhook, WebhookEvent, WebhookRegistrationState, WebhookTarget } from '#crm/webhook.ts'
import { attempt, type CrmError } from '#lib/crm-error.ts'
import { createClient, type YclientsClient } from '#crm/yclients/client.ts'
import { recordOf } from '#crm/yclients/operations.ts'
import { HookEvent, type HookSettings } from '#crm/yclients/schema.ts'
import { branchesOf, type Settings } from '#crm/yclients/settings.ts'

export const webhook: Webhook<Settings> = {
  parse: (body) =>
    parseEach(body, 'YCLIENTS', (row) => {
      const { data } = HookEvent.safeParse(row)
      return data ? toEvents(data) : null
    }),
  owns: (account, { settings }) => branchesOf(settings).includes(account),
  registration: {
    read: async (session, target) =>
      atAllBranches(session, async (client) => stateOf(await client.hookSettings(), target.url)),
    register: async (session, target) => atAllBranches(session, async (client) => register(client, target)),
    unregister: async (session, { url }) =>
      void (await atAllBranches(session, async (client) => unregister(client, url))),
  },
  steps: {
    en: 'In YCLIENTS open Settings → System settings → For developers (webhooks), add the address {url}, tick records, finances and sales of goods, switch webhooks on and save. Leave the addresses of other services as they are.',
    ru: 'В YCLIENTS откройте «Настройки» → «Системные настройки» → «Для разработчиков» (вебхуки), добавьте адрес {url}, отметьте записи, финансы и продажи товаров, включите вебхуки и сохраните. Адреса других сервисов не трогайте.',
  },
}

function toEvents({ company_id: account, resource, resource_id: id, status, data }: HookEvent): WebhookEvent[] {
  const changed = data?.last_change_date
  const event = { account, version: changed ? `${resource}:${id}:${status}:${changed}` : null }
  const hintAt = (externalId: string): WebhookEvent => ({
    ...event,
    hint: { externalId, extra: { companyId: account } },
  })
  if (resource === 'record') return [hintAt(`record:${id}`)]
  if (resource !== 'finances_operation' && resource !== 'goods_operations_sale') return []
  if (!data) return [{ ...event, hint: null }]
  if (recordOf(data) > 0) return [hintAt(`record:${recordOf(data)}`)]
  // Salaries and purchases: outgoing money belongs to no sale.
  if (resource === 'finances_operation' && Number(data.amount ?? 0) < 0) return []
  // A visit cannot be read by its own id; its record has changed.
  const isOfVisit = (data.visit_id ?? 0) > 0
  return [data.document_id && !isOfVisit ? hintAt(`sale:${data.document_id}`) : { ...event, hint: null }]
}

const NEEDED = ['record', 'finances_operation', 'goods_operations_sale'] as const

function stateOf(settings: HookSettings, url: string): WebhookRegistrationState {
  if (!settings.urls.includes(url)) return 'absent'
  return settings.active === 1 && NEEDED.every((name) => settings[name] === 1) ? 'registered' : 'disabled'
}

/** Adds our address and events to the settings. If others have switched all webhooks off, they stay off. */
async function register(client: YclientsClient, { url, isFormer }: WebhookTarget): Promise<WebhookRegistrationState> {
  const settings = await client.hookSettings()
  const areFormer = await Promise.all(settings.urls.map(isFormer))
  const others = settings.urls.filter((other, index) => other !== url && areFormer[index] !== true)
  if (stateOf(settings, url) === 'registered' && !areFormer.includes(true)) return 'registered'
  const isOff = settings.active !== 1 && others.length > 0
  const switches = Object.fromEntries(NEEDED.map((name) => [name, 1]))
  await client.saveHookSettings({ ...settings, ...switches, urls: [...others, url], active: isOff ? 0 : 1 })
  return isOff ? 'disabled' : 'registered'
}

async function unregister(client: YclientsClient, url: string): Promise<WebhookRegistrationState> {
  const settings = await client.hookSettings()
  const urls = settings.urls.filter((other) => other !== url)
  if (urls.length < settings.urls.length) {
    await client.saveHookSettings({ ...settings, urls, active: urls.length > 0 ? settings.active : 0 })
  }
  return 'absent'
}

/** A branch that refuses keeps the others from nothing. The state is that of the branch that is worst off. */
async function atAllBranches(
  session: Session<Settings>,
  act: (client: YclientsClient) => Promise<WebhookRegistrationState>,
): Promise<WebhookRegistrationState> {
  const states: WebhookRegistrationState[] = []
  let refusal: CrmError | null = null
  for (const companyId of branchesOf(session.settings)) {
    const { value, error } = await attempt(async () => act(createClient(session, companyId)))
    if (value) states.push(value)
    refusal ??= error
  }
  if (refusal) throw refusal
  return states.find((state) => state === 'absent') ?? states.find((state) => state === 'disabled') ?? 'registered'
}
