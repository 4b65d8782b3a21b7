// YCLIENTS' webhooks: the settings, which a POST replaces as a whole, and what is sent, in the forms that were seen:
// one object or an array, ids as numbers or strings, `[]` for nothing. Which form a thing takes depends on its id only.
import * as z from 'zod'
import type { Branch, HookSettings, YclientsSandbox } from '#sandbox/yclients/state.ts'
import type { SalonEvent } from '#sandbox/yclients/salon.ts'
import type { Wire } from '#sandbox/yclients/wire.ts'

const FLAGS = new Set([
  ...['salon', 'service_category', 'service', 'good', 'master', 'client', 'record', 'finances_operation'],
  ...['goods_operations_sale', 'goods_operations_receipt', 'goods_operations_consumable', 'goods_operations_stolen'],
  ...['goods_operations_move', 'self_sending'],
])
const flag = z.union([z.literal(0), z.literal(1)])
const Settings = z
  .object({ urls: z.array(z.url()), active: flag })
  .catchall(flag)
  .refine((settings) => Object.keys(settings).every((name) => name === 'urls' || name === 'active' || FLAGS.has(name)))

export const OFF: HookSettings = { urls: [], active: 0 }

export function addHookSettings(
  { app, branches }: YclientsSandbox,
  ok: (data: unknown, meta: unknown) => Response,
): void {
  const branchOf = (companyId: string) => branches.find((branch) => branch.companyId === companyId)
  app.get('/api/v1/hooks_settings/:company', (c) => ok(branchOf(c.req.param('company'))?.hookSettings, []))
  app.post('/api/v1/hooks_settings/:company', async (c) => {
    const input = Settings.safeParse(await c.req.json())
    if (!input.success) {
      return Response.json({ success: false, data: null, meta: { message: 'Ошибка проверки' } }, { status: 422 })
    }
    Object.assign(branchOf(c.req.param('company')) ?? {}, { hookSettings: input.data })
    return new Response(ok(input.data, []).body, { status: 201, headers: { 'content-type': 'application/json' } })
  })
}

/** From now on every event of the branch goes to every address that is entered. */
export function sendHooks({ hooks }: YclientsSandbox, branch: Branch, wire: Wire): void {
  branch.salon.listeners.push((event) => {
    const { urls, active, ...flags } = branch.hookSettings
    if (active !== 1 || flags[event.resource] !== 1) return
    const body = JSON.stringify(toBody(branch, wire, event))
    for (const url of urls) hooks.send({ url, headers: { 'content-type': 'application/json' }, body })
  })
}

function toBody({ salon, companyId }: Branch, wire: Wire, event: SalonEvent): unknown {
  const { resource, status } = event
  const isVisit = event.resource === 'record'
  const { id } = isVisit ? event.visit : event.operation
  const data = isVisit
    ? wire.visit(event.visit, salon.paymentsOf(event.visit), id % 2 === 0)
    : { ...wire.operation(event.operation), record_id: event.operation.recordId }
  const company = id % 2 === 0 ? Number(companyId) : companyId
  const body = {
    company_id: company,
    ...(id % 3 === 0 ? { type: resource } : { resource }),
    resource_id: id,
    status,
    data,
  }
  return id % 5 === 0 ? [body] : body
}
