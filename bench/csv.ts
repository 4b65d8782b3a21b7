// CSV from one end to the other: parsing beside well-known parsers, uploads and imports of any size in plain workerd with
// the memory that they take, beside the page write alone and beside PostgreSQL's own COPY of the same rows.
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, createReadStream, renameSync, statSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text as readWhole } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { beginFile } from '#crm/csv/cursor.ts'
import { LOCAL_AUDIENCE, LOCAL_ISSUER } from '#dev/local-secrets.ts'
import { mintToken } from '#dev/token.ts'
import type { BenchEnv } from './env.ts'
import { buildWorker } from './bundle.ts'
import { writeSales } from './csv-file.ts'
import { measureParsing } from './csv-parsing.ts'
import { type FileServer, serveFiles } from './files.ts'
import { type Line, ratios, spreadOf } from './measure.ts'
import { bundleSlices, mibOf, sliceBindings, workOff } from './slices.ts'
import { type Served, serveWorker } from './workerd.ts'

const MIB = 1024 * 1024
const IMPORT_ROUNDS = 3
const SAMPLE_MS = 100
/** V8 would fill whatever it is given; a quarter of what an isolate may have shows what is needed. */
const V8_FLAGS = ['--max-heap-size=32']
const KEYS = `bench:${Buffer.alloc(32, 1).toString('base64')}`

export async function measureCsv(bed: BenchEnv, megabytes: readonly number[]): Promise<Line[]> {
  const files = await serveFiles(join(bed.directory, 'files'))
  chmodSync(bed.directory, 0o755)
  await fill(bed)
  try {
    const lines = await measureParsing(bed.directory)
    const peaks: number[] = []
    for (const mb of megabytes) {
      const { lines: some, peak } = await measureSize(bed, files, mb)
      lines.push(...some)
      peaks.push(peak)
    }
    const growth = Math.max(...peaks) / (peaks[0] ?? Number.NaN)
    const name = `CSV import, peak memory of workerd, largest file ÷ ${megabytes[0]} MB`
    lines.push({ name, value: spreadOf([growth]), unit: '×', budget: { kind: 'most', value: 1.3 } })
    lines.push(await measureAgainstPages(bed, files))
    return lines
  } finally {
    await files.close()
  }
}

/** Rows of somebody else, so that no statement is planned for an empty table. */
async function fill({ pool, businessId, integrationId }: BenchEnv): Promise<void> {
  await pool.query(
    `insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, items, change_seq, seen_seq, settings_epoch)
      select $1, $2, 'csv:' || n, 'sale', 'paid', n, 'RUB', now() - n * interval '1 minute', '[]', 1000000000 + n, n, 0
      from generate_series(1, 100000) n`,
    [businessId, integrationId],
  )
  await pool.query('vacuum analyze crm_transactions')
}

interface Opened {
  readonly integrationId: string
  readonly businessId: string
}

async function openIntegration({ pool }: BenchEnv): Promise<Opened> {
  const [businessId, integrationId] = [randomUUID(), randomUUID()]
  await pool.query(`insert into businesses (id, name, timezone, currency) values ($1, 'CSV', 'Europe/Moscow', 'RUB')`, [
    businessId,
  ])
  await pool.query(`insert into crm_integrations (id, business_id, crm_type) values ($1, $2, 'csv')`, [
    integrationId,
    businessId,
  ])
  return { businessId, integrationId }
}

async function measureSize(bed: BenchEnv, files: FileServer, mb: number): Promise<{ lines: Line[]; peak: number }> {
  const path = join(bed.directory, 'sales.csv')
  const rows = await writeSales(path, { bytes: mb * MIB })
  chmodSync(path, 0o644)
  const copySeconds = await copy(bed, path)
  const opened = await openIntegration(bed)
  const upload = await measureUpload(bed, files, { ...opened, path })
  const imported = await measureImport(bed, files, upload.runId)
  const { rows: stored } = await bed.pool.query<{ count: number }>(
    'select count(*)::int as count from crm_transactions where integration_id = $1',
    [opened.integrationId],
  )
  if (stored[0]?.count !== rows) throw new Error(`${stored[0]?.count} rows of ${rows} are stored`)
  const of = (what: string, value: number, unit: string): Line => ({
    ...{
      name: `CSV ${what}, ${mb} MB, ${rows.toLocaleString('en')} rows`,
      value: spreadOf([value]),
      unit,
      budget: null,
    },
  })
  const lines = [
    of('upload', mb / upload.seconds, 'MB/s'),
    of('upload, peak memory of workerd', upload.peak, 'MiB'),
    of('import', rows / imported.seconds, 'rows/s'),
    of('import, peak memory of workerd', imported.peak, 'MiB'),
    of('COPY of the file into a bare table', rows / copySeconds, 'rows/s'),
  ]
  return { lines, peak: imported.peak }
}

/** The same file by PostgreSQL itself, into a table with a key and nothing else. */
async function copy({ pool }: BenchEnv, path: string): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query(`set datestyle = 'ISO, DMY'`)
    await client.query(`create table copied (id text primary key, at timestamp, amount numeric, kind text, name text,
      phone text, card text, comment text)`)
    const startedAt = performance.now()
    await client.query(`copy copied from '${path}' with (format csv, header, delimiter ';')`)
    const seconds = (performance.now() - startedAt) / 1000
    await client.query('drop table copied')
    return seconds
  } finally {
    client.release()
  }
}

interface Measured {
  readonly seconds: number
  /** MiB. */
  readonly peak: number
}

/** Runs a task of a Worker and watches the memory of its process. */
async function watched(worker: Served, task: () => Promise<unknown>): Promise<Measured> {
  const samples = [mibOf(worker.pid)]
  const sampling = setInterval(() => samples.push(mibOf(worker.pid)), SAMPLE_MS)
  const startedAt = performance.now()
  try {
    await task()
    return { seconds: (performance.now() - startedAt) / 1000, peak: Math.max(...samples, mibOf(worker.pid)) }
  } finally {
    clearInterval(sampling)
    await worker.close()
  }
}

const Run = z.object({ id: z.string(), progress: z.object({ total: z.number() }) })

/** Through the service itself, as it is deployed. */
async function measureUpload(
  bed: BenchEnv,
  files: FileServer,
  { businessId, integrationId, path }: Opened & { readonly path: string },
): Promise<Measured & { readonly runId: string }> {
  const secret = randomBytes(32).toString('base64url')
  const token = await mintToken(secret, { businessId, scope: 'integrations:write', ttlSeconds: 3600 })
  const script = buildWorker(join(bed.directory, 'bundle'))
  const bindings = {
    ...sliceBindings(bed, KEYS),
    ...{ AUTH_JWT_SECRET: secret, AUTH_ISSUER: LOCAL_ISSUER, AUTH_AUDIENCE: LOCAL_AUDIENCE },
    IMPORT_BYTES_MAX: String(2 ** 32),
  }
  const options = { v8Flags: V8_FLAGS, filesAddress: files.address }
  const worker = await serveWorker(join(bed.directory, 'service'), script, bindings, options)
  let runId = ''
  const measured = await watched(worker, async () => {
    const { status, text } = await post(`${worker.url}/v1/integrations/${integrationId}/imports`, token, path)
    if (status !== 202) throw new Error(text)
    const run = Run.parse(JSON.parse(text))
    if (run.progress.total !== Math.ceil(statSync(path).size / 1024)) throw new Error('not all of it arrived')
    runId = run.id
  })
  return { ...measured, runId }
}

/** In chunks, without a length: the service has to count. */
async function post(
  url: string,
  token: string,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' }
  const sending = request(url, { method: 'POST', headers })
  const answered = new Promise<IncomingMessage>((settle, fail) => {
    sending.once('response', settle)
    sending.once('error', fail)
  })
  await pipeline(createReadStream(path), sending)
  const response = await answered
  return { status: response.statusCode ?? 0, text: await readWhole(response) }
}

export async function serveSlices(bed: BenchEnv, files: FileServer): Promise<Served> {
  const script = await bundleSlices(bed.directory, 'csv-worker.ts')
  const options = { v8Flags: V8_FLAGS, filesAddress: files.address }
  return serveWorker(join(bed.directory, 'slices'), script, sliceBindings(bed, KEYS), options)
}

async function measureImport(bed: BenchEnv, files: FileServer, runId: string): Promise<Measured> {
  const worker = await serveSlices(bed, files)
  return watched(worker, async () => workOff(bed, worker.url, runId))
}

/** A file that lies there already, in line for an integration of its own. */
export async function openImport(
  bed: BenchEnv,
  files: FileServer,
  path: string,
): Promise<Opened & { readonly runId: string }> {
  const opened = await openIntegration(bed)
  const runId = randomUUID()
  const bytes = statSync(path).size
  renameSync(path, files.pathOf(`imports/${opened.integrationId}/${runId}`))
  const file = beginFile({ id: runId, bytes }, null, new Date())
  const cursor = { version: 1, upload: runId, storedVersion: null, keptFileId: null, file }
  await bed.pool.query(
    `insert into sync_runs (id, integration_id, trigger, status, settings_epoch, cursor) values ($1, $2, 'import', 'queued', 1, $3)`,
    [runId, opened.integrationId, cursor],
  )
  return { ...opened, runId }
}

/** Ten megabytes imported beside as many sales that are written without being read: rows a second. */
async function measureAgainstPages(bed: BenchEnv, files: FileServer): Promise<Line> {
  const [imports, pages]: [number[], number[]] = [[], []]
  for (let round = 0; round <= IMPORT_ROUNDS; round += 1) {
    const path = join(bed.directory, 'round.csv')
    const rows = await writeSales(path, { bytes: 10 * MIB })
    const sides = [
      async () => {
        const { runId } = await openImport(bed, files, path)
        const { seconds } = await measureImport(bed, files, runId)
        if (round > 0) imports.push(seconds)
      },
      async () => {
        const seconds = await writePages(bed, files, rows)
        if (round > 0) pages.push(seconds)
      },
    ]
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
  }
  const budget = { kind: 'least', value: 0.5 } as const
  return { name: 'CSV import ÷ page write of the same rows, 10 MB', value: ratios(pages, imports), unit: '×', budget }
}

const Written = z.object({ ms: z.number() })

async function writePages(bed: BenchEnv, files: FileServer, rows: number): Promise<number> {
  const { integrationId } = await openIntegration(bed)
  const { rows: runs } = await bed.pool.query<{ id: string }>(
    `insert into sync_runs (integration_id, trigger, status, settings_epoch) values ($1, 'manual', 'queued', 1) returning id`,
    [integrationId],
  )
  const worker = await serveSlices(bed, files)
  try {
    const answer = await fetch(`${worker.url}/?write=${rows}&run=${runs[0]?.id}`)
    return Written.parse(await answer.json()).ms / 1000
  } finally {
    await worker.close()
  }
}
