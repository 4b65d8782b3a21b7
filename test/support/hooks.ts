// A CRM's webhooks, taken from a sandbox's hands and delivered (or not) by the test.
import { sql } from 'drizzle-orm'
import type { HookDelivery } from '#sandbox/hooks.ts'
import { sweepInboxes } from '#jobs/cron.ts'
import { keepOwn } from '#test/pages.ts'
import { type Answer, type Connected, request, type Salon } from '#test/tenants.ts'

/** Delivers as the vendor does; to another address when one is given. */
export async function deliver(
  { context }: Pick<Connected, 'context'>,
  { url, method, headers, body }: HookDelivery,
  address = url,
): Promise<Answer> {
  const { pathname, search } = new URL(address)
  return request(context, pathname + search, { method, headers, ...(method === 'POST' && { body }) })
}

/** Everything that the sandbox has sent and nobody has carried yet. */
export function takeAll({ sent }: { readonly sent: HookDelivery[] }): HookDelivery[] {
  return sent.splice(0)
}

/** Works inboxes off until nothing is left in them: what waits for a later time is due now. */
export async function workOffHooks(tenant: Connected): Promise<void> {
  const { context, integrationId } = tenant
  await context.drain()
  for (let round = 0; round < 8; round += 1) {
    const { rows } = await context.db.execute(sql`
      update webhook_deliveries set due_at = now() - interval '1 minute'
      where integration_id = ${integrationId}::uuid and status = 'new' returning id`)
    if (rows.length === 0) return
    await context.db.execute(sql`update crm_integrations set inbox_until = null where id = ${integrationId}::uuid`)
    await sweepInboxes(context)
    await keepOwn(tenant)
    await context.drain()
  }
}

/** Newest first, as the API shows them. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests assert on the shapes they read
export async function deliveriesOf({ call, path }: Connected, search = ''): Promise<any[]> {
  return (await call('GET', `${path}/webhook-deliveries?limit=200${search}`)).json.items
}

/** A JSON body sent to the tenant's own address. */
export async function post(tenant: Connected, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const url: string = (await tenant.call('GET', tenant.path)).json.webhookUrl
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return deliver(tenant, {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: text,
  })
}

/** An event of YCLIENTS that points at a visit. */
export function visitEvent(id: number, changedAt?: string) {
  const data = changedAt === undefined ? {} : { last_change_date: changedAt }
  return { company_id: 540_112, resource: 'record', resource_id: id, status: 'update', data }
}

/** A visit that is held and paid, at the vendor. */
export function paidVisit({ sandbox: { salon } }: Salon, kopecks = 180_000): number {
  const at = new Date(salon.now().getTime() - (salon.now().getTime() % 1000))
  const { id } = salon.addVisit({ at, attendance: 1, services: [{ id: 3300, title: 'Стрижка', quantity: 1, kopecks }] })
  salon.pay(id)
  return id
}
