// The document's own texts: each has one, and each example is what the routes take and give.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ROUTES } from '#api/routes.ts'
import { Event } from '#events/event.ts'
import { DOCUMENT, flawOf } from '#test/documented.ts'

interface Part {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Part>>
  readonly [keyword: string]: unknown
}

/** Where properties have no description. */
function bareIn(part: unknown, place: string): string[] {
  if (typeof part !== 'object' || part === null) return []
  const { properties = {}, ...others } = part as Part
  return [
    ...Object.entries(properties).flatMap(([name, property]) => [
      ...(property.description ? [] : [`${place}.${name}`]),
      ...bareIn(property, `${place}.${name}`),
    ]),
    ...Object.values(others).flatMap((inner) => bareIn(inner, place)),
  ]
}

const OPERATIONS = ROUTES.map(({ method, path, operationId }) => ({
  operationId,
  operation: DOCUMENT.paths[path][method],
}))

describe('the document', () => {
  it('describes every schema and every property', () => {
    const schemas = Object.entries<Part>(DOCUMENT.components.schemas)
    expect(schemas.filter(([, { description }]) => !description).map(([name]) => name)).toEqual([])
    expect(schemas.flatMap(([name, schema]) => bareIn(schema, name))).toEqual([])
    expect(bareIn({ properties: { a: { items: { properties: { b: {} } } } } }, 'X')).toEqual(['X.a', 'X.a.b'])
  })

  it.each(OPERATIONS)('describes $operationId with its parameters', ({ operation }) => {
    expect(operation.description, 'description').toBeTruthy()
    const own = operation.parameters.filter((parameter: object) => !('$ref' in parameter))
    for (const { name, description } of own) expect(description, name).toBeTruthy()
  })

  it('has no bound that nobody meant, and no pattern beside a format', () => {
    const text = JSON.stringify(DOCUMENT)
    expect(text).not.toMatch(/9007199254740991/)
    expect(text).not.toMatch(/"format":"[^"]+","pattern"/)
    expect(text).not.toMatch(/"pattern":"[^"]*","format"/)
  })
})

describe('the examples', () => {
  const schemas = new Map<string, z.ZodType>([['Event', Event]])
  for (const { body, answers } of ROUTES) {
    for (const schema of [body, ...Object.values(answers).map(({ schema }) => schema)]) {
      if (schema) schemas.set(z.globalRegistry.get(schema)?.id ?? '', schema)
    }
  }
  const examples = Object.entries<{ value: unknown }>(DOCUMENT.components.examples)

  it('are there for each body', () => {
    expect(examples.map(([name]) => name).toSorted()).toEqual([...schemas.keys()].toSorted())
  })

  it.each(examples)('%s is parsed by the schema of its routes, and fits the document', (name, { value }) => {
    expect(schemas.get(name)?.safeParse(value)).toMatchObject({ success: true })
    expect(flawOf({ $ref: `#/components/schemas/${name}` }, value)).toBeNull()
  })

  it('of bodies that are text are there, too', () => {
    const texts = OPERATIONS.flatMap(({ operationId, operation }) => {
      const contents = [operation.requestBody, ...Object.values<Part>(operation.responses)].map((part) => part?.content)
      return contents.flatMap((content) =>
        Object.entries<Part>(content ?? {})
          .filter(([type]) => type.startsWith('text/') || type.endsWith('ndjson'))
          .map(([type, media]) => ({ operationId, type, example: media['example'] })),
      )
    })
    expect(texts.length).toBeGreaterThan(5)
    expect(texts.filter(({ example }) => typeof example !== 'string')).toEqual([])
  })
})
