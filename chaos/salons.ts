// Salons that people work in during a storm: their sandboxes, and the edits.
import { randomUUID } from 'node:crypto'
import { freePort } from '#dev/free-port.ts'
import type { seeded } from '#sandbox/faults.ts'
import { isSale } from '#sandbox/yclients/ledger.ts'
import { createYclientsSandbox, type YclientsSandbox } from '#sandbox/yclients.ts'
import { type ServedSandbox, serveSandbox } from '#dev/serve-sandbox.ts'

export interface Salon {
  readonly sandbox: YclientsSandbox
  readonly url: string
  readonly businessId: string
  /** Visits and sales without edits: what vanishes is taken from these, so that its last state was synced. */
  readonly untouched: { readonly visits: number[]; readonly sales: number[] }
  readonly close: ServedSandbox['close']
}

/** A salon that is connected to the service, by the integration's id. */
export interface Integration {
  readonly id: string
  readonly salon: Salon
}

export async function openSalons(size: number, seed: number): Promise<Salon[]> {
  return Promise.all(Array.from({ length: size }, async (_, index) => openSalon(seed * 1000 + index)))
}

const RESCANNED_MS = 25 * 86_400_000

async function openSalon(seed: number): Promise<Salon> {
  const sandbox = createYclientsSandbox({ demo: true, seed, countMax: 50 })
  const { url, close } = await serveSandbox(sandbox, await freePort())
  // What vanishes without a trace further back is only found by a backfill.
  const isRecent = ({ at }: { readonly at: Date }) => at.getTime() > Date.now() - RESCANNED_MS
  const paid = sandbox.salon.visits
    .values()
    .filter((visit) => visit.paidFull && visit.attendance === 1 && !visit.deleted && isRecent(visit))
  const sales = new Set(
    sandbox.salon.operations
      .values()
      .filter((operation) => isSale(operation) && isRecent(operation))
      .map(({ documentId }) => documentId),
  )
  const untouched = { visits: [...paid.map(({ id }) => id)], sales: [...sales] }
  return { sandbox, url, businessId: randomUUID(), untouched, close }
}

const LINE = { id: 3300, title: 'Стрижка', quantity: 1, kopecks: 180_000 }

/** One thing that happens in a salon. Names what it was. */
export function simulateEdit({ sandbox: { salon }, untouched }: Salon, random: ReturnType<typeof seeded>): string {
  const at = salon.now()
  at.setUTCMilliseconds(0)
  const pick = (list: number[]) => list.splice(Math.floor(random() * list.length), 1)[0]
  const events: Readonly<Record<string, (id: number) => unknown>> = {
    withdraw: (id) => salon.withdrawPayment(id),
    delete: (id) => salon.touch(Object.assign(salon.get(id), { deleted: true })),
    noshow: (id) => salon.touch(Object.assign(salon.get(id), { attendance: -1 })),
    vanish: (id) => salon.vanish(id),
  }
  const dice = random()
  if (dice < 0.45) {
    const visit = salon.addVisit({ at, services: [{ ...LINE }], attendance: 1 })
    salon.pay(visit.id)
    return 'visit'
  }
  if (dice < 0.7) {
    salon.sell(at, [{ id: 3360, title: 'Шампунь', quantity: 1, kopecks: 50_000 + Math.floor(random() * 1000) }])
    return 'sale'
  }
  if (dice < 0.78) {
    const documentId = pick(untouched.sales)
    if (documentId === undefined) return 'nothing'
    for (const { id } of salon.saleOf(documentId)) salon.operations.delete(id)
    return 'sale removed'
  }
  const id = pick(untouched.visits)
  const [name, event] = Object.entries(events)[Math.floor(random() * 4)] ?? []
  if (id === undefined || !name || !event) return 'nothing'
  event(id)
  return name
}
