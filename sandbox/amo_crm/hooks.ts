// amoCRM's webhooks: one entry per address, and what is sent to it: a form with PHP's brackets in the names of version
// 2, with the variety of live bodies. Which form a thing takes depends on its id only.
import type { Context, Hono } from 'hono'
import type { DealEvent } from '#sandbox/amo_crm/account.ts'
import type { Api, HookEntry } from '#sandbox/amo_crm/state.ts'
import { problem, seconds } from '#sandbox/amo_crm/wire.ts'

type Listed = (c: Context, entries: Readonly<Record<string, unknown>>[]) => Response

const WEBHOOKS_MAX = 100
const NAMES = /^(?:(?:add|update|delete|restore|responsible|note)_(?:lead|contact|company|customer|task)|status_lead)$/

export function addWebhooks(app: Hono, api: Api, list: Listed): void {
  const { hookEntries } = api
  app.get('/api/v4/webhooks', (c) => {
    const address = c.req.query('filter[destination]')
    const found = [...hookEntries.values()].filter(
      ({ destination }) => address === undefined || destination === address,
    )
    return list(c, found.map(shown))
  })
  app.post('/api/v4/webhooks', async (c) => {
    const { destination, settings } = await c.req.json<Record<string, unknown>>()
    const names = Array.isArray(settings) ? settings.map(String) : []
    const isGood = typeof destination === 'string' && names.length > 0 && names.every((name) => NAMES.test(name))
    if (!isGood || hookEntries.size >= WEBHOOKS_MAX) return problem(400, 'Неверные параметры')
    const at = seconds(api.account.now())
    // Posted again, an address keeps its entry.
    const known = hookEntries.get(destination)
    const entry: HookEntry = {
      ...{
        id: known?.['id'] ?? hookEntries.size + 1,
        destination,
        settings: names,
        sort: 10,
        disabled: api.staysDisabled && known?.disabled === true,
      },
      ...{ created_by: 9_000_001, created_at: at, updated_at: at, account_id: api.accountId },
      subdomain: new URL(c.req.url).hostname.split('.')[0] ?? '',
    }
    hookEntries.set(destination, entry)
    return c.json(shown(entry), 201)
  })
  app.delete('/api/v4/webhooks', async (c) => {
    const { destination } = await c.req.json<Record<string, unknown>>()
    return hookEntries.delete(String(destination)) ? c.body(null, 204) : problem(404, 'Not Found')
  })
}

function shown(entry: HookEntry): Readonly<Record<string, unknown>> {
  return { ...entry, subdomain: undefined }
}

/** From now on every event goes to every address that is entered for it. */
export function sendHooks(api: Api): void {
  api.account.listeners.push((event) => {
    for (const { destination, settings, disabled, subdomain } of api.hookEntries.values()) {
      if (disabled || !settings.includes(`${event.action}_lead`)) continue
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'amoCRM-WebHook-client/1.0',
      }
      api.hooks.send({ url: destination, headers, body: toBody(api, event, subdomain) })
    }
  })
}

function toBody({ accountId }: Api, { action, deal }: DealEvent, subdomain: string): string {
  const { id } = deal
  // The account's id and a row's stage are left out by some senders; indexes have gaps.
  const row = `leads[${action}][${id % 3 === 0 ? 2 : 0}]`
  const changed = seconds(deal.updatedAt)
  const fields: readonly (readonly [string, unknown])[] =
    action === 'delete'
      ? [['[id]', id], ...(id % 2 === 0 ? [['[status_id]', deal.statusId] as const] : [])]
      : [
          ...[['[id]', id] as const, ['[name]', deal.name] as const, ['[status_id]', deal.statusId] as const],
          ...[['[price]', Math.trunc((deal.kopecks ?? 0) / 100)] as const, ['[last_modified]', changed] as const],
          ...[['[pipeline_id]', deal.pipelineId] as const, ['[date_create]', seconds(deal.createdAt)] as const],
          ...[['[custom_fields][0][id]', 905] as const, ['[custom_fields][0][values][0]', 1_790_000_000] as const],
          ...(id % 2 === 0 ? [['[updated_at]', changed] as const] : []),
        ]
  const account: [string, string][] = id % 2 === 0 ? [['account[id]', String(accountId)]] : []
  return new URLSearchParams([
    ...fields.map(([name, value]): [string, string] => [row + name, String(value)]),
    ['account[subdomain]', subdomain],
    ...account,
  ]).toString()
}
