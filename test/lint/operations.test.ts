// What wakes an operator must be explained where the operator looks.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CRM_ERROR_KINDS } from '#lib/crm-error.ts'
import { ALARMS } from '#health/alarms.ts'

const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')

it.each(Object.keys(ALARMS))('docs/operations.md has a paragraph on the alarm %s', (code) => {
  expect(text).toContain(`### ${code}\n`)
})

it.each(CRM_ERROR_KINDS)('docs/operations.md says what becomes of a run that failed with %s', (kind) => {
  expect(text).toMatch(new RegExp(`^\\| \`${kind}\` `, 'm'))
})
