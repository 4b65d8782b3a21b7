// npm start: the whole service on this machine, from npm alone. PostgreSQL, the Neon endpoint, the migrations, the
// vendors' sandbox, the Worker in workerd and a cron; and nothing of it is left when this process ends.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, parseConfig } from '#config.ts'
import { type Children, startReaper, stopGroup } from '#dev/children.ts'
import { type Demo, startDemo } from '#dev/demo.ts'
import { isPortFree } from '#dev/free-port.ts'
import { ensureSecrets, LOCAL_AUDIENCE, LOCAL_ISSUER, type LocalSecrets } from '#dev/local-secrets.ts'
import { applyMigrations, ForeignMigrationsError } from '#dev/migrate.ts'
import { startNeonProxy } from '#dev/neon-proxy.ts'
import { startPostgres } from '#dev/postgres.ts'
import { type ServedSandbox, serveDemo } from '#dev/serve-sandbox.ts'
import { parseSettings, type Settings, SettingsError } from '#dev/settings.ts'
import { mintToken } from '#dev/token.ts'
import { grantWorker } from '#dev/worker-role.ts'
import { startTicker, startWorker } from '#dev/worker.ts'

const PARENT_CHECK_MS = 500
const ADMIN_TTL_SECONDS = 30 * 86_400

type Undo = () => Promise<void> | void

/** What was started, to be stopped in the opposite order; safe to call at any moment. */
const undo: Undo[] = []
let stopping: Promise<void> | undefined

async function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (let step = undo.pop(); step; step = undo.pop()) {
      try {
        await step()
      } catch (error) {
        console.error(error instanceof Error ? error.message : error)
      }
    }
  })()
  return stopping
}

function stopOn(signal: NodeJS.Signals): void {
  process.on(signal, () => {
    void stopAll().then(() => process.exit(0))
  })
}

async function start(settings: Settings): Promise<void> {
  if (!(await isPortFree(settings.port))) {
    throw new SettingsError(
      `PORT: something else listens on ${settings.port}; choose another, for example PORT=8790 npm start`,
    )
  }
  mkdirSync(settings.directory, { recursive: true })
  rmSync(join(settings.directory, 'state.json'), { force: true })
  const secrets = ensureSecrets(settings.directory)
  checkBindings(settings, secrets)
  const children = startReaper()
  undo.push(() => children.close())
  const databaseUrl = settings.databaseUrl ?? (await startDatabase(settings, children))
  await prepareDatabase(settings, databaseUrl)
  // Who gives a database gives the role as well.
  const workerUrl = settings.databaseUrl ?? (await grantWorker(databaseUrl))
  const proxy = await startNeonProxy(workerUrl)
  undo.push(proxy.close)
  const sandbox = settings.demo === null ? null : await serveDemo(settings.demo, settings.directory)
  if (sandbox) undo.push(sandbox.close)
  const url = await startService(
    { settings, secrets, databaseUrl: workerUrl, endpoint: proxy.endpoint, sandbox },
    children,
  )
  const adminToken = await mintToken(secrets.jwtSecret, {
    businessId: null,
    scope: 'admin',
    ttlSeconds: ADMIN_TTL_SECONDS,
  })
  const demo = sandbox ? await startDemo({ url, adminToken, jwtSecret: secrets.jwtSecret }, sandbox) : null
  const about = demo && { businessId: demo.businessId, token: demo.token, integrationId: demo.integrationId }
  const state = { url, databaseUrl, sandboxUrl: sandbox?.url ?? null, adminToken, demo: about }
  writeFileSync(join(settings.directory, 'state.json'), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  report({ settings, url, demo, sandbox })
}

/** A database that is given may be down; our own is up. */
async function prepareDatabase(settings: Settings, databaseUrl: string): Promise<void> {
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

async function startDatabase(settings: Settings, children: Children): Promise<string> {
  const postgres = await startPostgres({ directory: join(settings.directory, 'postgres'), durable: true })
  children.watch(postgres.pid)
  undo.push(postgres.stop)
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
      ENCRYPTION_KEYS: secrets.encryptionKeys,
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

async function startService(service: Service, children: Children): Promise<string> {
  const { settings } = service
  const worker = await startWorker({ port: settings.port, directory: settings.directory, ...bindingsOf(service) })
  if (worker.process.pid !== undefined) children.watch(worker.process.pid)
  const isStopping = () => stopping !== undefined
  worker.process.once('exit', () => {
    if (!isStopping()) console.error(`The Worker ended by itself; ${worker.log} says why.`)
  })
  undo.push(async () => stopGroup(worker.process))
  const ticker = startTicker(worker.url, settings.cronSeconds)
  undo.push(ticker.stop)
  return worker.url
}

interface Report {
  readonly settings: Settings
  readonly url: string
  readonly demo: Demo | null
  readonly sandbox: ServedSandbox | null
}

function report({ settings, url, demo, sandbox }: Report): void {
  const curl = (path: string) => `curl -s -H "Authorization: Bearer $TOKEN" '${url}${path}'`
  if (demo && sandbox) {
    const path = `/v1/integrations/${demo.integrationId}`
    console.log(`
${sandbox.sandbox.business.name} (${sandbox.sandbox.connection.crmType}) is connected to business ${demo.businessId}.
${demo.report}

Look around; these lines work when pasted:
  TOKEN=${demo.token}
  ${curl(path)}
  ${curl(`${path}/transactions?limit=3`)}
  ${curl(`${path}/changes?after=0&limit=3`)}
Sell something there, and see it arrive ${sandbox.sandbox.hooks ? 'by webhook a few seconds later, or at once with a sync' : 'with a sync'}:
  curl -s -X POST -H 'Content-Type: application/json' -d '{"do":"sell","rubles":990}' ${sandbox.url}/_sandbox/edit
  curl -s -X POST -H "Authorization: Bearer $TOKEN" ${url}${path}/sync
  ${curl(`${path}/transactions?limit=1`)}
`)
  }
  console.log(`API documentation: ${url}/docs   State: ${join(settings.directory, 'state.json')}   Stop: Ctrl-C`)
  console.log(`ready at ${url}`)
}

/** npm that is SIGKILLed sends no signal; its child sees only that it has another parent. */
function stopWithParent(): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) void stopAll().then(() => process.exit(0))
  }, PARENT_CHECK_MS)
  timer.unref()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) stopOn(signal)
if (process.env['npm_lifecycle_event'] !== undefined) stopWithParent()
try {
  await start(parseSettings(process.env))
} catch (error) {
  const isExpected = error instanceof SettingsError || error instanceof ConfigError
  console.error(isExpected ? error.message : error)
  await stopAll()
  process.exit(1)
}
