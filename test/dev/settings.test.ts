import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { freePort } from '#dev/free-port.ts'
import { ensureSecrets } from '#dev/local-secrets.ts'
import { parseSettings, SettingsError, VARIABLES } from '#dev/settings.ts'
import { workerVariables } from '#config.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const URL = 'postgresql://user@host/database'

describe('the environment of npm start', () => {
  it('has the documented defaults, also for empty variables', () => {
    expect(parseSettings({ PORT: '' })).toEqual({
      ...{ port: 8787, directory: resolve('.dev'), databaseUrl: null, demo: 'yclients', cronSeconds: 60 },
      ...{ egressAllowOrigins: [], encryptionKeys: null, addressKey: null, passedOn: {} },
    })
  })

  it('hands every variable of the Worker on to it, but for those that it makes itself', () => {
    const { passedOn } = parseSettings(Object.fromEntries(workerVariables().map((name) => [name, URL])))
    const made = ['ENVIRONMENT', 'DATABASE_URL', 'NEON_FETCH_ENDPOINT', 'AUTH_JWT_SECRET']
    const own = ['ENCRYPTION_KEYS', 'ADDRESS_KEY', 'EGRESS_ALLOW_ORIGINS']
    expect(Object.keys(passedOn).toSorted()).toEqual(
      workerVariables()
        .filter((name) => ![...made, ...own].includes(name))
        .toSorted(),
    )
    expect(passedOn).toMatchObject({ IIKO_APP_ID: URL, IIKO_APP_SECRET: URL, RETENTION_RUNS_DAYS: URL })
  })

  it('is in the README, with every variable and no other', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const named = [...readme.matchAll(/^\| `([A-Z_]+)` /gm)].map(([, name]) => name)
    expect(named.toSorted()).toEqual([...VARIABLES].toSorted())
    expect(readme.split('\n').filter((line) => line.length > 130)).toEqual([])
  })

  it.each([
    ['PORT', 'x'],
    ['PORT', '0'],
    ['PORT', '70000'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['DEV_DEMO', 'perhaps'],
    ['DEV_CRON_SECONDS', '0'],
    ['DEV_CRON_SECONDS', 'often'],
  ])('is refused with %s=%s, by name and with what is expected', (name, value) => {
    expect(() => parseSettings({ [name]: value })).toThrow(SettingsError)
    expect(() => parseSettings({ [name]: value })).toThrow(new RegExp(`${name}: expected`))
  })

  it.each([
    // The Worker's own check, and that of the start.
    [{ SYNC_RETRY_BASE_SECONDS: 'soon' }, 'SYNC_RETRY_BASE_SECONDS'],
    [{ PORT: 'x' }, 'PORT'],
  ])('stops the start with one plain line for %j', async (env, name) => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-start-'))
    const { status, stderr } = spawnSync(process.execPath, ['dev/start.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, DEV_DIR: directory, PORT: String(await freePort()), ...env },
    })
    rmSync(directory, { recursive: true, force: true })
    expect(status).toBe(1)
    expect(stderr).toContain(name)
    expect(stderr).not.toContain('    at ')
  })
})

describe('npm run token', () => {
  const run = (directory: string, ...args: string[]) =>
    spawnSync(process.execPath, ['dev/token.ts', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, DEV_DIR: directory },
    })

  it('prints a token with the claims asked for', () => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-token-'))
    ensureSecrets(directory)
    const business = '0e02b2c3-58cc-4372-a567-f47ac10b58cc'
    const args = ['dev/token.ts', '--business', business, '--scope', 'integrations:read', '--ttl', '60']
    const printed = execFileSync(process.execPath, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, DEV_DIR: directory },
    })
    const claims = decodeJwt(printed.trim())
    expect(claims).toMatchObject({ business_id: business, scope: 'integrations:read', sub: 'local-developer' })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60)
    rmSync(directory, { recursive: true, force: true })
  })

  it.each([
    [['--scope', 'integrations:read'], '--business is missing'],
    [['--business', 'x', '--scope', 'integrations:read'], 'expected a UUID'],
    [['--business', '0e02b2c3-58cc-4372-a567-f47ac10b58cc'], '--scope is missing'],
    [['--scope', 'everything'], 'is not a scope'],
    [['--scope', 'admin', '--ttl', 'x'], '--ttl'],
    [['--scope', 'admin', '--unknown'], '--unknown'],
    [['--scope', 'admin'], 'npm start first'],
  ])('says what is wrong with %j and how it is used', (args, message) => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-integrations-token-'))
    const { status, stderr, stdout } = run(directory, ...args)
    rmSync(directory, { recursive: true, force: true })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain(message)
    expect(stderr).toContain('Usage: npm run token')
  })
})
