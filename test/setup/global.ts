// Once for all test projects: a throw-away PostgreSQL, and for each test worker a database of its own in it, with the
// Neon endpoint in front: schedule, clean-up and health look at everything that is there, so workers would disturb each
// other.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod'
import { buildPage } from '#dev/build-page.ts'
import { applyMigrations } from '#dev/migrate.ts'
import { type NeonProxy, startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'
import { grantWorker, newPassword, WORKER_ROLE } from '#dev/worker-role.ts'
import type { TestDatabase } from '#test/databases.ts'
import { createBusinessCheck } from './one-business.ts'

const Named = z.object({
  triggers: z.object({ crons: z.array(z.string()) }),
  queues: z.object({
    consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })),
  }),
})

export default async function setup({ config, provide }: TestProject): Promise<() => Promise<void>> {
  await buildPage()
  const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-test-'))
  const postgres = await startPostgres({ directory, durable: false })
  await applyMigrations(postgres.url)
  const databases = new Map<string, TestDatabase>()
  const proxies: NeonProxy[] = []
  const password = newPassword()
  const check = createBusinessCheck()
  for (let worker = 1; worker <= config.maxWorkers; worker += 1) {
    const ownerUrl = await copyDatabase(postgres.url, `worker_${worker}`)
    const url = await grantWorker(ownerUrl, password)
    await letAnalyze(ownerUrl)
    const proxy = await startNeonProxy(url)
    proxy.switches.onRequest = check.note
    proxies.push(proxy)
    databases.set(String(worker), { url, ownerUrl, endpoint: proxy.endpoint })
  }
  provide('databases', Object.fromEntries(databases))
  provide('wrangler', namesIn('wrangler.toml'))
  return async () => {
    for (const proxy of proxies) await proxy.close()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
    check.finish()
  }
}

function namesIn(config: string): ProvidedContext['wrangler'] {
  const { triggers, queues } = Named.parse(readConfig({ config }, { hideWarnings: true }))
  const work = queues.consumers.filter(({ dead_letter_queue: dead }) => dead !== undefined)
  const deadQueue = work[0]?.dead_letter_queue ?? ''
  return { crons: triggers.crons, queues: work.map(({ queue }) => queue), deadQueue }
}

/** Tests of plans count the rows that they made. Without the right, PostgreSQL only warns and plans by old counts. */
async function letAnalyze(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  await client.query(`grant maintain on all tables in schema public to ${WORKER_ROLE}`)
  await client.end()
}

/** The migrated database once more, under another name. */
async function copyDatabase(migratedUrl: string, name: string): Promise<string> {
  const url = new URL(migratedUrl)
  const template = url.pathname.slice(1)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(`create database ${name} template ${template}`)
  await client.end()
  url.pathname = `/${name}`
  return url.href
}
