// Salons that are not polled: webhooks alone bring their changes. Their server sends a hook until it is acknowledged,
// as vendors do, and keeps a list of those that were.
import { createHash, randomUUID } from 'node:crypto'
import { freePort } from '#dev/free-port.ts'
import type { HookDelivery } from '#sandbox/hooks.ts'
import { isPaid } from '#sandbox/yclients/ledger.ts'
import { createYclientsSandbox, type YclientsSandbox } from '#sandbox/yclients.ts'
import { type ServedSandbox, serveSandbox } from '#dev/serve-sandbox.ts'
import type { Service } from './service.ts'

export interface HookSalon {
  readonly sandbox: YclientsSandbox
  readonly url: string
  /** The integration's id, once it is connected. */
  id: string
  /** Sent and not acknowledged yet. */
  readonly pending: HookDelivery[]
  /** The inbox's keys of those that were acknowledged. */
  readonly acknowledged: Set<string>
  /** How long each acknowledgement took. */
  readonly tookMs: number[]
  edits: number
  readonly close: ServedSandbox['close']
}

const ANSWER_MS = 5000
const RESENT_MAX = 20
const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

export async function openSalons(size: number): Promise<HookSalon[]> {
  return Promise.all(
    Array.from({ length: size }, async () => {
      const sandbox = createYclientsSandbox()
      const { url, close } = await serveSandbox(sandbox, await freePort())
      return { sandbox, url, id: '', pending: [], acknowledged: new Set<string>(), tookMs: [], edits: 0, close }
    }),
  )
}

/** Connects each and enters our address in its settings. Sync stays off. */
export async function connectSalons(service: Service, salons: readonly HookSalon[]): Promise<void> {
  for (const salon of salons) {
    const businessId = randomUUID()
    await service.call('PUT', `/v1/businesses/${businessId}`, {
      name: 'Салон',
      timezone: 'Europe/Moscow',
      currency: 'RUB',
    })
    const { apiKey, apiSecret, companyId } = salon.sandbox.credentials
    const created = await service.call<{ id: string }>('POST', '/v1/integrations', {
      ...{ businessId, crmType: 'yclients', apiUrl: salon.url },
      ...{ credentials: { apiKey, apiSecret }, additionalConfig: { companyId } },
    })
    salon.id = created.json.id
    const path = `/v1/integrations/${salon.id}/webhook-registration`
    const { json } = await service.call<{ webhookSetup: { registration: string } }>('POST', path)
    if (json.webhookSetup.registration !== 'registered') throw new Error(JSON.stringify(json))
  }
}

/** Something changes in the salon; its hooks wait to be sent. */
export function simulateEdit(salon: HookSalon, random: () => number): void {
  const { salon: books, hooks } = salon.sandbox
  const at = books.now()
  at.setUTCMilliseconds(0)
  const paid = [...books.visits.values()].filter(isPaid)
  const visit = paid[Math.floor(random() * paid.length)]
  const dice = random()
  salon.edits += 1
  if (dice < 0.6 || !visit) {
    const { id } = books.addVisit({ at, services: [{ ...LINE, kopecks: 100_000 + salon.edits }], attendance: 1 })
    books.pay(id)
  } else if (dice < 0.8) books.withdrawPayment(visit.id)
  else books.touch(Object.assign(visit, { deleted: true }))
  salon.pending.push(...hooks.sent.splice(0))
}

/** One try each, in order. What is not acknowledged stays pending. */
export async function sendPending(salon: HookSalon, onAcknowledged: () => void = () => undefined): Promise<void> {
  for (const delivery of salon.pending.splice(0)) {
    const sentAt = performance.now()
    if (await isAcknowledged(delivery)) {
      salon.tookMs.push(performance.now() - sentAt)
      salon.acknowledged.add(`body:${createHash('sha256').update(delivery.body).digest('hex')}`)
      onAcknowledged()
    } else salon.pending.push(delivery)
  }
}

/** Until all are acknowledged, or the vendor gives up. */
export async function resend(salons: readonly HookSalon[]): Promise<number> {
  for (let round = 0; round < RESENT_MAX; round += 1) {
    for (const salon of salons) await sendPending(salon)
  }
  return salons.reduce((sum, { pending }) => sum + pending.length, 0)
}

async function isAcknowledged({ url, method, headers, body }: HookDelivery): Promise<boolean> {
  try {
    const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(ANSWER_MS) })
    await answer.body?.cancel()
    return answer.status === 200
  } catch {
    return false
  }
}
