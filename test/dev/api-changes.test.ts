import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { additions, breakingChanges } from '#dev/api-changes.ts'
import { openApiDocument } from '#dev/openapi.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const released = JSON.parse(readFileSync(join(DOCS, 'openapi-released.json'), 'utf8'))

describe('the API since its last release', () => {
  it('breaks no caller', async () => {
    expect(breakingChanges(released, await openApiDocument())).toEqual([])
  })

  it('has no addition that docs/api-changes.md does not name under “Unreleased”', async () => {
    const text = readFileSync(join(DOCS, 'api-changes.md'), 'utf8')
    const unreleased = text.split(/^## /m).find((section) => section.startsWith('Unreleased')) ?? ''
    const added = additions(released, await openApiDocument())
    expect(added.filter((name) => !unreleased.includes(`\`${name}\``))).toEqual([])
  })
})

const sale = {
  type: 'object',
  properties: { id: { type: 'string' }, sum: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
  required: ['id', 'sum'],
}
const input = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 20 }, kind: { type: 'string', enum: ['a', 'b'] } },
  required: ['name'],
  additionalProperties: false,
}

/** A document of one operation. */
function documentOf(change: (parts: ReturnType<typeof partsOf>) => void = () => undefined) {
  const parts = partsOf()
  change(parts)
  return { paths: { '/sales': { post: parts.operation } }, components: { schemas: parts.schemas } }
}

// oxlint-disable-next-line typescript/no-explicit-any -- the cases change a document by path
type Part = Record<string, any>

function partsOf(): { readonly operation: Part; readonly schemas: Part } {
  const reference = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } })
  return structuredClone({
    operation: {
      operationId: 'createSale',
      parameters: [{ in: 'query', name: 'limit', required: false, schema: { type: 'integer', maximum: 200 } }],
      requestBody: { required: true, content: reference('Input') },
      responses: { 201: { headers: { ETag: {} }, content: reference('Sale') }, 404: { content: {} } },
    },
    schemas: { Input: input, Sale: sale },
  })
}

type Parts = ReturnType<typeof partsOf>

describe('a change', () => {
  it.each<[string, (parts: Parts) => void, string]>([
    [
      'another name',
      ({ operation }) => (operation['operationId'] = 'x'),
      'POST /sales: is no longer called createSale',
    ],
    ['no parameter', ({ operation }) => (operation['parameters'] = []), 'POST /sales: no longer takes query limit'],
    [
      'a parameter that is needed',
      ({ operation }) => operation['parameters'].push({ in: 'query', name: 'x', required: true, schema: {} }),
      'POST /sales: needs query x',
    ],
    [
      'a narrower parameter',
      ({ operation }) => (operation['parameters'][0].schema.maximum = 100),
      'POST /sales query limit: maximum is narrower',
    ],
    [
      'a member that is needed',
      ({ schemas }) => schemas['Input'].required.push('kind'),
      'POST /sales body.kind: is not always there',
    ],
    [
      'a member that is refused',
      ({ schemas }) => delete schemas['Input'].properties.kind,
      'POST /sales body.kind: is no longer taken',
    ],
    [
      'a shorter text',
      ({ schemas }) => (schemas['Input'].properties.name.maxLength = 9),
      'POST /sales body.name: maxLength is narrower',
    ],
    [
      'a word less',
      ({ schemas }) => schemas['Input'].properties.kind.enum.pop(),
      'POST /sales body.kind: no longer takes b',
    ],
    ['a member gone', ({ schemas }) => delete schemas['Sale'].properties.id, 'POST /sales 201.id: is missing'],
    [
      'a member not always there',
      ({ schemas }) => schemas['Sale'].required.pop(),
      'POST /sales 201.sum: is not always there',
    ],
    [
      'another type',
      ({ schemas }) => (schemas['Sale'].properties.id = { type: 'integer' }),
      'POST /sales 201.id: integer is not string',
    ],
    [
      'null where there was none',
      ({ schemas }) => (schemas['Sale'].properties.id = { anyOf: [{ type: 'string' }, { type: 'null' }] }),
      'POST /sales 201.id: null is not string',
    ],
    ['no answer', ({ operation }) => delete operation['responses'][201], 'POST /sales 201: is gone'],
    ['no header', ({ operation }) => (operation['responses'][201].headers = {}), 'POST /sales 201: has no header ETag'],
  ])('that breaks is found: %s', (_, change, found) => {
    expect(breakingChanges(documentOf(), documentOf(change))).toContain(found)
  })

  it('that breaks is found: no operation', () => {
    expect(breakingChanges(documentOf(), { paths: {} })).toEqual(['POST /sales: is gone'])
  })

  it('that only adds breaks nobody, and is named', () => {
    const grown = documentOf(({ operation, schemas }) => {
      operation['parameters'].push({ in: 'query', name: 'q', required: false, schema: { type: 'string' } })
      operation['responses'][409] = { content: {} }
      schemas['Input'].properties.kind.enum.push('c')
      schemas['Input'].properties.note = { type: 'string' }
      schemas['Sale'].properties.status = { type: 'string', enum: ['paid'] }
      schemas['Sale'].required.push('status')
    })
    expect(breakingChanges(documentOf(), grown)).toEqual([])
    expect(additions(documentOf(), grown)).toEqual(['createSale q', 'Input.note', 'Sale.status'])
    expect(additions({ paths: {} }, documentOf())).toEqual(['createSale'])
  })
})
