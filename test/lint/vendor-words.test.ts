// What all connectors share must not know a vendor: a word of one stays in the folder of its connector.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CRM_TYPES } from '#lib/crm-types.ts'

const SRC = join(import.meta.dirname, '../../src')
/** The list of types, the registry, and the variables of the environment, which are named by the vendor. */
const ALLOWED = new Set([
  'lib/crm-types.ts',
  'crm/registry.ts',
  'config.ts',
  'config-apps.ts',
  'config-marketplaces.ts',
])
/** CSV is a format before it is a type; `1c` alone is in every other hash. */
const TYPES = CRM_TYPES.filter((type) => type !== 'csv').map((type) => (type === '1c' ? `['"]1c['"]` : type))
const WORDS = new RegExp([...TYPES, 'syrve', 'amo_?crm', 'kommo', 'odata', 'server_?password'].join('|'), 'i')

const shared = globSync('**/*.ts', { cwd: SRC }).filter(
  (path) => !ALLOWED.has(path) && !CRM_TYPES.some((type) => path.startsWith(`crm/${type}/`)),
)

it('keeps the words of vendors out of the folders that connectors share', () => {
  expect(shared.length).toBeGreaterThan(100)
  expect(shared.filter((path) => WORDS.test(readFileSync(join(SRC, path), 'utf8')))).toEqual([])
})
