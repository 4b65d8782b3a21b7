// From claimed deliveries to what has to be looked at: events of one object become one task, whatever deliveries they
// came in. Pure.
import type { Hint, Session } from '#crm/contract.ts'
import type { Webhook, WebhookEvent } from '#crm/webhook.ts'
import type { Claim, InboxDelivery, Settlement } from '#webhooks/inbox.ts'
import { storedReason } from '#webhooks/reasons.ts'

/** One object to look at, for all the deliveries that point at it. */
export interface Task {
  readonly hint: Hint
  readonly deliveries: readonly InboxDelivery[]
  /** Events that carry the object itself, with the change counter of when they arrived. */
  readonly carried: readonly { readonly event: WebhookEvent; readonly receivedSeq: number }[]
}

export interface Tasks {
  readonly objects: readonly Task[]
  /** Deliveries that tell of changes which they cannot name. */
  readonly rescans: readonly InboxDelivery[]
  /** What is known of deliveries without asking anybody. */
  readonly settled: ReadonlyMap<string, Settlement>
}

export function toTasks(
  { deliveries }: Pick<Claim, 'deliveries'>,
  webhook: Webhook<unknown> | undefined,
  session: Pick<Session<unknown>, 'settings' | 'apiUrl'>,
): Tasks {
  const objects = new Map<string, Task>()
  const rescans: InboxDelivery[] = []
  const settled = new Map<string, Settlement>()
  for (const delivery of deliveries) {
    const events = eventsOf(delivery, webhook)
    const own = events.filter(({ account }) => account === null || (webhook?.owns?.(account, session) ?? true))
    if (own.length === 0) {
      const isForeign = events.length > 0
      settled.set(delivery.id, {
        status: isForeign ? 'rejected' : 'done',
        reason: isForeign ? storedReason('foreign_account', null) : null,
      })
    }
    for (const event of own) {
      if (event.hint) addTo(objects, event.hint, event, delivery)
      else if (!rescans.includes(delivery)) rescans.push(delivery)
    }
  }
  return { objects: [...objects.values()], rescans, settled }
}

/** A recheck has no body, and neither has an old delivery that is replayed: their hints are all there is. */
function eventsOf(
  { body, contentType, hints }: InboxDelivery,
  webhook: Webhook<unknown> | undefined,
): readonly WebhookEvent[] {
  const parsed = body && webhook?.parse({ bytes: body, contentType })
  if (parsed?.type === 'events') return parsed.events
  return hints.map((hint) => ({ hint, account: null, version: null }))
}

function addTo(objects: Map<string, Task>, hint: Hint, event: WebhookEvent, delivery: InboxDelivery): void {
  const known = objects.get(hint.externalId)
  const deliveries = known?.deliveries ?? []
  objects.set(hint.externalId, {
    hint: { externalId: hint.externalId, extra: { ...known?.hint.extra, ...hint.extra } },
    deliveries: deliveries.includes(delivery) ? deliveries : [...deliveries, delivery],
    carried: [
      ...(known?.carried ?? []),
      ...(event.object === undefined ? [] : [{ event, receivedSeq: delivery.receivedSeq }]),
    ],
  })
}
