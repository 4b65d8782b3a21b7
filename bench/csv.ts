// CSV from one end to the other: parsing beside well-known parsers, uploads and imports of any size in plain workerd
// with the memory that they take, beside the page write alone and beside PostgreSQL's own COPY of the same rows.
import { randomUUID } from 'node:crypto'
import { chmodSync, createReadStream, renameSync, statSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text as readWhole } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Pool } from 'pg'
import * as z from 'zod'
import { beginFile } from '#crm/csv/cursor.ts'
import { writeSales } from './csv-file.ts'
import { measureParsing } from './csv-parsing.ts'
import type { OpenDatabase } from './database.ts'
import { addIntegration, addRun, type BenchEnv, countTransactions, withEnv } from './env.ts'
import { type FileServer, serveFiles } from './files.ts'
import { interleave, type Line, ratios, spreadOf } from './measure.ts'
import { serveEntry, serveService, tokenFor } from './serve.ts'
import { runToEnd } from './slices.ts'
import { watchMemory } from './watch-memory.ts'
import type { Served } from './workerd.ts'

const MIB = 1024 * 1024
const SAMPLE_MS = 100
/** V8 would fill all that it is given; a quarter of what an isolate may have shows what is needed. */
const V8_FLAGS = ['--max-heap-size=32']

interface CsvSize {
  /** Of the files that are uploaded and imported. */
  readonly megabytes: readonly number[]
  readonly stored: number
  readonly parsedMb: number
  readonly parseRounds: number
  /** Of the file that is imported beside pages of the same sales. */
  readonly besideMb: number
  readonly besideRounds: number
}

export async function measureCsv(open: OpenDatabase, size: CsvSize): Promise<Line[]> {
  return withEnv(open, async (env) => {
    const files = await serveFiles(join(env.directory, 'files'))
    await fill(env, size.stored)
    try {
      const lines = await measureParsing(env.directory, size)
      const peaks: number[] = []
      for (const mb of size.megabytes) {
        const { lines: some, peak } = await measureSize(env, files, mb)
        lines.push(...some)
        peaks.push(peak)
      }
      const growth = Math.max(...peaks) / (peaks[0] ?? Number.NaN)
      const name = `CSV import, peak memory of workerd, largest file ÷ ${size.megabytes[0]} MB`
      lines.push({ name, value: spreadOf([growth]), unit: '×', budget: { kind: 'most', value: 1.3 } })
      lines.push(await measureAgainstPages(env, files, size))
      return lines
    } finally {
      await files.close()
    }
  })
}

/** Rows of another integration, so that no statement is planned for an empty table. */
async function fill({ pool, businessId, integrationId }: BenchEnv, rows: number): Promise<void> {
  await pool.query(
    `insert into crm_transactions (business_id, integration_id, external_id, kind, status, amount_minor, currency,
        occurred_at, items, change_seq, seen_seq, settings_epoch)
      select $1, $2, 'csv:' || n, 'sale', 'paid', n, 'RUB', now() - n * interval '1 minute', '[]', 1000000000 + n, n, 0
      from generate_series(1, $3::int) n`,
    [businessId, integrationId, rows],
  )
  await pool.query('vacuum analyze crm_transactions')
}

async function measureSize(env: BenchEnv, files: FileServer, mb: number): Promise<{ lines: Line[]; peak: number }> {
  const path = join(env.directory, 'sales.csv')
  const rows = await writeSales(path, { bytes: mb * MIB })
  chmodSync(path, 0o644)
  const copySeconds = await copy(env, path)
  const opened = await addIntegration(env.pool, 'csv')
  const upload = await measureUpload(env, files, { ...opened, path })
  if (upload.kib !== Math.ceil(statSync(path).size / 1024)) throw new Error('not all of it arrived')
  const imported = await measureImport(env, files, upload.runId)
  const stored = await countTransactions(env.pool, opened.integrationId)
  if (stored !== rows) throw new Error(`${stored} rows of ${rows} are stored`)
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

/** Runs a task of a Worker and closes it; its time, and the most memory that its process had. */
async function measureTask(worker: Served, task: () => Promise<unknown>): Promise<Measured> {
  const memory = watchMemory(worker.pid, SAMPLE_MS)
  const startedAt = performance.now()
  try {
    await task()
    const seconds = (performance.now() - startedAt) / 1000
    memory.sample()
    return { seconds, peak: Math.max(...memory.samples) }
  } finally {
    memory.stop()
    await worker.close()
  }
}

const Run = z.object({ id: z.string(), progress: z.object({ total: z.number() }) })

/** Through the service itself, as it is deployed. */
export async function measureUpload(
  env: BenchEnv,
  files: FileServer,
  { businessId, integrationId, path }: Awaited<ReturnType<typeof addIntegration>> & { readonly path: string },
): Promise<Measured & { readonly runId: string; readonly kib: number }> {
  const token = await tokenFor(businessId, 'integrations:write')
  const bindings = { IMPORT_BYTES_MAX: String(2 ** 32) }
  const worker = await serveService(env, { bindings, v8Flags: V8_FLAGS, filesAddress: files.address })
  let [runId, kib] = ['', 0]
  const measured = await measureTask(worker, async () => {
    const { status, text } = await post(`${worker.url}/v1/integrations/${integrationId}/imports`, token, path)
    if (status !== 202) throw new Error(text)
    const run = Run.parse(JSON.parse(text))
    runId = run.id
    kib = run.progress.total
  })
  return { ...measured, runId, kib }
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

export async function serveSlices(env: BenchEnv, files: FileServer): Promise<Served> {
  return serveEntry(env, 'csv-worker.ts', { v8Flags: V8_FLAGS, filesAddress: files.address })
}

async function measureImport(env: BenchEnv, files: FileServer, runId: string): Promise<Measured> {
  const worker = await serveSlices(env, files)
  return measureTask(worker, async () => runToEnd(env, worker.url, runId))
}

/** A file that is stored already, in line for an integration of its own. */
export async function openImport(
  pool: Pool,
  files: FileServer,
  path: string,
): Promise<{ readonly integrationId: string; readonly runId: string }> {
  const { integrationId } = await addIntegration(pool, 'csv')
  const runId = randomUUID()
  const bytes = statSync(path).size
  renameSync(path, files.pathOf(`imports/${integrationId}/${runId}`))
  const file = beginFile({ id: runId, bytes }, null, new Date())
  const cursor = { version: 1, upload: runId, storedVersion: null, keptFileId: null, file }
  await pool.query(
    `insert into sync_runs (id, integration_id, trigger, status, settings_epoch, cursor) values ($1, $2, 'import', 'queued', 1, $3)`,
    [runId, integrationId, cursor],
  )
  return { integrationId, runId }
}

/** A file imported beside as many sales that are written without being read: rows a second. */
async function measureAgainstPages(
  env: BenchEnv,
  files: FileServer,
  { besideMb, besideRounds }: CsvSize,
): Promise<Line> {
  const path = join(env.directory, 'round.csv')
  const rowsOf = new Map<number, Promise<number>>()
  // The file of a round is written before either side begins, and moves to the store with the import.
  const prepare = async (round: number) => {
    const rows = rowsOf.get(round) ?? writeSales(path, { bytes: besideMb * MIB })
    rowsOf.set(round, rows)
    return rows
  }
  const { imports, pages } = await interleave(besideRounds, {
    imports: async (round) => {
      await prepare(round)
      const { runId } = await openImport(env.pool, files, path)
      return (await measureImport(env, files, runId)).seconds
    },
    pages: async (round) => writePages(env, files, await prepare(round)),
  })
  const name = `CSV import ÷ page write of the same rows, ${besideMb} MB`
  return { name, value: ratios(pages, imports), unit: '×', budget: { kind: 'least', value: 0.5 } }
}

const Written = z.object({ ms: z.number() })

async function writePages(env: BenchEnv, files: FileServer, rows: number): Promise<number> {
  const { integrationId } = await addIntegration(env.pool, 'csv')
  const runId = await addRun(env.pool, integrationId, { settingsEpoch: 1 })
  const worker = await serveSlices(env, files)
  try {
    const answer = await fetch(`${worker.url}/?write=${rows}&run=${runId}`)
    return Written.parse(await answer.json()).ms / 1000
  } finally {
    await worker.close()
  }
}
