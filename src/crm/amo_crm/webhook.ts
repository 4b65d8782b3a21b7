// amoCRM's webhooks: forms with PHP's brackets, unsigned, with the field names of version 2 of its API. An event only
// names what is read again: bodies lack contacts, and a change of stage sends the same deal twice.
import type { Hint, MappedRecord, Session } from '#crm/contract.ts'
import type { ParsedWebhook, Webhook, WebhookEvent, WebhookRegistrationState, WebhookTarget } from '#crm/webhook.ts'
import { decodeBody } from '#lib/decode-body.ts'
import { type FormObject, type FormValue, listOf } from '#lib/form.ts'
import { invoiceCatalogOnce, openAccountOnce } from '#crm/amo_crm/account-context.ts'
import { createClient } from '#crm/amo_crm/client.ts'
import { readOne, SOURCES } from '#crm/amo_crm/fetch-one.ts'
import type { Hook } from '#crm/amo_crm/schema.ts'
import type { Settings } from '#crm/amo_crm/settings.ts'
import { createSideLists } from '#crm/amo_crm/side-lists.ts'

export const webhook: Webhook<Settings> = {
  parse: (body) => {
    const decoded = decodeBody(body)
    return decoded.type === 'unreadable' ? decoded : parseForm(decoded.value)
  },
  // The sub-domain names the account; only newer hooks have account ids.
  owns: (account, { apiUrl }) => URL.parse(apiUrl)?.hostname.split('.')[0] === account,
  read,
  registration: {
    read: async (session, { url }) => stateOf(await createClient(session).hook(url)),
    register,
    unregister: async (session, { url }) => createClient(session).removeHook(url),
  },
  steps: {
    en: 'In amoCRM open amoMarket, press Webhooks at the upper right (or look in the menu ⋮ there), add the address {url}, tick for deals: added, changed, stage changed, deleted, restored, and save. This takes an administrator and the Advanced or Professional plan.',
    ru: 'В amoCRM откройте «amoМаркет», справа вверху нажмите «WebHooks» (если кнопки не видно, поищите в меню ⋮), добавьте адрес {url}, отметьте у сделок: добавлена, изменена, сменила этап, удалена, восстановлена, и сохраните. Нужны права администратора и тариф «Расширенный» или «Профессиональный».',
  },
}

const NOT_OURS: ParsedWebhook = { type: 'unreadable', reason: 'it is not an event of amoCRM' }
const ACTIONS = new Set(['add', 'update', 'status', 'responsible', 'delete', 'restore'])

function parseForm(value: unknown): ParsedWebhook {
  if (!isObject(value) || !Object.values(value).some(isObject)) return NOT_OURS
  const account = textOf(value['account'], 'subdomain')
  const toEvent = (hint: Hint | null, version: string | null): WebhookEvent => ({ hint, account, version })
  const events = [
    ...rowsOf(value['leads']).map((row) => {
      const id = idOf(row)
      return id === null ? toEvent(null, null) : toEvent({ externalId: `lead:${id}` }, versionOf(id, row))
    }),
    ...rowsOf(value['catalogs']).flatMap((row) => {
      const [id, catalogId] = [idOf(row), textOf(row, 'catalog_id')]
      return id === null ? [] : [toEvent({ externalId: `invoice:${id}`, extra: { catalogId: catalogId ?? '' } }, null)]
    }),
  ]
  // Events without an id are left to the next live sync.
  return events.length > 0 && events.every(({ hint }) => hint === null) ? NOT_OURS : { type: 'events', events }
}

/** `leads[add][0][…]`, `leads[status][3][…]`: all rows of the followed actions. */
function rowsOf(actions: FormValue | undefined): readonly FormValue[] {
  if (actions === undefined || !isObject(actions)) return []
  return Object.entries(actions).flatMap(([action, rows]) => (ACTIONS.has(action) ? listOf(rows) : []))
}

function idOf(row: FormValue): string | null {
  const id = textOf(row, 'id') ?? ''
  return /^[1-9]\d{0,18}$/.test(id) ? id : null
}

/** Null for a deletion: it has no time, so the same body may be a new event. */
function versionOf(id: string, row: FormValue): string | null {
  const changed = textOf(row, 'updated_at') ?? textOf(row, 'last_modified')
  return changed && ['lead', id, changed, textOf(row, 'status_id'), textOf(row, 'price')].join(':')
}

function textOf(value: FormValue | undefined, name: string): string | null {
  const text = isObject(value) ? value[name] : undefined
  return typeof text === 'string' && text !== '' ? text : null
}

function isObject(value: unknown): value is FormObject {
  return typeof value === 'object' && value !== null
}

/** Hooks cover the whole account. Objects that this connection does not count as sales are ignored. */
async function read(session: Session<Settings>, { externalId, extra }: Hint): Promise<readonly MappedRecord[] | null> {
  const { sources } = session.settings
  const source = SOURCES.get(externalId.split(':')[0] ?? '')
  if (!source || !sources.includes(source)) return []
  const client = createClient(session)
  const account = await openAccountOnce(session)
  // Goods are elements of catalogs too.
  const catalogId = extra?.['catalogId']
  const isForeign =
    source === 'invoices' && catalogId !== undefined && catalogId !== (await invoiceCatalogOnce(session))
  if (isForeign) return []
  const record = await readOne({ session, client, account, sides: createSideLists() }, externalId)
  return record.type === 'none' ? null : [record]
}

const NEEDED = ['add_lead', 'update_lead', 'status_lead', 'delete_lead', 'restore_lead']

function stateOf(hook: Hook | null): WebhookRegistrationState {
  if (!hook) return 'absent'
  return !hook.disabled && NEEDED.every((name) => hook.settings.includes(name)) ? 'registered' : 'disabled'
}

/**
 * Each address is an entry of its own, so entries of other services are never changed. Events that a person added to
 * ours stay.
 */
async function register(
  session: Session<Settings>,
  { url, isFormer }: WebhookTarget,
): Promise<WebhookRegistrationState> {
  const client = createClient(session)
  const hooks = await client.hooks()
  const known = hooks.find(({ destination }) => destination === url) ?? null
  // Posted again an address keeps its entry, so nothing is lost should this fail. Only a person can switch on an entry
  // that stays disabled.
  if (stateOf(known) !== 'registered') {
    await client.addHook(url, [...new Set([...(known?.settings ?? []), ...NEEDED])])
  }
  const state = stateOf(await client.hook(url))
  if (state === 'absent') return state
  for (const { destination } of hooks) if (await isFormer(destination)) await client.removeHook(destination)
  return state
}
