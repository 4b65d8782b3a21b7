// npm start: the whole service on this machine, from npm alone. PostgreSQL, the Neon endpoint, the migrations, the
// vendors' sandbox, the Worker in workerd and a cron; and nothing of it is left when this process ends.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, parseConfig } from '#config.ts'
import { type Children, startReaper } from '#dev/children.ts'
import { startDemo } from '#dev/demo.ts'
import { openFolder, refuseFullDisk } from '#dev/folder.ts'
import { portProblem } from '#dev/free-port.ts'
import { createLifetime, stopWithSignals } from '#dev/lifetime.ts'
import { ensureSecrets, LOCAL_AUDIENCE, LOCAL_ISSUER, type LocalSecrets } from '#dev/local-secrets.ts'
import { applyMigrations, ForeignMigrationsError } from '#dev/migrate.ts'
import { startNeonProxy } from '#dev/neon-proxy.ts'
import { hasCluster, startPostgres } from '#dev/postgres.ts'
import { printReport } from '#dev/report.ts'
import { type ServedSandbox, serveDemo } from '#dev/serve-sandbox.ts'
import { parseSettings, type Settings, SettingsError } from '#dev/settings.ts'
import { mintToken } from '#dev/token.ts'
import { grantWorker } from '#dev/worker-role.ts'
import { startTicker, startWorker } from '#dev/worker.ts'
import { writeWhole } from '#dev/write-whole.ts'

const ADMIN_TTL_SECONDS = 30 * 86_400
/** PostgreSQL cannot write its log with less. */
const FREE_BYTES_MIN = 32 * 1024 * 1024

const lifetime = createLifetime()

/** A sign of life, with the seconds since the process began. Nothing begins after the stop has. */
function say(step: string): void {
  lifetime.goOn()
  console.log(`${performance.now() < 10_000 ? ' ' : ''}${(performance.now() / 1000).toFixed(1)} s  ${step}`)
}

async function start(settings: Settings): Promise<void> {
  const { directory } = settings
  const { release } = await openFolder(directory)
  lifetime.onStop(release)
  const problem = await portProblem(settings.port)
  if (problem) throw new SettingsError(problem)
  rmSync(join(directory, 'state.json'), { force: true })
  const secrets = ensureSecrets(directory)
  checkBindings(settings, secrets)
  const children = startReaper()
  lifetime.onStop(children.stop)
  const databaseUrl = settings.databaseUrl ?? (await startDatabase(settings, children))
  await prepareDatabase(settings, databaseUrl)
  // Who gives a database gives the role as well.
  const workerUrl = settings.databaseUrl ?? (await grantWorker(databaseUrl))
  const proxy = await startNeonProxy(workerUrl)
  lifetime.onStop(proxy.close)
  const sandbox = settings.demo === null ? null : await serveDemo(settings.demo, directory)
  if (sandbox) lifetime.onStop(sandbox.close)
  const service = { settings, secrets, databaseUrl: workerUrl, endpoint: proxy.endpoint, sandbox }
  const url = await startService(service, children)
  const adminToken = await mintToken(secrets.jwtSecret, {
    businessId: null,
    scope: 'admin',
    ttlSeconds: ADMIN_TTL_SECONDS,
  })
  const demo = sandbox ? await startDemo({ url, adminToken, jwtSecret: secrets.jwtSecret, say }, sandbox) : null
  const about = demo && { businessId: demo.businessId, token: demo.token, integrationId: demo.integrationId }
  const pageUrl = demo?.pages.connect ?? null
  const state = { url, databaseUrl, sandboxUrl: sandbox?.url ?? null, adminToken, pageUrl, demo: about }
  lifetime.goOn()
  writeWhole(join(directory, 'state.json'), `${JSON.stringify(state, null, 2)}\n`)
  printReport({ directory, url, demo, sandbox })
  if (demo?.showHook) await tellHook(demo.showHook)
}

/** All is up by now: a webhook that cannot be shown ends nothing. */
async function tellHook(showHook: () => Promise<string>): Promise<void> {
  console.log('Webhook: something is sold in the CRM now, to see it arrive by itself …')
  try {
    const told = await showHook()
    if (!lifetime.isStopping()) console.log(told)
  } catch (error) {
    if (lifetime.isStopping()) return
    console.error('Webhook: it could not be shown.', error instanceof Error ? error.message : error)
  }
}

/** A database that is given may be down; our own is up. */
async function prepareDatabase(settings: Settings, databaseUrl: string): Promise<void> {
  say('Database: its schema is brought up to date')
  try {
    await applyMigrations(databaseUrl)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (settings.databaseUrl === null) {
      if (!(error instanceof ForeignMigrationsError)) throw error
      throw new SettingsError(
        `DEV_DIR: ${settings.directory} was made by another version of this project and cannot be used by this one. Remove it (rm -r ${settings.directory}) and start again; only local data is in it.`,
      )
    }
    throw new SettingsError(`DATABASE_URL: expected a PostgreSQL that can be reached and migrated: ${error.message}`)
  }
}

async function startDatabase(settings: Settings, { spawn }: Children): Promise<string> {
  const directory = join(settings.directory, 'postgres')
  say(`Database: PostgreSQL ${hasCluster(directory) ? 'starts' : 'is made and starts'} in ${directory}`)
  const postgres = await startPostgres({ directory, durable: true, spawn })
  lifetime.onStop(postgres.stop)
  return postgres.url
}

interface Service {
  readonly settings: Settings
  readonly secrets: LocalSecrets
  readonly databaseUrl: string
  readonly endpoint: string
  readonly sandbox: ServedSandbox | null
}

function bindingsOf({ settings, secrets, databaseUrl, endpoint, sandbox }: Service) {
  const origins = [...settings.egressAllowOrigins, ...(sandbox ? [sandbox.url] : [])]
  return {
    secrets: {
      DATABASE_URL: databaseUrl,
      ENCRYPTION_KEYS: settings.encryptionKeys ?? secrets.encryptionKeys,
      ADDRESS_KEY: settings.addressKey ?? secrets.addressKey,
    },
    vars: {
      ENVIRONMENT: 'development',
      NEON_FETCH_ENDPOINT: endpoint,
      AUTH_ISSUER: LOCAL_ISSUER,
      AUTH_AUDIENCE: LOCAL_AUDIENCE,
      ...(settings.passedOn['AUTH_JWKS_URL'] ? {} : { AUTH_JWT_SECRET: secrets.jwtSecret }),
      ...(origins.length > 0 && { EGRESS_ALLOW_ORIGINS: origins.join(',') }),
      ...(sandbox && sandbox.sandbox.vars?.({ sandbox: sandbox.url, service: `http://127.0.0.1:${settings.port}` })),
      ...settings.passedOn,
    },
  }
}

/**
 * The Worker would refuse the same values, but only at its first request; so they are parsed before anything starts.
 */
function checkBindings(settings: Settings, secrets: LocalSecrets): void {
  const unknown = { databaseUrl: 'postgresql://not@yet/known', endpoint: 'http://127.0.0.1:1/sql', sandbox: null }
  const bindings = bindingsOf({ settings, secrets, ...unknown })
  parseConfig({ ...bindings.secrets, ...bindings.vars })
}

async function startService(service: Service, { spawn }: Children): Promise<string> {
  const { port, directory, cronSeconds } = service.settings
  say('Worker: is built and starts in workerd')
  const worker = await startWorker({ port, directory, spawn, ...bindingsOf(service) })
  worker.process.once('exit', () => {
    if (!lifetime.isStopping()) console.error(`The Worker ended by itself; ${worker.log} says why.`)
  })
  const ticker = startTicker(worker.url, cronSeconds)
  // Before the database goes: it cannot work without one.
  lifetime.onStop(worker.stop)
  lifetime.onStop(ticker.stop)
  return worker.url
}

/** What to print of an error: a sentence where the cause is known. */
function explain(error: unknown, { directory }: Settings): unknown {
  if (error instanceof SettingsError || error instanceof ConfigError) return error.message
  try {
    if (existsSync(directory)) refuseFullDisk(directory, FREE_BYTES_MIN)
  } catch (full) {
    if (full instanceof SettingsError) return full.message
  }
  return error
}

async function run(): Promise<void> {
  stopWithSignals(lifetime)
  let settings: Settings
  try {
    settings = parseSettings(process.env)
  } catch (error) {
    console.error(error instanceof SettingsError ? error.message : error)
    process.exit(1)
  }
  try {
    await start(settings)
  } catch (error) {
    // A start that is being stopped fails at whatever it waited for.
    if (lifetime.isStopping()) return
    console.error(explain(error, settings))
    await lifetime.stop()
    process.exit(1)
  }
}

await run()
