// Environment variables → settings of a local environment. Every wrong one is named, with what is expected, before
// anything starts.
import { resolve } from 'node:path'
import * as z from 'zod'
import { workerVariables } from '#config.ts'
import { DEMOS } from '#sandbox/registry.ts'

const PORT = 'expected a port from 1 to 65535'
const SECONDS = 'expected seconds from 1 to 3600'
const DEMO = `expected 0 (no demo), 1 or one of ${Object.keys(DEMOS).join(', ')}`
const DEMO_USUAL = 'yclients'
const URL_FORM = 'expected a URL like postgresql://user:password@host:5432/database'

const Environment = z.object({
  PORT: z.coerce.number(PORT).int(PORT).min(1, PORT).max(65_535, PORT).default(8787),
  DEV_DIR: z.string().min(1, 'expected a folder').default('.dev'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/[^/]+\/.+/, URL_FORM)
    .optional(),
  DEV_DEMO: z.enum(['0', '1', ...Object.keys(DEMOS)], DEMO).default('1'),
  DEV_CRON_SECONDS: z.coerce.number(SECONDS).min(1, SECONDS).max(3600, SECONDS).default(60),
  EGRESS_ALLOW_ORIGINS: z.string().default(''),
  ENCRYPTION_KEYS: z.string().optional(),
  ADDRESS_KEY: z.string().optional(),
})

/** What a start makes for the Worker itself, or adds to. */
const MADE = new Set([
  ...['ENVIRONMENT', 'DATABASE_URL', 'NEON_FETCH_ENDPOINT', 'AUTH_JWT_SECRET'],
  ...['ENCRYPTION_KEYS', 'ADDRESS_KEY', 'EGRESS_ALLOW_ORIGINS'],
])
/** Passed on to the Worker as they are when set; it checks them itself. */
const PASSED_ON = workerVariables().filter((name) => !MADE.has(name))

/** All that change what `npm start` does. */
export const VARIABLES: readonly string[] = [...Object.keys(Environment.shape), ...PASSED_ON]

export interface Settings {
  readonly port: number
  readonly directory: string
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null
  /** The CRM type whose demo is started; null: none. */
  readonly demo: string | null
  readonly cronSeconds: number
  readonly egressAllowOrigins: readonly string[]
  /** Null: those that are made and kept in the folder. */
  readonly encryptionKeys: string | null
  readonly addressKey: string | null
  readonly passedOn: Readonly<Record<string, string>>
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

export function parseSettings(env: NodeJS.ProcessEnv): Settings {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(present)
  if (!parsed.success) {
    throw new SettingsError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  }
  const { data } = parsed
  return {
    port: data.PORT,
    directory: resolve(data.DEV_DIR),
    databaseUrl: data.DATABASE_URL ?? null,
    demo: data.DEV_DEMO === '0' ? null : data.DEV_DEMO === '1' ? DEMO_USUAL : data.DEV_DEMO,
    cronSeconds: data.DEV_CRON_SECONDS,
    egressAllowOrigins: data.EGRESS_ALLOW_ORIGINS.split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
    encryptionKeys: data.ENCRYPTION_KEYS ?? null,
    addressKey: data.ADDRESS_KEY ?? null,
    passedOn: Object.fromEntries(PASSED_ON.flatMap((name) => (present[name] ? [[name, present[name]]] : []))),
  }
}
