// DATABASE_URL=… npm run deploy: checks the migrations, uploads, tries the new version beside the old one, and only
// then gives it the traffic. `-- --whole` deploys at once: for the first time, and for new Durable Object migrations.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod'
import { openDatabase, runScript, ScriptError } from './script.ts'

const ROOT = join(import.meta.dirname, '..')
const TRIES = 10
const PAUSE_MS = 3000

/** What a deployment does to the world outside. */
export interface Platform {
  /** How many migrations the database lacks. */
  readonly pending: () => Promise<number>
  /** Runs wrangler for the production environment. Throws when it fails. */
  readonly wrangler: (args: readonly string[]) => string
  /** Uploads without traffic, and returns the new version's id. */
  readonly upload: () => string
  readonly fetch: (url: string, headers: Readonly<Record<string, string>>) => Promise<Response>
  readonly pause: () => Promise<unknown>
  readonly say: (line: string) => void
}

export interface Target {
  readonly worker: string
  readonly url: string
}

/** A deployment that stopped where its message says. What had the traffic before has it again. */
export class DeployError extends ScriptError {
  override readonly name = 'DeployError'
}

const Deployment = z.looseObject({
  versions: z.array(z.looseObject({ version_id: z.string(), percentage: z.number() })),
})
const Readiness = z.looseObject({ status: z.string(), version: z.string(), checks: z.record(z.string(), z.string()) })

export async function deploy(platform: Platform, { worker, url }: Target): Promise<void> {
  await refusePending(platform)
  const { versions } = Deployment.parse(JSON.parse(platform.wrangler(['deployments', 'status', '--json'])))
  const former = versions.toSorted((a, b) => b.percentage - a.percentage)[0]?.version_id
  if (former === undefined) throw new DeployError('Nothing is deployed yet: npm run deploy -- --whole')
  const uploaded = platform.upload()
  platform.say(`uploaded ${uploaded}; ${former} has the traffic`)
  const give = (...shares: string[]) => platform.wrangler(['versions', 'deploy', ...shares, '--yes'])
  give(`${former}@100%`, `${uploaded}@0%`)
  const named = { 'cloudflare-workers-version-overrides': `${worker}="${uploaded}"` }
  const early = await tried(platform, `${url}/readyz`, { headers: named, version: uploaded })
  if (early !== null) {
    give(`${former}@100%`)
    throw new DeployError(`The new version is not ready: ${early}. It got no traffic.`)
  }
  give(`${uploaded}@100%`)
  // Cron, queues and routes are no part of a version.
  platform.wrangler(['triggers', 'deploy'])
  const late = await tried(platform, `${url}/readyz`, { headers: {}, version: uploaded })
  if (late !== null) {
    give(`${former}@100%`)
    throw new DeployError(`The new version failed with traffic: ${late}. ${former} has it again.`)
  }
  platform.say(`${uploaded} has the traffic`)
}

async function refusePending({ pending, say }: Pick<Platform, 'pending' | 'say'>): Promise<void> {
  const lacking = await pending()
  if (lacking > 0) throw new DeployError(`The database lacks ${lacking} migrations: npm run db:migrate, then again`)
  say('the database has all migrations')
}

/** Null: that version says that it is ready. Else why not, after several tries. */
async function tried(
  { fetch, pause }: Platform,
  url: string,
  { headers, version }: { readonly headers: Readonly<Record<string, string>>; readonly version: string },
): Promise<string | null> {
  let why = ''
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    why = await flawOf(fetch(url, headers), version)
    if (why === '') return null
    await pause()
  }
  return why
}

async function flawOf(answering: Promise<Response>, version: string): Promise<string> {
  try {
    const answer = await answering
    const { data } = Readiness.safeParse(await answer.json())
    if (!data) return `/readyz answered ${answer.status}`
    if (data.version !== version) return `version ${data.version} answered`
    const failed = Object.entries(data.checks).flatMap(([part, state]) => (state === 'ok' ? [] : [part]))
    return failed.length > 0 ? `failed: ${failed.join(', ')}` : ''
  } catch (error) {
    return String(error)
  }
}

const Config = z.looseObject({ name: z.string(), vars: z.looseObject({ PUBLIC_URL: z.string() }) })
const Uploaded = z.looseObject({ type: z.literal('version-upload'), version_id: z.string() })

function production(databaseUrl: string): Platform {
  const require = createRequire(import.meta.url)
  const program = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js')
  const wrangler = (args: readonly string[], env: NodeJS.ProcessEnv = {}): string => {
    const { status, stdout } = spawnSync(process.execPath, [program, ...args, '--env', 'production'], {
      ...({ cwd: ROOT, encoding: 'utf8', stdio: ['inherit', 'pipe', 'inherit'] } as const),
      env: { ...process.env, ...env },
    })
    if (status !== 0) throw new DeployError(`wrangler ${args.join(' ')} failed. ${HINT}`)
    return stdout
  }
  return {
    pending: async () => pendingIn(databaseUrl),
    wrangler,
    upload: () => {
      const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-deploy-'))
      const output = join(directory, 'output.ndjson')
      try {
        wrangler(['versions', 'upload'], { WRANGLER_OUTPUT_FILE_PATH: output })
        const lines = readFileSync(output, 'utf8').trim().split('\n')
        const [found] = lines.flatMap((line) => Uploaded.safeParse(JSON.parse(line)).data ?? [])
        if (!found) throw new DeployError('wrangler did not say which version it has uploaded')
        return found.version_id
      } finally {
        rmSync(directory, { recursive: true, force: true })
      }
    },
    fetch: async (url, headers) => fetch(url, { headers }),
    pause: async () => sleep(PAUSE_MS),
    say: (line) => console.log(line),
  }
}

const HINT = 'The first deployment, and one with new [[migrations]] of Durable Objects: npm run deploy -- --whole'

async function pendingIn(databaseUrl: string): Promise<number> {
  const client = await openDatabase(databaseUrl)
  try {
    const { rows } = await client.query<{ newest: string | null }>(
      'select max(created_at) as newest from drizzle.__drizzle_migrations',
    )
    const newest = Number(rows[0]?.newest ?? 0)
    const migrations = readMigrationFiles({ migrationsFolder: join(ROOT, 'migrations') })
    return migrations.filter(({ folderMillis }) => folderMillis > newest).length
  } finally {
    await client.end()
  }
}

if (import.meta.main) {
  const { whole } = parseArgs({ options: { whole: { type: 'boolean', default: false } } }).values
  const databaseUrl = process.env['DATABASE_URL']
  if (!databaseUrl) {
    console.error('DATABASE_URL: expected the direct connection string of the database, as for db:migrate')
    process.exit(1)
  }
  const { name, vars } = Config.parse(readConfig({ config: join(ROOT, 'wrangler.toml'), env: 'production' }))
  const platform = production(databaseUrl)
  await runScript(async () => {
    if (whole) {
      await refusePending(platform)
      platform.wrangler(['deploy'])
    } else {
      await deploy(platform, { worker: name, url: vars.PUBLIC_URL })
    }
  })
}
