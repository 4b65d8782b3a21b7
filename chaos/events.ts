// Events while the Worker, PostgreSQL, the queue and the endpoints die: every committed change is told at least once,
// nothing is told that did not happen, and no number appears below a `toSeq` that was told.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { seeded } from '#sandbox/faults.ts'
import { type EventFinding, inspectEvents, untilDelivered } from './events-inspect.ts'
import { type Mood, openReceiver, type Receiver, subscribe } from './event-receivers.ts'
import { type Integration, openSalons, type Salon, simulateEdit } from './salons.ts'
import { type Service, startService } from './service.ts'
import { calm, connect } from './storm.ts'

const ROUND_MS = 1500
const EDITS_A_ROUND = 4
const KILL_MS = 8000
const IDLE_MS = 90_000
const MOODS: readonly Mood[] = ['well', 'failing', 'silent', 'dropping', 'down']
/** When the Worker is killed: after a statement was executed and before its answer, or while an endpoint reads. */
const MOMENTS = ['endpoint', 'call due_endpoints(', 'call work_endpoint(', 'call write_page(', 'call finish_run(']

interface EventsSize {
  readonly rounds: number
  readonly salons: number
}

interface EventsReport extends EventFinding {
  readonly seconds: number
  readonly strikes: Readonly<Record<string, number>>
}

interface Scene {
  readonly service: Service
  readonly salons: readonly Salon[]
  readonly receivers: readonly Receiver[]
  readonly random: () => number
}

export async function proveEvents(
  open: OpenDatabase,
  { rounds, salons: count, seed }: EventsSize & { readonly seed: number },
): Promise<EventsReport> {
  const startedAt = Date.now()
  const random = seeded(seed)
  const salons = await openSalons(count, seed)
  const receivers = await Promise.all([null, ...salons.map(({ businessId }) => businessId)].map(openReceiver))
  const origins = [...salons, ...receivers].map(({ url }) => url)
  const service = await startService(open, { origins, tickSeconds: 1 })
  const scene: Scene = { service, salons, receivers, random }
  const strikes: Record<string, number> = {}
  try {
    const integrations = await begin(scene)
    for (let round = 1; round <= rounds; round += 1) {
      for (let edit = 0; edit < EDITS_A_ROUND; edit += 1) simulateEdit(pick(salons, random), random)
      const syncing = attempt(async () =>
        service.call('POST', `/v1/integrations/${pick(integrations, random).id}/sync`),
      )
      const strike = await attempt(async () => strikeOnce(scene, round, integrations))
      strikes[strike] = (strikes[strike] ?? 0) + 1
      await syncing
      await sleep(ROUND_MS)
      if (round % 10 === 0) console.log(`round ${round} of ${rounds}, ${Math.round((Date.now() - startedAt) / 1000)} s`)
    }
    for (const receiver of receivers) receiver.mood = 'well'
    await calm(service, integrations)
    for (const { id } of integrations) await service.call('PATCH', `/v1/integrations/${id}`, { syncEnabled: false })
    await untilIdle(service)
    await untilDelivered(service)
    const found = await inspectEvents(service, receivers)
    return { seconds: Math.round((Date.now() - startedAt) / 1000), strikes, ...found }
  } finally {
    await service.close()
    await Promise.all([...salons, ...receivers].map(async ({ close }) => close()))
  }
}

/** The endpoints are there before anything happens, so that they hear of all of it. */
async function begin({ service, salons, receivers }: Scene) {
  const business = { name: 'Салон', timezone: 'Europe/Moscow', currency: 'RUB' }
  for (const { businessId } of salons) await service.call('PUT', `/v1/businesses/${businessId}`, business)
  for (const receiver of receivers) await subscribe(service, receiver)
  return connect(service, salons)
}

async function strikeOnce(scene: Scene, round: number, integrations: readonly Integration[]): Promise<string> {
  const { service, receivers, random } = scene
  if (round % 3 === 0) return killAt(service, receivers, MOMENTS[(round / 3 - 1) % MOMENTS.length] ?? '')
  if (round % 4 === 2) return refuse(service, pick(integrations, random))
  if (round % 7 === 0) {
    await service.killPostgres()
    return 'PostgreSQL killed'
  }
  if (round % 5 === 0) {
    const change = { lose: 0, double: 0, delay: 0, [pick(['lose', 'double', 'delay'], random)]: 0.5 }
    await service.disturb(change)
    return 'queue disturbed'
  }
  const receiver = pick(receivers, random)
  receiver.mood = pick(MOODS, random)
  return `endpoint ${receiver.mood}`
}

/** The CRM refuses the key for a while, and then a person switches sync on: an issue opens, and is over. */
async function refuse(service: Service, { id, salon }: Integration): Promise<string> {
  salon.sandbox.denied.add('licence')
  try {
    await service.call('POST', `/v1/integrations/${id}/sync?wait=10`)
  } finally {
    salon.sandbox.denied.clear()
  }
  await service.call('PATCH', `/v1/integrations/${id}`, { syncEnabled: true })
  return 'key refused'
}

/** Kills the Worker at the moment, if it comes. */
async function killAt(service: Service, receivers: readonly Receiver[], moment: string): Promise<string> {
  let kill: () => void = () => undefined
  const killed = new Promise<void>((settle) => (kill = settle))
  // The moment lasts until the Worker is killed.
  const hold = async () => {
    kill()
    await sleep(KILL_MS)
  }
  if (moment === 'endpoint') await listenAll(service, receivers, hold)
  else service.proxy.switches.onExecuted = async (body) => (body.includes(moment) ? hold() : undefined)
  const came = await Promise.race([killed.then(() => true), sleep(KILL_MS, false)])
  service.proxy.switches.onExecuted = null
  for (const receiver of receivers) receiver.onEvent = null
  if (came) await service.killWorker()
  return came ? `Worker killed at ${moment}` : 'moment that did not come'
}

/** All are up, and what they had failed to take comes now. */
async function listenAll(service: Service, receivers: readonly Receiver[], onEvent: () => Promise<void>) {
  for (const receiver of receivers) Object.assign(receiver, { mood: 'well', onEvent })
  await service.query('update event_endpoints set paused_until = null')
  await service.query(`update event_deliveries set due_at = now() where status = 'waiting' and due_at > now()`)
}

async function untilIdle(service: Service): Promise<void> {
  const deadline = Date.now() + IDLE_MS
  while (Date.now() < deadline) {
    const active = await service.query(`select from sync_runs where status in ('queued','running','waiting')`)
    if (active.length === 0) return
    await sleep(500)
  }
}

function pick<T>(list: readonly T[], random: () => number): T {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('an empty list')
  return found
}

async function attempt(act: () => Promise<unknown>): Promise<string> {
  try {
    return String(await act())
  } catch {
    return 'fault that could not be set'
  }
}
