import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, expireAccess, isDead, work } from './refresh-env.ts'
import type { Service } from './service.ts'

const WORKERS = 5
const DYING_MS = 400
const WAIT_MS = 60_000

type Set = (service: Service, connection: Connection, kill: () => Promise<void>) => void

/** Held up where it stands, and killed there. */
const onQuery =
  (part: string): Set =>
  ({ proxy }, _, kill) => {
    proxy.switches.onRequest = async (body) => (body.includes(part) ? kill() : undefined)
  }

const STEPS: Readonly<Record<string, Set>> = {
  'the intent is on its way': onQuery('set fence_owner ='),
  'the vendor is asked': (_, { sandbox }, kill) => void (sandbox.consent.beforeTokens = kill),
  'the pair is issued': (_, { sandbox }, kill) => void (sandbox.consent.beforeAnswer = kill),
  'the pair is on its way to be stored': onQuery('with swapped as'),
  'the pair is half stored': ({ proxy }, _, kill) => {
    let isStoring = false
    proxy.switches.onRequest = (body) => void (isStoring ||= body.includes('with swapped as'))
    proxy.switches.onStatement = async () => (isStoring ? kill() : undefined)
  },
  'the pair is stored and was not read yet': ({ proxy }, _, kill) => {
    let isStored = false
    proxy.switches.onRequest = async (body) => {
      if (isStored) return kill()
      isStored = body.includes('with swapped as')
    }
  },
}

/** The real process, by SIGKILL. A dead worker's fence is let lapse, as a minute and a half would. */
export async function killAtEachStep(service: Service, connections: readonly Connection[], rounds: number) {
  const told = { kills: 0, lost: 0 }
  for (const { sandbox } of connections)
    Object.assign(sandbox.consent, { tokenDelayMs: () => 0, losesAnswer: () => false })
  for (let round = 0; round < rounds; round += 1) {
    for (const [n, [name, set]] of Object.entries(STEPS).entries()) {
      const connection = connections[(round * 6 + n) % connections.length]
      if (!connection) throw new Error('no connection')
      await expireAccess(service, connection)
      const isKilled = await dieThere(service, connection, set)
      told.kills += isKilled ? 1 : 0
      await service.query(
        `update oauth_grants set fence_until = now() where integration_id = '${connection.id}' and fence_until is not null`,
      )
      const isAlive = isKilled && (await worksAgain(service, connection)) && !(await isDead(service, connection))
      if (!isAlive) told.lost += 1
      console.log(`refresh: killed while ${name}: ${isAlive ? 'the connection works' : 'LOST'}`)
    }
  }
  return told
}

async function dieThere(service: Service, connection: Connection, set: Set): Promise<boolean> {
  const death: { restarted?: Promise<void> } = {}
  set(service, connection, async () => {
    death.restarted ??= service.killWorker()
    // Whatever was held up goes on when nobody is there any more to see it.
    await sleep(DYING_MS)
  })
  const deadline = Date.now() + WAIT_MS
  const working = Promise.all(Array.from({ length: WORKERS }, async () => work(service, connection)))
  while (!death.restarted && Date.now() < deadline) await sleep(20)
  Object.assign(service.proxy.switches, { onRequest: null, onStatement: null })
  Object.assign(connection.sandbox.consent, { beforeTokens: null, beforeAnswer: null })
  await working
  await death.restarted
  return death.restarted !== undefined
}

async function worksAgain(service: Service, connection: Connection): Promise<boolean> {
  const deadline = Date.now() + WAIT_MS
  while (Date.now() < deadline) {
    const { ok, kind } = await work(service, connection)
    if (ok || kind !== 'unavailable') return ok
    await sleep(500)
  }
  return false
}
