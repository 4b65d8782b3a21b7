// Arbitraries for fuzzing: values that a JSON Schema describes, with junk in any place of them.
import fc from 'fast-check'
import * as z from 'zod'
import { CONNECTORS } from '#crm/registry.ts'
import { junk, junkText, ODD_TIMES } from '#test/junk.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Known {
  /** Ids of what there is. */
  readonly ids: readonly string[]
}

const Schema = z.record(z.string(), z.unknown())
const Reference = z.object({ $ref: z.string() })

const settings = CONNECTORS.map((connector) => ({ type: connector.type, schema: schemaOf(connector.settings) }))

/** With its named parts in place. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const inlined = JSON.stringify({ $defs, root }, (_key, part: unknown) => {
    const name = Reference.safeParse(part).data?.$ref.split('/').at(-1)
    return name === undefined ? part : $defs[name]
  })
  return z.object({ root: Schema }).parse(JSON.parse(inlined)).root
}

/** What the schema describes, spoiled. */
export function valueOf(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  return spoiled(fittingOf('', schema, known))
}

/** In half of them, junk takes the place of one part. */
export function spoiled(fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const withJunk = fc.tuple(fitting, fc.nat(), junk).map(([value, at, part]) => replace(value, at, part))
  const withKey = fc.tuple(fitting, fc.dictionary(junkText, junk, { minKeys: 1, maxKeys: 1 })).map(merge)
  return fc.oneof(
    { weight: 6, arbitrary: fitting },
    { weight: 5, arbitrary: withJunk },
    { weight: 1, arbitrary: withKey },
  )
}

/** Junk in one of the places of a value; which one, `at` decides. */
function replace(value: unknown, at: number, part: unknown): unknown {
  if (typeof value !== 'object' || value === null) return part
  const entries = Object.entries(value)
  const index = at % (entries.length + 1)
  const [name, old] = entries[index] ?? []
  if (name === undefined) return at % 7 === 0 ? part : value
  const member = replace(old, Math.floor(at / (entries.length + 1)), part)
  return Array.isArray(value) ? value.with(index, member) : { ...value, [name]: member }
}

function merge([value, more]: readonly [unknown, object]): unknown {
  return typeof value === 'object' && !Array.isArray(value) ? { ...value, ...more } : value
}

function fittingOf(name: string, schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom<unknown>(...schema['enum'])
  const options = z.array(Schema).safeParse(schema['anyOf'] ?? schema['oneOf'])
  if (options.success) return fc.oneof(...options.data.map((option) => fittingOf(name, option, known)))
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, known)
    case 'array':
      return fc.array(fittingOf(name, Schema.parse(schema['items'] ?? {}), known), { minLength: 1, maxLength: 3 })
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(Number(schema['minimum'] ?? 0), 0),
        max: Math.min(Number(schema['maximum'] ?? 9), 99),
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return textOf(name, schema, known)
    default:
      return junk
  }
}

/** Texts that a schema does not describe well enough. */
const TEXTS: Readonly<Record<string, string>> = {
  timezone: 'Europe/Moscow',
  currency: 'RUB',
  customerPhone: '+79000000001',
  entitySet: 'Document_ЧекККМ',
  url: 'http://127.0.0.1:9/iiko',
  apiUrl: 'http://127.0.0.1:9/yclients',
  returnUrl: 'https://app.example.com/settings',
  delimiter: ';',
  encoding: 'utf-8',
}

function textOf(name: string, { format, examples }: JsonSchema, { ids }: Known): fc.Arbitrary<unknown> {
  if (format === 'uuid' || format === 'guid') return fc.constantFrom(...ids)
  if (format === 'date-time') {
    const span = { min: new Date('2025-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }
    const usual = fc.date(span).map((date) => date.toISOString())
    return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...ODD_TIMES) })
  }
  const text = TEXTS[name]
  if (text !== undefined) return fc.constant(text)
  return fc.constantFrom<unknown>('1', 'aB1', ...(Array.isArray(examples) ? examples : []))
}

function objectOf(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const properties = z.record(z.string(), Schema).parse(schema['properties'] ?? {})
  const members = Object.entries(properties).map(([name, member]) => [name, fittingOf(name, member, known)] as const)
  if (members.length > 0) {
    const requiredKeys = z.array(z.string()).parse(schema['required'] ?? [])
    return fc.record(Object.fromEntries(members), { requiredKeys })
  }
  const more = Schema.safeParse(schema['additionalProperties'])
  if (!more.success) return fc.constant({})
  // Only additionalConfig may hold anything, and a connector knows what.
  if (Object.keys(more.data).length === 0) return fc.oneof(...settings.map((one) => fittingOf('', one.schema, known)))
  return fc.dictionary(fc.constantFrom('1', '2'), fittingOf('timezone', more.data, known))
}

/** A body that connects one of the CRMs, with its own settings. */
export function connectionOf(create: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const bodies = settings.map(({ type, schema }) =>
    fc
      .tuple(fittingOf('', create, known), fittingOf('', schema, known))
      .map(([body, additionalConfig]) => merge([body, { crmType: type, additionalConfig }])),
  )
  return spoiled(fc.oneof(...bodies))
}

/** The parameters of a schema; now and then unknown, repeated and wrongly encoded ones. */
export function queryOf(schema: JsonSchema, known: Known): fc.Arbitrary<string> {
  const usual = valueOf(schema, known).map((value) =>
    Object.entries(value ?? {})
      .filter(([name]) => name !== 'cursor')
      .map(([name, one]) => `${encode(name)}=${encode(one)}`)
      .join('&'),
  )
  const odd = [
    '&limit=1&limit=2',
    '&%=%',
    '&a=%00',
    '&%00=',
    '&__proto__=1',
    '&limit=%ED%A0%80',
    `&cursor=${'A'.repeat(3000)}`,
  ]
  const cursors = fc.oneof(
    fc.tuple(fc.constantFrom(...ODD_TIMES, '2026-01-01T00:00:00Z'), fc.constantFrom(...known.ids)),
    fc.array(fc.oneof(fc.constantFrom(...ODD_TIMES, ...known.ids), junk), { maxLength: 3 }),
  )
  const more = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
    { weight: 2, arbitrary: cursors.map((key) => `&cursor=${cursorOf(key)}`) },
  )
  return fc.tuple(usual, more).map((parts) => parts.join(''))
}

/** Times in the form that lists give them. */
function cursorOf(key: readonly unknown[]): string {
  const parts = key.map((part) => (typeof part === 'string' ? part.replace('T', ' ').replace('Z', '+00') : part))
  return new TextEncoder().encode(JSON.stringify(parts)).toBase64({ alphabet: 'base64url' })
}

function encode(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return encodeURIComponent(text.toWellFormed())
}
