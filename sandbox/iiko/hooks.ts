// iiko's webhooks: one address per restaurant and key, which every update replaces as a whole, and events in the forms
// that were seen: an array or a lone object, the token raw or as Bearer. Which form it is depends on the order.
import type { Order } from '#sandbox/iiko/cafe.ts'
import { NO_HOOKS } from '#sandbox/iiko/hook-settings.ts'
import type { IikoSandbox } from '#sandbox/iiko/state.ts'
import { orderInfo, stamp } from '#sandbox/iiko/wire.ts'

/** From now on what becomes of an order goes to the address of its restaurant. */
export function sendHooks({ cafe, cloud, hooks }: IikoSandbox, zone: string): void {
  cafe.listeners.push((order) => {
    const { webHooksUri, authToken, webHooksFilter } = cloud.hookSettings.get(order.organizationId) ?? NO_HOOKS
    const filter = order.kind === 'table' ? webHooksFilter?.tableOrderFilter : webHooksFilter?.deliveryOrderFilter
    if (!webHooksUri || !filter?.orderStatuses.includes(order.status)) return
    const isOdd = order.number % 2 === 1
    const event = toEvent(order, zone)
    const authorization = isOdd ? `Bearer ${authToken ?? ''}` : (authToken ?? '')
    const headers = { 'content-type': isOdd ? 'application/json; charset=utf-8' : 'text/plain', authorization }
    hooks.send({ url: webHooksUri, headers, body: JSON.stringify(order.number % 5 === 0 ? event : [event]) })
  })
}

function toEvent(order: Order, zone: string): unknown {
  return {
    eventType: order.kind === 'table' ? 'TableOrderUpdate' : 'DeliveryOrderUpdate',
    eventTime: stamp(order.changedAt, 'UTC'),
    organizationId: order.organizationId,
    correlationId: crypto.randomUUID(),
    eventInfo: orderInfo(order, zone),
  }
}
