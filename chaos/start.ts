// The start and its end: a signal at every half second of it, each in a new folder, beside an environment that must not
// notice it. Whatever is stopped leaves no process, and what was killed starts again in its folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { launch, type Started, untilEnded, untilGone, untilReady, untilSaid } from './start-env.ts'

export interface Moment {
  /** What the start has to say first; null: counted from its beginning. */
  readonly sign: string | null
  readonly afterMs: number
}

export interface StartSize {
  /** One for each; null: every half second of a start, while processes are begun for every way to end it. */
  readonly moments: readonly Moment[] | null
}

interface Way {
  readonly name: string
  readonly command: 'npm' | 'start'
  readonly signal: NodeJS.Signals
  /** To the whole group, as a terminal does. */
  readonly isGroup?: true
}

const WAYS: readonly Way[] = [
  { name: 'SIGTERM to npm', command: 'npm', signal: 'SIGTERM' },
  { name: 'SIGKILL of the start', command: 'start', signal: 'SIGKILL' },
  { name: 'Ctrl-C', command: 'npm', signal: 'SIGINT', isGroup: true },
  { name: 'SIGKILL of npm', command: 'npm', signal: 'SIGKILL' },
  { name: 'SIGTERM to the start', command: 'start', signal: 'SIGTERM' },
]
const STEP_MS = 500
/** What a start says when the Worker has answered. */
const WORKER_IS_UP = 'Demo:'
/** An orderly stop ends workerd and PostgreSQL; what a kill leaves, the reaper ends within a second. */
const ENDED_MS = 20_000
const GONE_MS = 5000

export interface StartReport {
  readonly wrong: Readonly<Record<Fault, number>>
  readonly rounds: number
  readonly readyMs: readonly number[]
  /** The longest from a signal until nothing was left. */
  readonly goneMsMax: number
  readonly details: readonly string[]
}

/**
 * survivors: processes left after a signal. notEnded: the signal did not end it. notReady: a start that nobody
 * disturbed. notAgain: a start in the folder of a killed one. notRefused: a second start in a folder in use, or not by
 * a sentence. disturbed: the environment beside did not answer.
 */
const FAULTS = ['survivors', 'notEnded', 'notReady', 'notAgain', 'notRefused', 'disturbed'] as const
type Fault = (typeof FAULTS)[number]

interface Seen {
  readonly faults: { readonly fault: Fault; readonly detail: string }[]
  readonly readyMs: number[]
  readonly goneMs: number[]
}

/** Said at once, too: the whole takes half an hour. */
function blame(seen: Seen, fault: Fault, detail: string): void {
  console.error(`start: ${fault}: ${detail}`)
  seen.faults.push({ fault, detail })
}

export async function proveStart({ moments }: StartSize): Promise<StartReport> {
  const seen: Seen = { faults: [], readyMs: [], goneMs: [] }
  if (moments) {
    for (const [index, moment] of moments.entries()) {
      const way = WAYS[index % WAYS.length]
      if (way) await cutOff(seen, way, moment)
    }
  } else await proveAll(seen)
  const counted = FAULTS.map((fault) => [fault, seen.faults.filter((one) => one.fault === fault).length])
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the names are those of the list
    wrong: Object.fromEntries(counted) as Record<Fault, number>,
    rounds: seen.goneMs.length,
    readyMs: seen.readyMs,
    goneMsMax: Math.max(...seen.goneMs),
    details: seen.faults.map(({ fault, detail }) => `${fault}: ${detail}`),
  }
}

async function proveAll(seen: Seen): Promise<void> {
  const bystander = await startBeside(seen)
  const { workerMs, readyMs } = await startAlone(seen)
  for (const [index, afterMs] of stepsTo(readyMs + STEP_MS).entries()) {
    // Once the Worker is up no process is begun any more, so each later moment ends in one of the ways.
    const ways = afterMs <= workerMs + STEP_MS ? WAYS : WAYS.slice(index % WAYS.length, (index % WAYS.length) + 1)
    for (const way of ways) {
      await cutOff(seen, way, { sign: null, afterMs }, way.signal === 'SIGKILL')
      if (await answers(bystander)) continue
      blame(seen, 'disturbed', `${way.name} after ${afterMs} ms`)
    }
    console.error(`start: ${afterMs} of ${readyMs} ms`)
  }
  await stop(seen, bystander)
}

function stepsTo(endMs: number): number[] {
  return Array.from({ length: Math.floor(endMs / STEP_MS) }, (_, index) => (index + 1) * STEP_MS)
}

/** How long a start takes beside the one that stays, as each of the rounds does. */
async function startAlone(seen: Seen): Promise<{ readonly workerMs: number; readonly readyMs: number }> {
  const startedAt = Date.now()
  const started = await launch(newFolder())
  await untilSaid(started, WORKER_IS_UP)
  const workerMs = Date.now() - startedAt
  if (!(await untilReady(started))) blame(seen, 'notReady', started.output())
  const readyMs = Date.now() - startedAt
  seen.readyMs.push(readyMs)
  await stop(seen, started)
  return { workerMs, readyMs }
}

/** One round: a start in a new folder, cut off at a moment. */
async function cutOff(seen: Seen, way: Way, { sign, afterMs }: Moment, startsAgain = false): Promise<void> {
  const { name, command, signal, isGroup } = way
  const directory = newFolder()
  const started = await launch(directory, command)
  if (sign !== null && !(await untilSaid(started, sign))) {
    blame(seen, 'notReady', started.output())
  }
  await sleep(afterMs)
  const signalledAt = Date.now()
  const { pid = 0 } = started.process
  process.kill(isGroup ? -pid : pid, signal)
  const detail = `${name} ${afterMs} ms after ${sign ?? 'its beginning'}`
  if (!(await untilEnded(started, ENDED_MS))) blame(seen, 'notEnded', detail)
  const left = await untilGone(directory, GONE_MS)
  seen.goneMs.push(Date.now() - signalledAt)
  if (left.length > 0) blame(seen, 'survivors', `${detail}: ${left.join(' | ')}`)
  if (startsAgain) {
    const again = await launch(directory)
    if (!(await untilReady(again))) blame(seen, 'notAgain', `${detail}: ${again.output()}`)
    await stop(seen, again)
  }
  rmSync(directory, { recursive: true, force: true })
}

/** Two at once in two folders; one of them stays. Then second starts in its folder. */
async function startBeside(seen: Seen): Promise<Started> {
  const startedAt = Date.now()
  const [one, other] = await Promise.all([launch(newFolder()), launch(newFolder())])
  for (const started of [one, other]) {
    if (!(await untilReady(started))) blame(seen, 'notReady', started.output())
    seen.readyMs.push(Date.now() - startedAt)
  }
  await stop(seen, other)
  for (const command of ['npm', 'start'] as const) {
    const second = await launch(one.directory, command)
    await untilReady(second)
    const isRefused = second.process.exitCode === 1 && /^DEV_DIR: another npm start/m.test(second.output())
    if (!isRefused || !(await answers(one))) blame(seen, 'notRefused', second.output())
  }
  await startTogether(seen)
  return one
}

/** Two at once in one new folder: one is ready, the other is refused. */
async function startTogether(seen: Seen): Promise<void> {
  const directory = newFolder()
  const both = await Promise.all([launch(directory), launch(directory)])
  const ready = await Promise.all(both.map(untilReady))
  if (ready.filter(Boolean).length !== 1) {
    blame(seen, 'notRefused', both.map(({ output }) => output()).join('\n'))
  }
  // The one that lives first: what is left in the folder is looked at with each.
  const [refused, living] = ready[0] ? both.toReversed() : both
  for (const started of [living, refused]) if (started) await stop(seen, started)
}

async function stop(seen: Seen, started: Started): Promise<void> {
  started.process.kill('SIGTERM')
  if (!(await untilEnded(started, ENDED_MS))) blame(seen, 'notEnded', started.output())
  const left = await untilGone(started.directory, GONE_MS)
  if (left.length > 0) blame(seen, 'survivors', left.join(' | '))
  rmSync(started.directory, { recursive: true, force: true })
}

async function answers({ url }: Started): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'crm-integrations-start-'))
}
