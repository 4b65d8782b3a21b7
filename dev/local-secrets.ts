// Keys of one local environment, made once and kept in its folder: what the first start sealed, the next one opens.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { writeWhole } from '#dev/write-whole.ts'

const LocalSecrets = z.object({ jwtSecret: z.string(), encryptionKeys: z.string(), addressKey: z.string() })
export type LocalSecrets = z.infer<typeof LocalSecrets>

export const LOCAL_ISSUER = 'https://auth.crm-integrations.localhost'
export const LOCAL_AUDIENCE = 'crm-integrations'

/** Null also where a former version of the project left no such key: `ensureSecrets` adds it. */
export function readSecrets(directory: string): LocalSecrets | null {
  return LocalSecrets.safeParse(readFile(directory)).data ?? null
}

export function ensureSecrets(directory: string): LocalSecrets {
  const known = readSecrets(directory)
  if (known) return known
  const made = LocalSecrets.parse({
    jwtSecret: randomBytes(32).toString('base64url'),
    encryptionKeys: `local:${randomBytes(32).toString('base64')}`,
    addressKey: randomBytes(32).toString('base64'),
    ...LocalSecrets.partial().parse(readFile(directory)),
  })
  mkdirSync(directory, { recursive: true })
  writeWhole(join(directory, 'secrets.json'), `${JSON.stringify(made, null, 2)}\n`)
  return made
}

function readFile(directory: string): unknown {
  const file = join(directory, 'secrets.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}
