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
  'the intent is on its way': onQuery(String.raw`set \"fence_owner\" =`),
  'the vendor is called': (_, { sandbox }, kill) => void (sandbox.consent.beforeTokens = kill),
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

/**
 * The real process, by SIGKILL, step after step. A dead worker's fence ends at once, as it would after a minute and a
 * half.
 */
export async function killAtEachStep(
  service: Service,
  connections: readonly Connection[],
  times: number,
): Promise<{ readonly kills: number; readonly lost: number }> {
  const counts = { kills: 0, lost: 0 }
  for (const { sandbox } of connections)
    Object.assign(sandbox.consent, { tokenDelayMs: () => 0, losesAnswer: () => false })
  const steps = Object.entries(STEPS)
  for (let n = 0; n < times; n += 1) {
    const [name, set] = steps[n % steps.length] ?? []
    const connection = connections[n % connections.length]
    if (!connection || !name || !set) throw new Error('no connection')
    await expireAccess(service, connection)
    const isKilled = await killAt(service, connection, set)
    counts.kills += isKilled ? 1 : 0
    await service.query(
      `update oauth_grants set fence_until = now() where integration_id = '${connection.id}' and fence_until is not null`,
    )
    const isAlive = isKilled && (await worksAgain(service, connection)) && !(await isDead(service, connection))
    if (!isAlive) counts.lost += 1
    console.log(`refresh: killed while ${name}: ${isAlive ? 'the connection works' : 'LOST'}`)
  }
  return counts
}

async function killAt(service: Service, connection: Connection, set: Set): Promise<boolean> {
  const death: { restarted?: Promise<void> } = {}
  set(service, connection, async () => {
    death.restarted ??= service.killWorker()
    // What was held up goes on after the process that waits for it has died.
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
