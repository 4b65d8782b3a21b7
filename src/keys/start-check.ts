// What an isolate finds out about its database before it uses it: that it is its own deployment's, and that the keys of
// the service open what is stored in it. One statement, once in an isolate's life.
import { sql } from 'drizzle-orm'
import type { Context } from '#context.ts'
import { hexBytes } from '#db/bytea.ts'
import { isOpenedBy, makeAddressProbe, makeProbe } from '#keys/probe.ts'

export type StartProblem = 'wrong_keys' | 'other_deployment'

/** A webhook waits for it where the database of a new isolate does not answer. Else it takes milliseconds. */
const TIMEOUT_MS = 2000
/** A problem, or a database that did not answer, is looked at again after this: an operator may have mended it. */
const REMEMBERED_MS = 3000
/** The first isolate writes and reads again; a second one that starts with it may come between once. */
const TRIES_MAX = 3

interface Found {
  readonly problem: Promise<StartProblem | null>
  until: number
}

/** By the database of a context, which an isolate has one of. */
const startCache = new WeakMap<Context['db'], Found>()

/** Null: all is well, which stays so. Rejects when the database does not answer. */
export async function startProblem(context: Context): Promise<StartProblem | null> {
  const { clock, db } = context
  const known = startCache.get(db)
  if (known && clock.now().getTime() < known.until) return known.problem
  const found: Found = { problem: check(context), until: Infinity }
  startCache.set(db, found)
  const forgetLater = () => (found.until = clock.now().getTime() + REMEMBERED_MS)
  try {
    const problem = await found.problem
    if (problem !== null) {
      forgetLater()
      context.log.error('start_refused', { code: problem })
    }
    return problem
  } catch (error) {
    forgetLater()
    throw error
  }
}

async function check(context: Context): Promise<StartProblem | null> {
  const [keyring, addressProbe] = [await context.keyring(), hexBytes(await makeAddressProbe(context))]
  for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
    const rows = await readStored(context)
    if (rows.some(({ deploymentId }) => deploymentId !== context.config.deploymentId)) return 'other_deployment'
    const stored = rows[0]?.addressProbe ?? null
    if (stored && hexBytes(stored) !== addressProbe) return 'wrong_keys'
    const probes = rows.flatMap(({ keyId, probe }) => (keyId && probe ? [{ keyId, probe }] : []))
    for (const { keyId, probe } of probes) if (!(await isOpenedBy(keyring, keyId, probe))) return 'wrong_keys'
    if (stored && probes.some(({ keyId }) => keyId === keyring.sealing.id)) return null
    await claim(context, addressProbe)
  }
  throw new Error('the first row of the deployment was not stored')
}

async function readStored({ db }: Context) {
  const text = `select d.deployment_id, d.address_probe, k.key_id, k.probe
    from deployment d left join sealing_keys k on true`
  const rows = await db.call(text, [], TIMEOUT_MS)
  const bytesOrNull = (value: unknown) => (value instanceof Uint8Array ? value : null)
  return rows.map(([deploymentId, addressProbe, keyId, probe]) => ({
    ...{ deploymentId, addressProbe: bytesOrNull(addressProbe) },
    ...{ keyId: typeof keyId === 'string' ? keyId : null, probe: bytesOrNull(probe) },
  }))
}

/** What is stored already stays, so of two that start at once both read the same afterwards. */
async function claim(context: Context, addressProbe: string): Promise<void> {
  const { db, config } = context
  const keyring = await context.keyring()
  const { id } = keyring.sealing
  const probe = await makeProbe(keyring, id)
  await db.batch([
    db.execute(sql`
      insert into deployment as d (deployment_id, address_probe) values (${config.deploymentId}, ${addressProbe}::bytea)
      on conflict (is_only) do update set address_probe = excluded.address_probe
      where d.address_probe is null and d.deployment_id = excluded.deployment_id`),
    db.execute(sql`
      insert into sealing_keys as k (key_id, probe) values (${id}, ${probe && hexBytes(probe)}::bytea)
      on conflict (key_id) do update set probe = excluded.probe where k.probe is null`),
  ])
}
