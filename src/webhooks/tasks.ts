// Turns claimed deliveries into tasks: all events of one object become one task, whichever deliveries they came in.
// Pure.
import type { Hint, Session } from '#crm/contract.ts'
import { UNNAMED } from '#crm/kit/webhook-events.ts'
import { EVENTS_MAX, type Webhook, type WebhookEvent } from '#crm/webhook.ts'
import type { Claim, InboxDelivery, Settlement } from '#webhooks/inbox.ts'
import { storedReason } from '#webhooks/reasons.ts'

/** One object to read, for all deliveries that point at it. */
export interface Task {
  readonly hint: Hint
  readonly deliveries: readonly InboxDelivery[]
  /** Events that carry the object itself, with the change counter at their arrival. */
  readonly carried: readonly { readonly event: WebhookEvent; readonly receivedSeq: number }[]
}

export interface Tasks {
  readonly objects: readonly Task[]
  /** Deliveries whose changes a sync reads. */
  readonly rescans: readonly InboxDelivery[]
  /** Hooks name more objects than are read one by one, so all of them are rescans. */
  readonly isFlood: boolean
  /** Outcomes that are known without asking the vendor. */
  readonly settled: ReadonlyMap<string, Settlement>
}

export function toTasks(
  { deliveries, readsLeft }: Pick<Claim, 'deliveries' | 'readsLeft'>,
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
  const tasks = { objects: [...objects.values()], rescans, settled, isFlood: false }
  const named = tasks.objects.filter((task) => task.deliveries.some(isHook))
  return named.length > Math.min(EVENTS_MAX, readsLeft) ? withoutHooks(tasks) : tasks
}

/** Only rechecks are read one by one: a sync might not read their objects. */
function withoutHooks({ objects, rescans, settled }: Tasks): Tasks {
  return {
    objects: objects.flatMap((task) => {
      const rechecks = task.deliveries.filter((delivery) => !isHook(delivery))
      return rechecks.length === 0 ? [] : [{ ...task, deliveries: rechecks, carried: [] }]
    }),
    rescans: [...new Set([...rescans, ...objects.flatMap((task) => task.deliveries.filter(isHook))])],
    settled,
    isFlood: true,
  }
}

function isHook({ kind }: InboxDelivery): boolean {
  return kind === 'hook'
}

/** A recheck has no body, nor has an old delivery that is replayed: both have only their hints. */
function eventsOf(
  { body, contentType, hints }: InboxDelivery,
  webhook: Webhook<unknown> | undefined,
): readonly WebhookEvent[] {
  if (hints === null) return [UNNAMED]
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
