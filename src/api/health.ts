import { waitUntil } from 'cloudflare:workers'
import * as z from 'zod'
import type { Context } from '#context.ts'
import { isReachable } from '#db/reachable.ts'
import { route } from '#api/route.ts'

const tag = 'Health'
const Liveness = z
  .strictObject({ status: z.literal('ok').meta({ description: 'Always the same.' }) })
  .meta({ id: 'Liveness', description: 'The service is running.' })
const Part = z.enum(['ok', 'failed'])
const Readiness = z
  .strictObject({
    status: Part.meta({ description: '`ok` when every check is.' }),
    checks: z
      .strictObject({
        configuration: Part.meta({ description: 'The variables and keys of the service.' }),
        database: Part.meta({ description: 'The database answers.' }),
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
  summary: 'Can the service work: keys, database, queue?',
  description: 'As it was found within the last few seconds.',
  scope: null,
  answers: {
    200: { description: 'Yes', schema: Readiness },
    503: { description: 'No; `checks` says which part fails', schema: Readiness },
  },
  handle: async ({ context }) => {
    const checks = await readiness(context)
    const isReady = isAllOk(checks)
    return { status: isReady ? 200 : 503, body: { status: isReady ? 'ok' : 'failed', checks } }
  },
})

type Checks = z.infer<typeof Readiness>['checks']

/** Long enough that strangers cannot keep the database busy, short enough for who waits for the service. */
const REMEMBERED_MS = 3000

/** What an isolate last found out about the database of a context, or is finding out for all who ask meanwhile. */
const readinessCache = new WeakMap<Context['db'], { readonly checks: Promise<Checks>; until: number }>()

async function readiness(context: Context): Promise<Checks> {
  const { clock, db } = context
  const known = readinessCache.get(db)
  if (known && clock.now().getTime() < known.until) return known.checks
  const probe = { checks: check(context), until: Infinity }
  readinessCache.set(db, probe)
  const forget = async () => {
    await probe.checks
    probe.until = clock.now().getTime() + REMEMBERED_MS
  }
  // The others get their answer although the first one has gone.
  waitUntil(forget())
  return probe.checks
}

async function check(context: Context): Promise<Checks> {
  const [configuration, database, queue] = await Promise.all([
    works(async () => context.keyring()),
    works(async () => isReachable(context.db)),
    works(async () => Promise.all(Object.values(context.queues).map(async (queue) => queue.metrics()))),
  ])
  const checks = { configuration, database, queue }
  if (!isAllOk(checks)) context.log.error('not_ready', checks)
  return checks
}

function isAllOk(checks: Checks): boolean {
  return Object.values(checks).every((part) => part === 'ok')
}

async function works(check: () => Promise<unknown>): Promise<'ok' | 'failed'> {
  try {
    await check()
    return 'ok'
  } catch {
    return 'failed'
  }
}

export const healthRoutes = [alive, ready]
