// Refresh tokens that are good once, under the vendor's real delays: fifty workers need a token at the same moment, answers are
// lost at random, and then the process is killed at every step between writing the intent and using the new pair.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AmoSandbox } from '#sandbox/amo_crm.ts'
import { seeded } from '#sandbox/faults.ts'
import { type Connection, expireAccess, isDead, openRefreshBed, work } from './refresh-env.ts'
import { killAtEachStep } from './refresh-kill.ts'
import type { Service } from './service.ts'

const WORKERS = 50
const CONNECTIONS = 10
const DELAYS_MS = [100, 5000, 25_000]
const LOST = 0.3
const KILL_ROUNDS = 4
/** As a run's retries, but sooner. */
const RETRY_MS = 5000
const TRIES_MAX = 40

interface Options {
  readonly rounds: number
  readonly seed: number
}

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

export async function refresh({ rounds, seed }: Options): Promise<RefreshReport> {
  const startedAt = Date.now()
  const { service, connections, close } = await openRefreshBed(CONNECTIONS)
  try {
    const told = await raceAll(service, connections, { rounds, seed })
    const calls = connections.flatMap(({ sandbox }) => refreshCalls(sandbox))
    const sentAgain = connections.reduce((sum, { sandbox }) => sum + sandbox.consent.tokens.sentAgainAfterSuccess(), 0)
    const answersLost = calls.filter(({ isDelivered }) => !isDelivered).length
    const killed = await killAtEachStep(service, connections, KILL_ROUNDS)
    return {
      ...{ rounds, workers: WORKERS, seconds: secondsSince(startedAt), refreshes: calls.length, answersLost },
      ...{ secondTries: told.secondTries, kills: killed.kills },
      wrong: {
        ...{ sentAgainAfterSuccess: sentAgain, connectionsLost: told.lost, workersUnserved: told.unserved },
        ...{ lostByKills: killed.lost, unexplainedRefreshes: calls.length - rounds - answersLost },
      },
    }
  } finally {
    await close()
  }
}

interface Told {
  done: number
  lost: number
  unserved: number
  secondTries: number
}

/** Round after round on each connection, all connections at the same time. */
async function raceAll(service: Service, connections: readonly Connection[], { rounds, seed }: Options): Promise<Told> {
  const startedAt = Date.now()
  const told: Told = { done: 0, lost: 0, unserved: 0, secondTries: 0 }
  const raced = connections.map(async (connection, n) => {
    const random = seeded(seed * 1000 + n)
    for (let round = n; round < rounds; round += connections.length) {
      await race(service, connection, { delayMs: DELAYS_MS[(round + n) % DELAYS_MS.length] ?? 0, random, told })
      told.done += 1
      if (told.done % 20 === 0) console.log(`refresh: ${told.done} of ${rounds}, ${secondsSince(startedAt)} s`)
    }
  })
  await Promise.all(raced)
  return told
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
  readonly told: Told
}

async function race(service: Service, connection: Connection, { delayMs, random, told }: Race): Promise<void> {
  const { consent } = connection.sandbox
  consent.tokenDelayMs = () => delayMs
  consent.losesAnswer = () => random() < LOST
  await expireAccess(service, connection)
  const served = await Promise.all(Array.from({ length: WORKERS }, async () => untilServed(service, connection, told)))
  const unserved = served.filter((isServed) => !isServed).length
  told.unserved += unserved
  if (unserved === WORKERS || (await isDead(service, connection))) told.lost += 1
}

async function untilServed(service: Service, connection: Connection, told: Told): Promise<boolean> {
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const worked = await work(service, connection)
    if (worked.ok) return true
    // What the engine does not try again; a database that is overloaded for a moment it does.
    if (worked.kind === 'auth' || worked.kind === 'forbidden') {
      console.log(`refresh: a worker was told ${worked.kind}: ${worked.reason}`)
      return false
    }
    told.secondTries += 1
    await sleep(RETRY_MS)
  }
  return false
}
