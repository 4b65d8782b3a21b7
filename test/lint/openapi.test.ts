// The API's document by the rules that others hold such documents to: the recommended ones of Redocly and of Spectral.
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type RulesetDefinition, Spectral } from '@stoplight/spectral-core'
import { oas } from '@stoplight/spectral-rulesets'
import { beforeAll, expect, it } from 'vitest'
import { openApiDocument } from '#dev/openapi.ts'

/** What Redocly finds and is meant so. */
const MEANT = new Map([
  ['no-ambiguous-paths #/paths/~1v1~1integrations~1{id}~1imports~1uploads~1{uploadId}', 'no id is called errors.csv'],
  ['operation-4xx-response #/paths/~1healthz/get/responses', 'it reads nothing of the request'],
  ['operation-4xx-response #/paths/~1readyz/get/responses', 'it reads nothing of the request'],
  ['operation-2xx-response #/paths/~1v1~1marketplace~1altegio~1install/get/responses', 'it sends a browser on'],
  ['operation-2xx-response #/paths/~1v1~1marketplace~1yclients~1install/get/responses', 'it sends a browser on'],
  ['operation-4xx-response #/paths/~1v1~1marketplace~1arrived/get/responses', 'it reads nothing of the request'],
  ['operation-4xx-response #/paths/~1v1~1oauth~1amo_crm~1given/get/responses', 'it reads nothing of the request'],
])

const EMPTY = { openapi: '3.1.0', paths: {} }

let document: Record<string, unknown>

beforeAll(async () => {
  document = { ...(await openApiDocument()) }
})

async function redocly(checked: unknown): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const source = JSON.stringify(checked)
  const found = await lintFromString({ source, absoluteRef: '/openapi.json', config })
  return found.map(({ ruleId, location: [place] }) => `${ruleId} ${place?.pointer ?? ''}`)
}

/** Without its rules for examples: they take six seconds, and test/api/examples.test.ts does the same. */
async function spectral(checked: Record<string, unknown>): Promise<string[]> {
  const spectral = new Spectral()
  const rules = { 'oas3-valid-media-example': 'off', 'oas3-valid-schema-example': 'off' } as const
  // Their types do not know `exactOptionalPropertyTypes`.
  spectral.setRuleset({ extends: [[oas as unknown as RulesetDefinition, 'recommended']], rules })
  const found = await spectral.run(checked)
  return found.map(({ code, path }) => `${code} ${path.join('/')}`)
}

it('follows Redocly’s recommended rules', async () => {
  expect((await redocly(document)).toSorted()).toEqual([...MEANT.keys()].toSorted())
  expect(await redocly({ ...EMPTY, info: { title: 'no version' } })).toContain('struct #/info')
})

it('follows Spectral’s recommended rules', async () => {
  expect(await spectral(document)).toEqual([])
  expect(await spectral({ ...EMPTY, info: { title: 'no version' } })).toContain('oas3-schema info')
})
