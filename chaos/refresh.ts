// Refresh tokens that are good once, under the vendor's real delays: fifty workers need a token at the same moment,
// answers are lost at random, and then the process is killed at every step between writing the intent and using the new
// pair.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenDatabase } from '#bench/database.ts'
import type { AmoSandbox } from '#sandbox/amo_crm.ts'
import { seeded } from '#sandbox/faults.ts'
import { type Connection, expireAccess, isDead, openRefreshEnv, work } from './refresh-env.ts'
import { killAtEachStep } from './refresh-kill.ts'
import type { Service } from './service.ts'

const LOST = 0.3
/** As a run's retries, but sooner. */
const RETRY_MS = 5000
const TRIES_MAX = 40

interface RefreshSize {
  readonly rounds: number
  readonly connections: number
  /** That need a token at the same moment. */
  readonly workers: number
  /** Of the vendor's answers, in turn. */
  readonly delaysMs: readonly number[]
  readonly kills: number
}

type Options = RefreshSize & { readonly seed: number }

interface RefreshReport {
  readonly rounds: number
  readonly workers: number
  readonly seconds: number
  readonly refreshes: number
  readonly answersLost: number
  readonly secondTries: number
  readonly kills: number
  readonly wrong: Readonly<
    Record<
      'sentAgainAfterSuccess' | 'connectionsLost' | 'workersUnserved' | 'lostByKills' | 'unexplainedRefreshes',
      number
    >
  >
}

export async function proveRefresh(open: OpenDatabase, options: Options): Promise<RefreshReport> {
  const startedAt = Date.now()
  const { rounds, workers, kills } = options
  const { service, connections, close } = await openRefreshEnv(open, options.connections)
  try {
    const counts = await raceAll(service, connections, options)
    const calls = connections.flatMap(({ sandbox }) => refreshCalls(sandbox))
    const sentAgain = connections.reduce((sum, { sandbox }) => sum + sandbox.consent.tokens.sentAgainAfterSuccess(), 0)
    const answersLost = calls.filter(({ isDelivered }) => !isDelivered).length
    const killed = await killAtEachStep(service, connections, kills)
    return {
      ...{ rounds, workers, seconds: secondsSince(startedAt), refreshes: calls.length, answersLost },
      ...{ secondTries: counts.secondTries, kills: killed.kills },
      wrong: {
        ...{ sentAgainAfterSuccess: sentAgain, connectionsLost: counts.lost, workersUnserved: counts.unserved },
        ...{ lostByKills: killed.lost, unexplainedRefreshes: calls.length - rounds - answersLost },
      },
    }
  } finally {
    await close()
  }
}

interface Counts {
  done: number
  lost: number
  unserved: number
  secondTries: number
}

/** Round after round on each connection, all connections at the same time. */
async function raceAll(service: Service, connections: readonly Connection[], options: Options): Promise<Counts> {
  const { rounds, seed, workers, delaysMs } = options
  const startedAt = Date.now()
  const counts: Counts = { done: 0, lost: 0, unserved: 0, secondTries: 0 }
  const raced = connections.map(async (connection, n) => {
    const random = seeded(seed * 1000 + n)
    for (let round = n; round < rounds; round += connections.length) {
      const delayMs = delaysMs[(round + n) % delaysMs.length] ?? 0
      await race(service, connection, { delayMs, workers, random, counts })
      counts.done += 1
      if (counts.done % 20 === 0) console.log(`refresh: ${counts.done} of ${rounds}, ${secondsSince(startedAt)} s`)
    }
  })
  await Promise.all(raced)
  return counts
}

function secondsSince(at: number): number {
  return Math.round((Date.now() - at) / 1000)
}

function refreshCalls({ consent }: AmoSandbox) {
  return consent.tokens.calls.filter(({ grantType }) => grantType === 'refresh_token')
}

interface Race {
  readonly delayMs: number
  readonly random: () => number
  readonly workers: number
  readonly counts: Counts
}

async function race(
  service: Service,
  connection: Connection,
  { delayMs, workers, random, counts }: Race,
): Promise<void> {
  const { consent } = connection.sandbox
  consent.tokenDelayMs = () => delayMs
  consent.losesAnswer = () => random() < LOST
  await expireAccess(service, connection)
  const served = await Promise.all(
    Array.from({ length: workers }, async () => untilServed(service, connection, counts)),
  )
  const unserved = served.filter((isServed) => !isServed).length
  counts.unserved += unserved
  if (unserved === workers || (await isDead(service, connection))) counts.lost += 1
}

async function untilServed(service: Service, connection: Connection, counts: Counts): Promise<boolean> {
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const worked = await work(service, connection)
    if (worked.ok) return true
    // The engine does not retry these; it does retry a database that is overloaded for a moment.
    if (worked.kind === 'auth' || worked.kind === 'forbidden') {
      console.log(`refresh: a worker was refused with ${worked.kind}: ${worked.reason}`)
      return false
    }
    counts.secondTries += 1
    await sleep(RETRY_MS)
  }
  return false
}
