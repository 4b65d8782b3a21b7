import { waitUntil } from 'cloudflare:workers'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { type StartProblem, startProblem } from '#keys/start-check.ts'
import { isMigrated } from '#db/reachable.ts'
import { route } from '#api/route.ts'

const tag = 'Health'
const Liveness = z
  .strictObject({ status: z.literal('ok').meta({ description: 'Always the same.' }) })
  .meta({ id: 'Liveness', description: 'The service is running.' })
const Part = z.enum(['ok', 'failed'])
const Readiness = z
  .strictObject({
    status: Part.meta({ description: '`ok` when every check is.' }),
    code: z.enum(['wrong_keys', 'other_deployment']).optional().meta({
      description: 'Why `configuration` failed, where the database tells: every other call is refused with it.',
    }),
    version: z.string().meta({ description: 'The id of the deployed version that answers; empty where it has none.' }),
    checks: z
      .strictObject({
        configuration: Part.meta({ description: 'The variables and keys of the service.' }),
        database: Part.meta({ description: 'The database answers.' }),
        schema: Part.meta({ description: 'It has the migrations that this version needs.' }),
        queue: Part.meta({ description: 'The queue answers.' }),
      })
      .meta({ description: 'What the service needs for its work.' }),
  })
  .meta({ id: 'Readiness', description: 'Whether the service can work.' })

const alive = route({
  operationId: 'getLiveness',
  method: 'get',
  path: '/healthz',
  tag,
  summary: 'Is the service running?',
  description: 'It asks nothing else. `/readyz` says whether the service can work.',
  scope: null,
  answers: { 200: { description: 'It is', schema: Liveness } },
  handle: async () => ({ status: 200, body: { status: 'ok' } }),
})

const ready = route({
  operationId: 'getReadiness',
  method: 'get',
  path: '/readyz',
  tag,
  summary: 'Can the service work: keys, database, its schema, queue?',
  description: 'As it was found within the last few seconds.',
  scope: null,
  answers: {
    200: { description: 'Yes', schema: Readiness },
    503: { description: 'No; `checks` says which part fails', schema: Readiness },
  },
  handle: async ({ context }) => {
    const { checks, problem } = await readiness(context)
    const isReady = isAllOk(checks)
    const code = problem === null ? {} : { code: problem }
    const { version } = context
    return {
      status: isReady ? 200 : 503,
      body: { status: isReady ? 'ok' : 'failed', ...code, version, checks },
    }
  },
})

type Checks = z.infer<typeof Readiness>['checks']

interface Found {
  readonly checks: Checks
  readonly problem: StartProblem | null
}

/** Long enough that strangers cannot keep the database busy, short enough for who waits for the service. */
const REMEMBERED_MS = 3000

/** What an isolate last found out about the database of a context, or is finding out for all who ask meanwhile. */
const readinessCache = new WeakMap<Context['db'], { readonly found: Promise<Found>; until: number }>()

async function readiness(context: Context): Promise<Found> {
  const { clock, db } = context
  const known = readinessCache.get(db)
  if (known && clock.now().getTime() < known.until) return known.found
  const probe = { found: check(context), until: Infinity }
  readinessCache.set(db, probe)
  const forget = async () => {
    await probe.found
    probe.until = clock.now().getTime() + REMEMBERED_MS
  }
  // The others get their answer although the first one has gone.
  waitUntil(forget())
  return probe.found
}

async function check(context: Context): Promise<Found> {
  const [keys, problem, migrated, queue] = await Promise.all([
    works(async () => context.keyring()),
    // A database that does not answer fails its own check.
    startProblem(context).catch(() => null),
    isMigrated(context.db).catch(() => null),
    works(async () => Promise.all(Object.values(context.queues).map(async (queue) => queue.metrics()))),
  ])
  const configuration = problem === null ? keys : 'failed'
  const checks = { configuration, database: partOf(migrated !== null), schema: partOf(migrated === true), queue }
  if (!isAllOk(checks)) context.log.error('not_ready', checks)
  return { checks, problem }
}

function isAllOk(checks: Checks): boolean {
  return Object.values(checks).every((part) => part === 'ok')
}

const partOf = (isOk: boolean): 'ok' | 'failed' => (isOk ? 'ok' : 'failed')

async function works(check: () => Promise<unknown>): Promise<'ok' | 'failed'> {
  try {
    await check()
    return 'ok'
  } catch {
    return 'failed'
  }
}

export const healthRoutes = [alive, ready]
