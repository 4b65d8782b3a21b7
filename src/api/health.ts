import * as z from 'zod'
import type { Context } from '#context.ts'
import { isReachable } from '#db/reachable.ts'
import { route } from '#api/route.ts'

const tag = 'Health'
const Liveness = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Liveness' })
const Part = z.enum(['ok', 'failed'])
const Readiness = z
  .strictObject({ status: Part, checks: z.strictObject({ configuration: Part, database: Part, queue: Part }) })
  .meta({ id: 'Readiness' })

const alive = route({
  method: 'get',
  path: '/healthz',
  tag,
  summary: 'Is the service running?',
  scope: null,
  answers: { 200: { description: 'It is', schema: Liveness } },
  handle: async () => ({ status: 200, body: { status: 'ok' } }),
})

const ready = route({
  method: 'get',
  path: '/readyz',
  tag,
  summary: 'Can the service work: keys, database, queue?',
  scope: null,
  answers: {
    200: { description: 'Yes', schema: Readiness },
    503: { description: 'No; `checks` says which part fails', schema: Readiness },
  },
  handle: async ({ context }) => {
    const [configuration, database, queue] = await Promise.all([
      works(async () => context.keyring()),
      works(async () => isReachable(context.db)),
      works(async () => context.queue.metrics()),
    ])
    const checks = { configuration, database, queue }
    const isReady = Object.values(checks).every((check) => check === 'ok')
    logFailures(context, checks, isReady)
    return { status: isReady ? 200 : 503, body: { status: isReady ? 'ok' : 'failed', checks } }
  },
})

async function works(check: () => Promise<unknown>): Promise<'ok' | 'failed'> {
  try {
    await check()
    return 'ok'
  } catch {
    return 'failed'
  }
}

function logFailures(context: Context, checks: Readonly<Record<string, string>>, isReady: boolean): void {
  if (!isReady) context.log.error('not_ready', checks)
}

export const healthRoutes = [alive, ready]
