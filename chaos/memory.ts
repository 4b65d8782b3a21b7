// One integration with a million records, synced from the first to the last in one isolate of plain workerd: its memory,
// and how long each slice took beside what it may take.
import { join } from 'node:path'
import { credentialContext } from '#connections/credentials.ts'
import { freePort } from '#dev/free-port.ts'
import { serveSandbox } from '#dev/serve-sandbox.ts'
import { importKeyring } from '#crypto/keyring.ts'
import { seal } from '#crypto/seal.ts'
import { SLICE_MS } from '#sync/run-slice.ts'
import { type BenchEnv, createBenchEnv } from '#bench/env.ts'
import { createVastVendor, type Vast } from './vast-vendor.ts'
import { bundleSlices, mibOf, sliceBindings, workOff } from '#bench/slices.ts'
import { serveWorker } from '#bench/workerd.ts'

const DAYS = 3000
const SAMPLE_MS = 500
const MIB_MAX = 128
/** A quarter of what an isolate may have, so that the whole process stays below it. V8 would fill whatever it is given. */
const HEAP_MIB = 32
const KEYS = `chaos:${Buffer.alloc(32, 1).toString('base64')}`

interface MemoryReport {
  readonly records: number
  readonly stored: number
  readonly pages: number
  readonly slices: number
  readonly seconds: number
  /** Resident memory of the workerd process. */
  readonly mib: { readonly atStart: number; readonly median: number; readonly max: number }
  readonly sliceMs: { readonly bound: number; readonly max: number; readonly longestPage: number }
  readonly wrong: {
    readonly status: number
    readonly missing: number
    readonly overMemory: number
    readonly slicesOverBound: number
  }
}

export async function memory(records: number): Promise<MemoryReport> {
  const bed = await createBenchEnv()
  const vendor = createVastVendor(records, DAYS)
  const sandbox = await serveSandbox(vendor, await freePort())
  const bindings = { ...sliceBindings(bed, KEYS), EGRESS_ALLOW_ORIGINS: sandbox.url }
  const script = await bundleSlices(bed.directory)
  const worker = await serveWorker(join(bed.directory, 'slices'), script, bindings, {
    v8Flags: [`--max-heap-size=${HEAP_MIB}`],
  })
  const samples = [mibOf(worker.pid)]
  const sampling = setInterval(() => samples.push(mibOf(worker.pid)), SAMPLE_MS)
  const batchesAt: number[] = []
  bed.proxy.switches.onRequest = (body) => void (body.startsWith('{"queries"') && batchesAt.push(performance.now()))
  try {
    const runId = await connect(bed, vendor, sandbox.url)
    const slices = await workOff(bed, worker.url, runId)
    const { rows } = await bed.pool.query<{ status: string; pages: number; stored: number; seconds: number }>(
      `select status, pages, extract(epoch from finished_at - started_at)::int as seconds,
        (select count(*)::int from crm_transactions) as stored from sync_runs where id = $1`,
      [runId],
    )
    const { status = '', pages = 0, stored = 0, seconds = 0 } = rows[0] ?? {}
    const sorted = samples.toSorted((a, b) => a - b)
    const mib = { atStart: samples[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 }
    // A page ends with its batch, so none took longer than the longest time between two.
    const longestPage = Math.ceil(batchesAt.reduce((most, at, n) => Math.max(most, at - (batchesAt[n - 1] ?? at)), 0))
    const [max, bound] = [slices.reduce((most, ms) => Math.max(most, ms), 0), SLICE_MS]
    return {
      ...{ records, stored, pages, slices: slices.length, seconds, mib },
      sliceMs: { bound, max, longestPage },
      wrong: {
        status: status === 'succeeded' ? 0 : 1,
        missing: records - stored,
        overMemory: mib.max > MIB_MAX ? 1 : 0,
        slicesOverBound: slices.filter((ms) => ms > bound + longestPage).length,
      },
    }
  } finally {
    clearInterval(sampling)
    await worker.close()
    await sandbox.close()
    await bed.close()
  }
}

/** Gives the bed's integration the vendor's address and keys, and opens its first run. */
async function connect({ pool, businessId, integrationId: id }: BenchEnv, vendor: Vast, url: string): Promise<string> {
  const { credentials, additionalConfig } = vendor.connection
  const keyring = await importKeyring(KEYS)
  const sealed = async (column: 'api_key' | 'api_secret', value = '') =>
    Buffer.from(await seal(value, keyring, credentialContext({ id, businessId }, column)))
  await pool.query(
    `update crm_integrations set api_url = $2, api_key = $3, api_secret = $4, additional_config = $5 where id = $1`,
    [
      ...[id, url, await sealed('api_key', credentials['apiKey'])],
      ...[await sealed('api_secret', credentials['apiSecret']), { ...additionalConfig, initialDays: DAYS + 10 }],
    ],
  )
  const { rows } = await pool.query<{ id: string }>(
    `insert into sync_runs (integration_id, trigger, status, settings_epoch) values ($1, 'manual', 'queued', 1) returning id`,
    [id],
  )
  return rows[0]?.id ?? ''
}
