// Webhooks while the Worker, the queue and PostgreSQL fail around them. What was acknowledged must be processed, once,
// whatever happens after; nothing is polled here, so what is lost stays lost.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import { seeded } from '#sandbox/faults.ts'
import { type HookFinding, inspectHooks, untilProcessed } from './hooks-inspect.ts'
import { connectSalons, type HookSalon, openSalons, resend, sendPending, simulateEdit } from './hook-salons.ts'
import { type Service, startService } from './service.ts'

const KILL_MS = 10_000

/** When the Worker is killed: the statement after whose execution, and before whose answer. */
const STATEMENTS = {
  'after storing, before the answer': 'call store_delivery(',
  'after claiming the inbox': 'call take_inbox(',
  'after writing, before noting it': 'call write_page(',
  'after noting what is done': 'call finish_inbox(',
} as const
const MOMENTS = [...Object.keys(STATEMENTS), 'after the answer, with its messages', 'while the vendor is read'] as const

interface Sent {
  readonly sent: number
  readonly acknowledged: number
  readonly answerMs: { readonly median: number; readonly p99: number }
}

interface HooksReport extends HookFinding {
  readonly wrong: HookFinding['wrong'] & { readonly momentsMissed: number }
  readonly seconds: number
  readonly kills: Readonly<Record<string, number>>
  readonly outage: Sent & { readonly seconds: number }
  readonly refusedByQueue: Sent
}

interface Batch {
  readonly deliveries: number
  readonly overMs: number
}

interface HooksSize {
  /** Full: so many that one whose inbox a killed worker holds has it back when its turn comes again. */
  readonly salons: number
  readonly kills: number
  /** While the queue refuses, while PostgreSQL is down, and while the queue loses, doubles and delays. */
  readonly refused: Batch
  readonly outage: Batch
  readonly disturbed: Batch
}

export async function proveHooks(
  open: OpenDatabase,
  { kills: rounds, seed, ...size }: HooksSize & { readonly seed: number },
): Promise<HooksReport> {
  const startedAt = Date.now()
  const random = seeded(seed)
  const salons = await openSalons(size.salons)
  const service = await startService(open, { origins: salons.map(({ url }) => url), tickSeconds: 1 })
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  try {
    await connectSalons(service, salons)
    const kills = await killing(service, salons, { rounds, random, seconds })
    await untilProcessed(service, salons)
    const refusedByQueue = await refusing(service, salons, { random, ...size.refused })
    await untilProcessed(service, salons)
    console.log(`the queue refused for ${refusedByQueue.sent} deliveries, ${seconds()} s`)
    const outage = await withoutDatabase(service, salons, { random, ...size.outage })
    console.log(`PostgreSQL was down for ${outage.seconds} s and ${outage.sent} deliveries, ${seconds()} s`)
    await disturbed(service, salons, { random, ...size.disturbed })
    const unacknowledged = await resend(salons)
    const found = await inspectHooks(service, salons, unacknowledged)
    // A moment that never comes proves nothing: its statement reads otherwise by now.
    const momentsMissed = MOMENTS.slice(0, rounds).filter((moment) => kills[moment] === undefined).length
    return { seconds: seconds(), kills, refusedByQueue, outage, ...found, wrong: { ...found.wrong, momentsMissed } }
  } finally {
    await service.close()
    await Promise.all(salons.map(async ({ close }) => close()))
  }
}

interface Killing {
  readonly rounds: number
  readonly random: () => number
  readonly seconds: () => number
}

async function killing(
  service: Service,
  salons: readonly HookSalon[],
  { rounds, random, seconds }: Killing,
): Promise<Record<string, number>> {
  const kills: Record<string, number> = {}
  for (let round = 0; round < rounds; round += 1) {
    const salon = salons[round % salons.length]
    const moment = MOMENTS[round % MOMENTS.length]
    if (!salon || !moment) throw new Error('no salon')
    simulateEdit(salon, random)
    if (await killAt(service, salon, moment)) kills[moment] = (kills[moment] ?? 0) + 1
    await sendPending(salon)
    if ((round + 1) % 12 === 0) console.log(`kill ${round + 1} of ${rounds}, ${seconds()} s`)
  }
  return kills
}

/** Sends a salon's hooks and kills the Worker at the moment. False: the moment did not come. */
async function killAt(service: Service, salon: HookSalon, moment: string): Promise<boolean> {
  const { switches } = service.proxy
  let kill: () => void = () => undefined
  const killed = new Promise<void>((settle) => (kill = settle))
  const [, statement] = Object.entries(STATEMENTS).find(([name]) => name === moment) ?? []
  // The moment lasts until the Worker is killed: the answer that it waits for never comes.
  const hold = async () => {
    kill()
    await sleep(KILL_MS)
  }
  if (statement !== undefined) {
    const inBody = JSON.stringify(statement).slice(1, -1)
    switches.onExecuted = async (body) => (body.includes(inBody) ? hold() : undefined)
  } else if (moment === 'while the vendor is read') salon.sandbox.onRecord = hold
  const sending = sendPending(salon, moment === 'after the answer, with its messages' ? kill : undefined)
  const came = await Promise.race([killed.then(() => true), sleep(KILL_MS, false)])
  switches.onExecuted = null
  salon.sandbox.onRecord = null
  if (came) await service.killWorker()
  await sending
  return came
}

type Sending = Batch & { readonly random: () => number }

async function refusing(service: Service, salons: readonly HookSalon[], sending: Sending): Promise<Sent> {
  await service.disturb({ refuse: 1 })
  const sent = await sendEdits(salons, sending)
  await service.disturb({ refuse: 0 })
  return sent
}

async function withoutDatabase(
  service: Service,
  salons: readonly HookSalon[],
  sending: Sending,
): Promise<HooksReport['outage']> {
  let sent: Sent = { sent: 0, acknowledged: 0, answerMs: { median: 0, p99: 0 } }
  const startedAt = Date.now()
  await service.killPostgres(async () => {
    sent = await sendEdits(salons, sending)
    await sleep(Math.max(startedAt + sending.overMs - Date.now(), 0))
  })
  return { seconds: Math.round((Date.now() - startedAt) / 1000), ...sent }
}

/** A queue that loses, doubles and delays, as long as it works at all. */
async function disturbed(service: Service, salons: readonly HookSalon[], sending: Sending): Promise<void> {
  await service.disturb({ lose: 0.4, double: 0.3, delay: 0.3 })
  await sendEdits(salons, sending)
  await service.disturb({ lose: 0, double: 0, delay: 0 })
}

/** At least so many deliveries, evenly over a time; the salons' servers know nothing of each other. */
async function sendEdits(salons: readonly HookSalon[], { deliveries, overMs, random }: Sending): Promise<Sent> {
  const acknowledged = () => salons.reduce((sum, salon) => sum + salon.acknowledged.size, 0)
  const [startedAt, before] = [Date.now(), acknowledged()]
  for (const { tookMs } of salons) tookMs.length = 0
  let sent = 0
  while (sent < deliveries) {
    for (const salon of salons) simulateEdit(salon, random)
    sent += salons.reduce((sum, { pending }) => sum + pending.length, 0)
    await Promise.all(salons.map(async (salon) => sendPending(salon)))
    await sleep(Math.max(startedAt + (overMs * sent) / deliveries - Date.now(), 0))
  }
  const took = salons.flatMap(({ tookMs }) => tookMs).toSorted((a, b) => a - b)
  const at = (share: number) => Math.round(took[Math.floor(took.length * share)] ?? Number.NaN)
  return { sent, acknowledged: acknowledged() - before, answerMs: { median: at(0.5), p99: at(0.99) } }
}
